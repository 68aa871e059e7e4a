#include <ATen/autocast_mode.h>

#include <core/train/autocast_torch.h>

namespace lathe::train {

Autocast::Autocast(steps::Precision precision, c10::DeviceType device) : m_device(device), m_isOn(precision != steps::Precision::Float32) {
    if (!m_isOn) return;
    m_wasOn = at::autocast::is_autocast_enabled(device);
    m_typeBefore = at::autocast::get_autocast_dtype(device);
    at::autocast::set_autocast_dtype(device, at::kBFloat16);
    at::autocast::set_autocast_enabled(device, true);
    at::autocast::increment_nesting();
}

Autocast::~Autocast() {
    if (!m_isOn) return;
    // Converted weights are kept meanwhile; with the next step they are others.
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(m_device, m_wasOn);
    at::autocast::set_autocast_dtype(m_device, m_typeBefore);
}

at::Tensor inFloat(const at::Tensor& result) { return result.scalar_type() == at::kBFloat16 ? result.to(at::kFloat) : result; }

} // namespace lathe::train

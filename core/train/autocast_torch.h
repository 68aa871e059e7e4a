#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <core/train/finetune.h>

namespace lathe::train {

/// While it lives, operators that this thread calls compute with that precision, each of the type that torch.autocast chooses for it (mixed
/// precision: Micikevicius et al. 2018, arXiv:1710.03740; bfloat16 needs no scaling of the loss): weights stay float32 and get their
/// gradients through the conversion. Float32: nothing changes. What is differentiated afterwards has the types that it was computed with.
class Autocast {
public:
    Autocast(steps::Precision precision, c10::DeviceType device);
    ~Autocast();
    Autocast(const Autocast&) = delete;
    Autocast& operator=(const Autocast&) = delete;

private:
    c10::DeviceType m_device;
    bool m_isOn, m_wasOn = false;
    c10::ScalarType m_typeBefore = c10::ScalarType::Float;
};

/// Results of half the width as float32, for losses; others as they are.
[[nodiscard]] at::Tensor inFloat(const at::Tensor& result);

} // namespace lathe::train

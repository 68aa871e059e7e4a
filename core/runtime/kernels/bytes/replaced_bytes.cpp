#include <core/runtime/kernels/bytes/replaced_bytes_torch.h>

#include <algorithm>

#include <ATen/quantized/QTensorImpl.h>

#include <core/runtime/plan_memory_torch.h>

namespace lathe::runtime {

bool isLastReader(const Execution& execution, graph::ValueId value) {
    const Step* step = execution.current();
    return step != nullptr && std::ranges::find(step->release, value) != step->release.end();
}

at::Tensor replacedBytes(const at::Tensor& tensor, const ActivationGrid& grid, const at::QuantizerPtr& quantizer, at::MemoryFormat format) {
    const bool isItsAlone = isUnshared(tensor) && tensor.is_contiguous(format);
    if (!isItsAlone) return emptyBytes(tensor.sizes(), grid, format);
    at::get_qtensorimpl(tensor)->set_quantizer_(quantizer);
    return tensor;
}

at::QuantizerPtr quantizerOf(const ActivationGrid& grid) {
    return at::make_per_tensor_affine_quantizer(grid.scale, grid.zeroPoint, at::kQUInt8);
}

} // namespace lathe::runtime

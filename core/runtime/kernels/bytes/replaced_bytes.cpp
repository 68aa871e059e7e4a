#include <core/runtime/kernels/bytes/replaced_bytes_torch.h>

#include <algorithm>

#include <ATen/quantized/QTensorImpl.h>
#include <ATen/quantized/Quantizer.h>

#include <core/runtime/kernels/bytes/quantize_bytes_torch.h>

namespace lathe::runtime {

bool isLastReader(const Execution& execution, graph::ValueId value) {
    const Step* step = execution.current();
    return step != nullptr && std::ranges::find(step->release, value) != step->release.end();
}

at::Tensor replacedBytes(const at::Tensor& tensor, const ActivationGrid& grid, at::MemoryFormat format) {
    const bool isItsAlone = tensor.use_count() == 1 && tensor.storage().use_count() == 1 && tensor.is_contiguous(format);
    if (!isItsAlone) return emptyBytes(tensor.sizes(), grid, format);
    at::get_qtensorimpl(tensor)->set_quantizer_(at::make_per_tensor_affine_quantizer(grid.scale, grid.zeroPoint, at::kQUInt8));
    return tensor;
}

} // namespace lathe::runtime

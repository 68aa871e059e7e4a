#include <core/runtime/kernels/onednn/onednn_kernel_torch.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include <ATen/ExpandUtils.h>
#include <ATen/Parallel.h>

#include <core/runtime/kernels/bytes/replaced_bytes_torch.h>
#include <core/runtime/plan_memory_torch.h>

namespace lathe::runtime {

PackedLayerForm packedForm(bool isConvolution, const ConvolutionGeometry& geometry, const at::Tensor& weight) {
    PackedLayerForm form;
    form.isConvolution = isConvolution;
    form.stride = geometry.stride;
    form.padding = geometry.padding;
    form.dilation = geometry.dilation;
    form.groups = geometry.groups;
    form.weightSizes = weight.sizes().vec();
    return form;
}

int threadsFor(std::int64_t macs, bool isInt8, bool isDepthwise) {
    // Of one core with AVX-512, roughly; depthwise layers wait for memory.
    const std::int64_t macsPerMicrosecond = isDepthwise ? 45'000 : isInt8 ? 480'000 : 120'000;
    constexpr std::int64_t worthwhileMicroseconds = 10;
    return macs < worthwhileMicroseconds * macsPerMicrosecond ? 1 : at::get_num_threads();
}

at::Tensor spread(const at::Tensor& addend, at::IntArrayRef sizes) {
    TORCH_CHECK(at::is_expandable_to(addend.sizes(), sizes), "the two results that are added have other sizes than expected");
    return addend.sizes() == sizes ? addend : addend.expand(sizes);
}

at::Tensor memoryWithAddend(Execution& execution, graph::ValueId addend, at::IntArrayRef sizes, at::MemoryFormat format) {
    c10::IValue& slot = execution.slot(addend);
    const at::Tensor& added = slot.toTensor();
    if (added.sizes() != sizes) return spread(added, sizes).clone(format);
    if (isLastReader(execution, addend) && isUnshared(added) && added.is_contiguous(format)) return std::move(slot).toTensor();
    const at::Tensor copy = added.contiguous(format);
    return copy.is_same(added) ? added.clone(format) : copy;
}

} // namespace lathe::runtime

#include <core/runtime/kernels/onednn/onednn_kernel_torch.h>

#include <algorithm>

namespace lathe::runtime {

bool offersOnednn(const KernelContext& context) {
    const bool isAllowed = context.choices != nullptr || context.options.library == "onednn";
    return isAllowed && context.device.is_cpu() && !context.options.training;
}

at::Tensor memoryWithAddend(Execution& execution, graph::ValueId addend, at::MemoryFormat format) {
    c10::IValue& slot = execution.slot(addend);
    const at::Tensor& added = slot.toTensor();
    const Step* step = execution.current();
    const bool isLastReader = step != nullptr && std::ranges::find(step->release, addend) != step->release.end();
    if (isLastReader && added.use_count() == 1 && added.storage().use_count() == 1 && added.is_contiguous(format))
        return std::move(slot).toTensor();
    const at::Tensor copy = added.contiguous(format);
    return copy.is_same(added) ? added.clone(format) : copy;
}

} // namespace lathe::runtime

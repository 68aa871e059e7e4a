#include <core/runtime/kernels/aten/lookup.h>

#include <algorithm>

#include <ATen/ops/empty.h>
#include <ATen/ops/gather.h>

#include <core/graph/operators/lookup.h>
#include <core/quantization/shared_weight.h>
#include <core/runtime/kernels/kernel_context_torch.h>

namespace lathe::runtime {

namespace {

Made makeLookup(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const auto shared = quantization::sharedWeightOf(context.lowered.graph, node);
    if (!shared) return base::failure(base::ErrorCode::Rejected, node.name + ": its indices, codebooks and shape do not fit each other.");
    const std::int64_t groups = shared->codebooks.shape()[0], count = std::ssize(shared->indices);
    const at::Tensor indices = at::empty({groups, count / groups}, at::kLong);
    std::ranges::copy(shared->indices, indices.mutable_data_ptr<std::int64_t>());
    info.kernel = "ATen gather";
    return makeInstruction([indices = indices.to(context.device), shape = shared->shape, codebooks = *graph::Lookup(node).codebooks(),
                            result = node.results.front()](Execution& execution) {
        execution.slot(result) = at::gather(execution.tensor(codebooks), 1, indices).view(shape);
    });
}

} // namespace

KernelDefinition lookup() {
    return {.id = "aten.lookup", .words = "ATen gather", .ops = {graph::op::lookup}, .accepts = acceptsAll, .make = makeLookup};
}

} // namespace lathe::runtime

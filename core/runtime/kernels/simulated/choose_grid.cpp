#include <core/runtime/kernels/simulated/choose_grid.h>

#include <ATen/ops/full.h>

#include <core/graph/operators/names.h>
#include <core/graph/operators/quantization.h>
#include <core/quantization/qdq.h>
#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/kernels/simulated/qdq_torch.h>
#include <core/runtime/kernels/simulated/simulated_torch.h>

namespace lathe::runtime {

namespace {

Made makeForTensor(const KernelContext&, const graph::Node& node, InstructionInfo& info) {
    const graph::QdqCall call(node);
    const auto range = quantization::rangeOf(node);
    const auto epsilon = call.epsilon();
    if (!range || !epsilon || !call.input().isValue() || node.results.size() != 2) return malformed(node);
    markSimulated(info);
    const quantization::Scheme scheme =
        node.op == graph::op::chooseQparamsSymmetric ? quantization::Scheme::Symmetric : quantization::Scheme::Affine;
    return makeInstruction([input = call.input().value(), scaleResult = node.results[0], zeroResult = node.results[1], range = *range,
                            epsilon = *epsilon, scheme](Execution& execution) {
        const auto [scale, zeroPoint] = chooseParameters(execution.tensor(input), range, epsilon, scheme);
        execution.slot(scaleResult) = at::full({1}, scale, at::TensorOptions(at::kDouble).device(execution.tensor(input).device()));
        execution.slot(zeroResult) = at::full({1}, zeroPoint, at::TensorOptions(at::kLong).device(execution.tensor(input).device()));
    });
}

Made makeForTokens(const KernelContext&, const graph::Node& node, InstructionInfo& info) {
    const graph::QdqCall call(node);
    const bool isInt8 = call.isComplete() && call.dtype() == tensor::DType::Int8;
    if (!isInt8 || !call.input().isValue() || node.results.size() != 2) return malformed(node);
    markSimulated(info);
    return makeInstruction(
        [input = call.input().value(), scaleResult = node.results[0], zeroResult = node.results[1]](Execution& execution) {
            auto [scales, zeroPoints] = chooseParametersPerToken(execution.tensor(input));
            execution.slot(scaleResult) = std::move(scales);
            execution.slot(zeroResult) = std::move(zeroPoints);
        });
}

Made makeChoose(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    return node.op == graph::op::chooseQparamsPerToken ? makeForTokens(context, node, info) : makeForTensor(context, node, info);
}

} // namespace

KernelDefinition chooseGrid() {
    return {.id = "lathe.simulated.choose",
            .words = "choice of a grid in float",
            .ops = {graph::op::chooseQparams, graph::op::chooseQparamsSymmetric, graph::op::chooseQparamsPerToken},
            .accepts = acceptsAll,
            .make = makeChoose};
}

} // namespace lathe::runtime

#include <core/runtime/kernels/simulated/dynamic_qdq.h>

#include <core/graph/operators/names.h>
#include <core/graph/operators/quantization.h>
#include <core/quantization/qdq.h>
#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/kernels/simulated/qdq_torch.h>
#include <core/runtime/kernels/simulated/simulated_torch.h>

namespace lathe::runtime {

namespace {

Made makeDynamic(const KernelContext&, const graph::Node& node, InstructionInfo& info) {
    const graph::QdqCall call(node);
    const auto range = quantization::rangeOf(node);
    if (!range || !call.input().isValue() || !call.scale().isValue() || !call.zeroPoint().isValue()) return malformed(node);
    markSimulated(info);
    const bool isPerToken = node.op == graph::op::quantizePerToken || node.op == graph::op::dequantizePerToken;
    return makeInstruction([input = call.input().value(), scales = call.scale().value(), zeroPoints = call.zeroPoint().value(),
                            result = node.results.front(), range = *range, quantizes = graph::isQuantize(node.op),
                            isPerToken](Execution& execution) {
        const at::Tensor& tensor = execution.tensor(input);
        if (isPerToken) {
            const at::Tensor &scale = execution.tensor(scales), &zeroPoint = execution.tensor(zeroPoints);
            execution.slot(result) =
                quantizes ? quantizePerToken(tensor, scale, zeroPoint, range) : dequantizePerToken(tensor, scale, zeroPoint);
            return;
        }
        const double scale = execution.tensor(scales).item<double>();
        const std::int64_t zeroPoint = execution.tensor(zeroPoints).item<std::int64_t>();
        execution.slot(result) = quantizes ? quantize(tensor, scale, zeroPoint, range) : dequantize(tensor, scale, zeroPoint);
    });
}

} // namespace

KernelDefinition dynamicQdq() {
    return {.id = "lathe.simulated.dynamic",
            .words = "quantization in float, on grids chosen while running",
            .ops = {graph::op::quantizePerTensorDynamic, graph::op::dequantizePerTensorDynamic, graph::op::quantizePerToken,
                    graph::op::dequantizePerToken},
            .accepts = acceptsAll,
            .make = makeDynamic};
}

} // namespace lathe::runtime

#include <core/runtime/kernels/simulated/static_qdq.h>

#include <core/graph/operators/names.h>
#include <core/graph/operators/quantization.h>
#include <core/quantization/qdq.h>
#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/kernels/simulated/qdq_torch.h>
#include <core/runtime/kernels/simulated/simulated_torch.h>

namespace lathe::runtime {

namespace {

Made makePerTensor(const KernelContext&, const graph::Node& node, InstructionInfo& info) {
    const graph::QdqCall call(node);
    const auto range = quantization::rangeOf(node);
    const auto input = call.value("input");
    const auto scale = call.scale().literal<double>();
    const auto zeroPoint = call.zeroPoint().literal<std::int64_t>();
    if (!range || !input || !scale || !zeroPoint || !(*scale > 0)) return malformed(node);
    markSimulated(info);
    return makeInstruction([input = *input, result = node.results.front(), scale = *scale, zeroPoint = *zeroPoint, range = *range,
                            quantizes = graph::isQuantize(node.op)](Execution& execution) {
        const at::Tensor& tensor = execution.tensor(input);
        execution.slot(result) = quantizes ? quantize(tensor, scale, zeroPoint, range) : dequantize(tensor, scale, zeroPoint);
    });
}

Made makePerChannel(const KernelContext&, const graph::Node& node, InstructionInfo& info) {
    const graph::QdqCall call(node);
    const auto range = quantization::rangeOf(node);
    const auto axis = call.axis();
    if (!range || !axis || !call.input().isValue() || !call.scale().isValue() || !call.zeroPoint().isValue()) return malformed(node);
    markSimulated(info);
    return makeInstruction([input = call.input().value(), scales = call.scale().value(), zeroPoints = call.zeroPoint().value(),
                            result = node.results.front(), axis = *axis, range = *range,
                            quantizes = graph::isQuantize(node.op)](Execution& execution) {
        const at::Tensor& tensor = execution.tensor(input);
        const at::Tensor& scale = execution.tensor(scales);
        const at::Tensor& zeroPoint = execution.tensor(zeroPoints);
        execution.slot(result) =
            quantizes ? quantizePerChannel(tensor, scale, zeroPoint, axis, range) : dequantizePerChannel(tensor, scale, zeroPoint, axis);
    });
}

Made makeStatic(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const bool isPerChannel = node.op == graph::op::quantizePerChannel || node.op == graph::op::dequantizePerChannel;
    return isPerChannel ? makePerChannel(context, node, info) : makePerTensor(context, node, info);
}

} // namespace

KernelDefinition staticQdq() {
    return {.id = "lathe.simulated.static",
            .words = "quantization in float",
            .ops = {graph::op::quantizePerTensor, graph::op::dequantizePerTensor, graph::op::quantizePerChannel,
                    graph::op::dequantizePerChannel},
            .accepts = acceptsAll,
            .make = makeStatic};
}

} // namespace lathe::runtime

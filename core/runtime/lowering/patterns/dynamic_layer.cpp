#include <core/runtime/lowering/patterns/dynamic_layer.h>

#include <core/graph/operators/call.h>
#include <core/quantization/qdq.h>
#include <core/runtime/lowering/lowering_context.h>
#include <core/runtime/lowering/patterns/int8_layer.h>

namespace lathe::runtime {

namespace {

/// What a layer's kernel quantizes itself, over the range of each input.
std::optional<quantization::Qdq> readDynamic(const LoweringContext& context, graph::ValueId input) {
    auto found = quantization::matchQdq(context.uses(), input);
    if (!found || !found->grid.isDynamic) return std::nullopt;
    const quantization::IntegerRange& range = found->grid.range;
    const bool isByte = range.dtype == tensor::DType::UInt8 || range.dtype == tensor::DType::Int8;
    return isByte && range.steps() <= 255 ? found : std::nullopt;
}

} // namespace

Outcome lowerDynamicLayer(LoweringContext& context, const graph::Node& node) {
    if (!isInt8Candidate(node)) return Outcome::other();
    const auto input = graph::Call(node).value("input");
    const graph::Node* dequantize = weightDequantize(context, node);
    if (!input || !dequantize || context.twin(*input)) return Outcome::other();
    const auto dynamic = readDynamic(context, *input);
    if (!dynamic) return Outcome::other();
    if (graph::isConvolution(node.op) && dynamic->grid.granularity == quantization::Granularity::Token)
        return Outcome::refused(base::Message("kernel.tokensOfImage", {}));
    ReadLayer read = readInt8Layer(context, node);
    if (!read.refusal.empty()) return Outcome::refused(std::move(read.refusal));
    read.layer.input = dynamic->grid;
    graph::Node lowered = node;
    lowered.operands = {dynamic->input};
    emitInt8Layer(
        context, std::move(lowered), std::move(read.layer), node.results[0],
        {node.op, {node.name, dynamic->choose->name, dynamic->quantize->name, dynamic->dequantize->name, dequantize->name}, {}, false, {}});
    return Outcome::taken();
}

} // namespace lathe::runtime

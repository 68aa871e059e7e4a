#include <core/runtime/lowering/patterns/static_linear.h>

#include <core/graph/operators/shape.h>
#include <core/runtime/lowering/lowering_context.h>
#include <core/runtime/lowering/patterns/int8_layer.h>

namespace lathe::runtime {

namespace {

/// flatten(1) in front of a linear layer costs a copy when the bytes are channels-last; the layer's kernel reads them in the right order
/// instead.
graph::ValueId beforeFlatten(const LoweringContext& context, graph::ValueId value, graph::ValueId bytes, Int8Layer& layer,
                             std::vector<std::string>& covers) {
    const graph::Node* flatten = context.uses().producer(value);
    if (!flatten || flatten->op != op::flatten || !graph::Flatten(*flatten).keepsBatch()) return bytes;
    const auto image = graph::mainInput(*flatten);
    const Twin* twin = image ? context.twin(*image) : nullptr;
    if (!twin) return bytes;
    layer.flattens = true;
    covers.push_back(flatten->name);
    context.addProducer(*image, covers);
    return twin->bytes;
}

} // namespace

Outcome lowerStaticLinear(LoweringContext& context, const graph::Node& node) {
    if (!isInt8Candidate(node) || graph::isConvolution(node.op)) return Outcome::other();
    const auto input = graph::Call(node).value("input");
    const Twin* twin = input ? context.twin(*input) : nullptr;
    const graph::Node* dequantize = weightDequantize(context, node);
    if (!twin || !dequantize) return Outcome::other();
    ReadLayer read = readInt8Layer(context, node);
    if (!read.refusal.empty()) return Outcome::refused(std::move(read.refusal));
    read.layer.input = twin->grid;
    std::vector<std::string> covers = context.coversWithInput(node);
    graph::Node lowered = node;
    lowered.operands = {beforeFlatten(context, *input, twin->bytes, read.layer, covers)};
    covers.push_back(dequantize->name);
    emitInt8Layer(context, std::move(lowered), std::move(read.layer), node.results[0], {node.op, std::move(covers), {}, false, {}});
    return Outcome::taken();
}

} // namespace lathe::runtime

#include <core/runtime/lowering/patterns/byte_concatenation.h>

#include <core/graph/operators/call.h>
#include <core/graph/operators/integers.h>
#include <core/runtime/lowering/lowering_context.h>

namespace lathe::runtime {

Outcome lowerByteConcatenation(LoweringContext& context, const graph::Node& node) {
    if (node.op != op::cat) return Outcome::other();
    const graph::Call call(node);
    const auto dim = call.integer("dim");
    const auto* parts = std::get_if<std::vector<graph::Operand>>(&call.operand("tensors").content);
    const auto output = context.gridAhead(node.results[0]);
    if (!dim || parts == nullptr || parts->empty() || !output) return Outcome::other();
    graph::Node lowered = node;
    lowered.op = op::concatenateBytes;
    lowered.operands.clear();
    ByteConcatenation payload{{}, *output, *dim};
    std::vector<std::string> covers = {node.name};
    for (const graph::Operand& part : *parts) {
        const Twin* twin = part.isValue() ? context.twin(part.value()) : nullptr;
        if (!twin) return Outcome::other();
        lowered.operands.emplace_back(twin->bytes);
        payload.inputs.push_back(twin->grid);
        context.addProducer(part.value(), covers);
    }
    lowered.results = {context.addBytes(node.name)};
    const Twin twin{lowered.results[0], *output};
    context.emit(lowered, {node.op, std::move(covers), {}, false, std::move(payload)}, true);
    context.setMaker(twin.bytes, node.name);
    context.addTwin(node.results[0], twin, node.name + ".dequantize");
    return Outcome::taken();
}

} // namespace lathe::runtime

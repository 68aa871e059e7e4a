#include <core/runtime/lowering/patterns/byte_pair.h>

#include <core/graph/operators/arithmetic.h>
#include <core/graph/operators/integers.h>
#include <core/runtime/lowering/lowering_context.h>

namespace lathe::runtime {

Outcome lowerBytePair(LoweringContext& context, const graph::Node& node) {
    const bool isSum = node.op == op::add;
    if (!isSum && node.op != op::mul) return Outcome::other();
    const graph::Addition pair(node); // a product calls its operands the same
    if (!pair.left().isValue() || !pair.right().isValue() || (isSum && !pair.isPlain())) return Outcome::other();
    const graph::ValueId left = pair.left().value(), right = pair.right().value();
    const Twin *leftTwin = context.twin(left), *rightTwin = context.twin(right);
    if (!leftTwin || !rightTwin) return Outcome::other();

    const graph::Node* limit = context.onlyReader(node.results[0]);
    const auto range = limit ? activationRange(*limit) : std::nullopt;
    const graph::ValueId result = range ? limit->results[0] : node.results[0];
    const auto output = context.gridAhead(result);
    if (!output) return Outcome::other();

    std::vector<std::string> covers = {node.name};
    context.addProducer(left, covers);
    if (right != left) context.addProducer(right, covers);
    if (range) {
        covers.push_back(limit->name);
        context.takeIn(*limit);
    }
    graph::Node lowered = node;
    lowered.op = isSum ? op::sumBytes : op::productBytes;
    lowered.operands = {leftTwin->bytes, rightTwin->bytes};
    lowered.results = {context.addBytes(node.name)};
    const BytePair payload{leftTwin->grid, rightTwin->grid, *output, range.value_or(ActivationRange{})};
    const Twin twin{lowered.results[0], *output};
    context.emit(lowered, {node.op, std::move(covers), {}, false, payload}, true);
    context.setMaker(twin.bytes, node.name);
    context.addTwin(result, twin, node.name + ".dequantize");
    return Outcome::taken();
}

} // namespace lathe::runtime

#include <core/runtime/lowering/byte_operators.h>

#include <core/graph/ops.h>
#include <core/runtime/lowering/lower.h>
#include <core/runtime/lowering/qdq_nodes.h>

namespace lathe::runtime {

ByteOperator byteOperator(const graph::Node& node) {
    const bool isExact = graph::keepsQuantization(node.op);
    const bool isAveraging = node.op == "aten::avg_pool2d" || node.op == "aten::adaptive_avg_pool2d";
    if ((!isExact && !isAveraging) || node.operands.empty() || !node.operands[0].isValue() || node.results.size() != 1)
        return ByteOperator::None;
    if (node.op == graph::op::maxPool2d || node.op == "aten::avg_pool2d") {
        for (const std::size_t position : {1, 2, 3}) {
            if (position >= node.operands.size()) break;
            const auto empty = node.operands[position].literal<std::vector<std::int64_t>>();
            const bool isDefaultStride = position == 2 && empty && empty->empty();
            if (!isDefaultStride && !pairOf(node.operands[position])) return ByteOperator::None;
        }
    }
    return isExact ? ByteOperator::Exact : ByteOperator::Averaging;
}

namespace {

graph::Operand pairLiteral(const std::array<std::int64_t, 2>& pair) { return graph::Literal(std::vector<std::int64_t>{pair[0], pair[1]}); }

/// (input, kernel, stride, padding, …) with two numbers each; an empty stride is the kernel.
void expandWindow(graph::Node& node) {
    node.operands.resize(std::max<std::size_t>(node.operands.size(), 4), graph::Operand(graph::Literal(std::vector<std::int64_t>{})));
    const auto kernel = pairOf(node.operands[1]).value();
    node.operands[1] = pairLiteral(kernel);
    node.operands[2] = pairLiteral(pairOf(node.operands[2]).value_or(kernel));
    node.operands[3] = pairLiteral(pairOf(node.operands[3]).value_or(std::array<std::int64_t, 2>{0, 0}));
}

} // namespace

graph::Node onBytes(const graph::Node& node, graph::ValueId bytes, graph::ValueId result) {
    graph::Node copy = node;
    copy.operands[0] = bytes;
    copy.results = {result};
    if (node.op == "aten::view") copy.op = "aten::reshape";
    if (node.op == graph::op::maxPool2d) {
        expandWindow(copy);
        copy.operands.resize(std::max<std::size_t>(copy.operands.size(), 5),
                             graph::Operand(graph::Literal(std::vector<std::int64_t>{1, 1})));
        copy.operands[4] = pairLiteral(pairOf(copy.operands[4]).value_or(std::array<std::int64_t, 2>{1, 1}));
        // PyTorch's kernel stays for the rare rounding up.
        if (copy.operands.size() < 6 || copy.operands[5].literal<bool>() == false) {
            copy.op = op::maxPoolBytes;
            copy.operands.resize(5);
        }
    }
    if (node.op == "aten::avg_pool2d") expandWindow(copy);
    return copy;
}

} // namespace lathe::runtime

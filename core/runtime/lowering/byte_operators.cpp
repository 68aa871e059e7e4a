#include <core/runtime/lowering/byte_operators.h>

#include <core/graph/operators/names.h>
#include <core/graph/operators/pooling.h>
#include <core/runtime/lowering/qdq_nodes.h>

namespace lathe::runtime {

namespace {

using graph::Literal;
using graph::Operand;

/// Two-dimensional pooling with a window, which PyTorch's quantized kernels want in full.
bool hasWindow(std::string_view op) { return op == graph::op::maxPool2d || op == graph::op::avgPool2d; }

bool isEmptyList(const Operand& operand) {
    const auto list = operand.literal<std::vector<std::int64_t>>();
    return list && list->empty();
}

bool isWindowConstant(const graph::Node& node) {
    const graph::Pooling pooling(node);
    return pairOf(pooling.kernel()) && (isEmptyList(pooling.stride()) || pairOf(pooling.stride())) && pairOf(pooling.padding());
}

Operand pairLiteral(const std::array<std::int64_t, 2>& pair) { return Literal(std::vector<std::int64_t>{pair[0], pair[1]}); }

/// Kernel, stride and padding with two numbers each; an empty stride is the kernel.
void expandWindow(graph::Node& node) {
    const graph::Pooling given(node);
    const auto kernel = pairOf(given.kernel()).value();
    const auto stride = pairOf(given.stride()).value_or(kernel),
               padding = pairOf(given.padding()).value_or(std::array<std::int64_t, 2>{0, 0});
    graph::setOperand(node, "kernel_size", pairLiteral(kernel));
    graph::setOperand(node, "stride", pairLiteral(stride));
    graph::setOperand(node, "padding", pairLiteral(padding));
}

} // namespace

ByteOperator byteOperator(const graph::Node& node) {
    const graph::Operator* known = graph::findOperator(node.op);
    if (known == nullptr || !known->runsOnBytes || !graph::mainInput(node) || node.results.size() != 1) return ByteOperator::None;
    if (graph::mayTrain(node) || (hasWindow(node.op) && !isWindowConstant(node))) return ByteOperator::None;
    return known->grid == graph::GridRule::Rounds ? ByteOperator::Averaging : ByteOperator::Exact;
}

graph::Node onBytes(const graph::Node& node, graph::ValueId bytes, graph::ValueId result) {
    graph::Node copy = node;
    graph::setMainOperand(copy, bytes);
    copy.results = {result};
    if (node.op == graph::op::view) copy.op = graph::op::reshape;
    if (hasWindow(node.op)) expandWindow(copy);
    if (node.op == graph::op::maxPool2d) {
        const graph::Pooling given(node);
        graph::setOperand(copy, "dilation", pairLiteral(pairOf(given.dilation()).value_or(std::array<std::int64_t, 2>{1, 1})));
        // PyTorch's kernel stays for the rare rounding up.
        if (given.roundsUp() == false) {
            copy.op = graph::op::maxPoolBytes;
            copy.operands.resize(graph::findOperator(copy.op)->operands.size());
        }
    }
    return copy;
}

} // namespace lathe::runtime

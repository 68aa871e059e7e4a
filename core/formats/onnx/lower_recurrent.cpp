// LSTM, GRU and RNN, as PyTorch's operators of the same kind.
#include <algorithm>
#include <array>
#include <utility>

#include <core/formats/onnx/expression.h>
#include <core/formats/onnx/operators.h>
#include <core/formats/onnx/recurrent_steps.h>

namespace lathe::formats::onnx {

namespace {

/// What the three kinds differ in.
struct Cell {
    std::vector<std::int64_t> gates; ///< PyTorch's order, as places in that of ONNX
    std::string op;
    bool hasCellState = false;
};

/// The rows of each gate in PyTorch's order.
ValueId reordered(Call& call, ValueId stacked, const Cell& cell, std::int64_t hidden) {
    if (std::ranges::is_sorted(cell.gates)) return stacked;
    Operands parts;
    for (const std::int64_t gate : cell.gates)
        parts.emplace_back(call.emit("aten::slice.Tensor",
                                     {stacked, integer(0), integer(gate * hidden), integer((gate + 1) * hidden), integer(1)},
                                     {call.dtype(stacked), std::nullopt}));
    return call.emit("aten::cat", {Operand(std::move(parts)), integer(0)}, call.known(stacked));
}

/// [sequence, directions, batch, hidden], and with layout 1 the batch first.
void recurrent(Call& call, const Cell& cell) {
    if (needsSteps(call)) return lowerInSteps(call);
    const bool isBatchFirst = call.integerAttribute("layout", 0) != 0;
    const std::string direction = call.textAttribute("direction", "forward");
    const std::int64_t directions = direction == "bidirectional" ? 2 : 1;
    const std::int64_t hidden = call.integerAttribute("hidden_size", 0);
    if (hidden < 1) call.refuse("The operator " + call.node().opType + " does not say how many hidden values it has.");
    if (hidden > (1 << 24)) call.refuse("The operator " + call.node().opType + " has too many hidden values.");
    const auto gates = static_cast<std::int64_t>(cell.gates.size());
    ValueId x = call.input(0);
    const DType dtype = call.dtype(x).value_or(DType::Float32);
    const Known threeDims{dtype, unknownDims(3)};
    if (isBatchFirst) x = call.emit("aten::transpose.int", {x, integer(0), integer(1)}, threeDims);
    const bool isReversed = direction == "reverse";
    if (isReversed) x = call.emit("aten::flip", {x, integers({0})}, call.known(x));

    Operands parameters;
    for (std::int64_t at = 0; at < directions; ++at) {
        const auto rows = [&](std::size_t index, std::vector<Dim> shape) {
            return call.emit("aten::select.int", {call.input(index), integer(0), integer(at)}, {dtype, std::move(shape)});
        };
        for (const std::size_t index : {1, 2})
            parameters.emplace_back(reordered(call, rows(index, {Dim{gates * hidden, ""}, Dim{}}), cell, hidden));
        if (!call.has(3)) continue;
        const ValueId biases = rows(3, {Dim{2 * gates * hidden, ""}});
        for (const std::int64_t half : {0, 1}) {
            const ValueId bias =
                call.emit("aten::slice.Tensor",
                          {biases, integer(0), integer(half * gates * hidden), integer((half + 1) * gates * hidden), integer(1)},
                          {dtype, std::vector<Dim>{Dim{gates * hidden, ""}}});
            parameters.emplace_back(reordered(call, bias, cell, hidden));
        }
    }

    const auto initial = [&](std::size_t index) -> ValueId {
        if (!call.has(index))
            return call.emit(
                "aten::zeros",
                {integersOf({integer(directions), call.size(x, 1), integer(hidden)}), dtypeNumber(dtype), none(), none(), none()},
                threeDims);
        if (!isBatchFirst) return call.input(index);
        return call.emit("aten::transpose.int", {call.input(index), integer(0), integer(1)}, threeDims);
    };
    Operands operands{x};
    if (cell.hasCellState)
        operands.emplace_back(Operands{initial(5), initial(6)});
    else
        operands.emplace_back(initial(5));
    operands.emplace_back(std::move(parameters));
    operands.insert(operands.end(), {flag(call.has(3)), integer(1), number(0), flag(false), flag(directions == 2), flag(false)});
    const auto results = call.emitMany(cell.op, std::move(operands), cell.hasCellState ? 3 : 2, threeDims);

    if (call.wantsOutput(0)) {
        ValueId y = results[0];
        if (isReversed) y = call.emit("aten::flip", {y, integers({0})}, threeDims);
        // PyTorch has the directions one behind the other in the last dimension.
        y = call.emit("aten::reshape", {y, integersOf({call.size(x, 0), call.size(x, 1), integer(directions), integer(hidden)})},
                      {dtype, unknownDims(4)});
        call.output(0, call.emit("aten::permute", {y, integers(isBatchFirst ? Integers{1, 0, 2, 3} : Integers{0, 2, 1, 3})},
                                 {dtype, unknownDims(4)}));
    }
    for (std::size_t index = 1; index < results.size(); ++index) {
        if (!call.wantsOutput(index)) continue;
        call.output(index,
                    isBatchFirst ? call.emit("aten::transpose.int", {results[index], integer(0), integer(1)}, threeDims) : results[index]);
    }
}

void lstm(Call& call) { recurrent(call, {{0, 2, 3, 1}, "aten::lstm.input", true}); }

void gru(Call& call) { recurrent(call, {{1, 0, 2}, "aten::gru.input", false}); }

void rnn(Call& call) {
    const AttributeProto* names = call.attribute("activations");
    const bool isRelu = names && !names->strings.empty() && names->strings.front() == "Relu";
    recurrent(call, {{0}, isRelu ? "aten::rnn_relu.input" : "aten::rnn_tanh.input", false});
}

constexpr std::array entries{
    OperatorEntry{"LSTM", lstm},
    OperatorEntry{"GRU", gru},
    OperatorEntry{"RNN", rnn},
};

} // namespace

std::span<const OperatorEntry> recurrentOperators() { return entries; }

} // namespace lathe::formats::onnx

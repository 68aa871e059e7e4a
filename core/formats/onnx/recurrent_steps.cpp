#include <core/formats/onnx/recurrent_steps.h>

#include <algorithm>
#include <functional>

#include <core/formats/onnx/expression.h>

namespace lathe::formats::onnx {

namespace {

/// Longer sequences become a loop: a graph with a node for each product of each step serves nobody.
constexpr std::int64_t longestUnrolled = 64;

std::vector<std::string> standardActivations(const std::string& op) {
    if (op == "LSTM") return {"Sigmoid", "Tanh", "Tanh"};
    if (op == "GRU") return {"Sigmoid", "Tanh"};
    return {"Tanh"};
}

bool isStandard(Call& call) {
    const AttributeProto* names = call.attribute("activations");
    if (names == nullptr) return true;
    const auto standard = standardActivations(call.node().opType);
    const bool isRelu = call.node().opType == "RNN" && std::ranges::all_of(names->strings, [](const auto& name) { return name == "Relu"; });
    for (std::size_t i = 0; i < names->strings.size(); ++i) {
        if (!isRelu && names->strings[i] != standard[i % standard.size()]) return false;
    }
    return true;
}

/// Are all sequences as long as the input?
bool haveFullLength(Call& call) {
    const tensor::Tensor* lengths = call.constant(4);
    const auto& shape = call.value(call.input(0)).shape;
    if (lengths == nullptr || !shape || shape->size() != 3) return false;
    const std::int64_t steps = (*shape)[call.integerAttribute("layout", 0) != 0 ? 1 : 0].size;
    return steps >= 0 && std::ranges::all_of(lengths->toFloats(), [&](float length) { return length >= static_cast<float>(steps); });
}

/// What is carried from step to step; `cell` of an LSTM only.
struct State {
    ValueId hidden = -1, cell = -1;
};

/// One direction.
class Direction {
public:
    Direction(Call& call, std::int64_t index, std::int64_t hidden, DType dtype)
        : m_call(call), m_op(call.node().opType), m_index(index), m_hidden(hidden), m_dtype(dtype) {
        m_gates = m_op == "LSTM" ? 4 : m_op == "GRU" ? 3 : 1;
        m_activations = standardActivations(m_op);
        if (const AttributeProto* names = call.attribute("activations")) {
            const auto begin = static_cast<std::size_t>(index) * m_activations.size();
            if (names->strings.size() < begin + m_activations.size()) call.refuse(m_op + " has too few activations.");
            std::copy_n(names->strings.begin() + static_cast<std::ptrdiff_t>(begin), m_activations.size(), m_activations.begin());
        }
        if (call.attribute("activation_alpha") || call.attribute("activation_beta"))
            call.refuse(m_op + " with numbers for its activations is not known.");
        m_recurrence = part(2, {Dim{m_gates * hidden, ""}, Dim{hidden, ""}});
        if (call.has(3)) {
            const ValueId biases = part(3, {Dim{2 * m_gates * hidden, ""}});
            m_inputBias = rows(biases, 0, m_gates * hidden);
            m_recurrenceBias = rows(biases, m_gates * hidden, 2 * m_gates * hidden);
        }
        if (m_op == "LSTM" && call.has(7)) m_peepholes = part(7, {Dim{3 * hidden, ""}});
    }

    /// x·Wᵀ + b of all steps at once: [steps, batch, gates · hidden].
    ValueId project(ValueId x) {
        const ValueId weight = part(1, {Dim{m_gates * m_hidden, ""}, Dim{}});
        return m_call.emit("aten::linear", {x, weight, optional(m_inputBias)}, {m_dtype, unknownDims(3)});
    }

    State initial(ValueId x) {
        const auto state = [&](std::size_t index) {
            if (m_call.has(index)) {
                const bool isBatchFirst = m_call.integerAttribute("layout", 0) != 0;
                return m_call.emit("aten::select.int", {m_call.input(index), integer(isBatchFirst ? 1 : 0), integer(m_index)}, one());
            }
            return m_call.emit("aten::zeros",
                               {integersOf({m_call.size(x, 1), integer(m_hidden)}), dtypeNumber(m_dtype), none(), none(), none()}, one());
        };
        return {state(5), m_op == "LSTM" ? state(6) : -1};
    }

    /// `x`: what project gave for this step.
    State step(ValueId x, const State& before) {
        if (m_op == "LSTM") return lstm({m_call, x}, before);
        if (m_op == "GRU") return gru({m_call, x}, before);
        const Expression hidden(m_call, before.hidden);
        return {activate(0, Expression(m_call, x) + product(hidden, 0, 1)), -1};
    }

private:
    [[nodiscard]] Known one() const { return {m_dtype, std::vector<Dim>{Dim{}, Dim{m_hidden, ""}}}; }
    static Operand optional(ValueId id) { return id < 0 ? none() : Operand(id); }

    /// Of an input whose first dimension is that of directions.
    ValueId part(std::size_t index, std::vector<Dim> shape) {
        return m_call.emit("aten::select.int", {m_call.input(index), integer(0), integer(m_index)}, {m_dtype, std::move(shape)});
    }
    ValueId rows(ValueId stacked, std::int64_t begin, std::int64_t end) {
        auto shape = m_call.value(stacked).shape;
        if (shape) shape->front() = Dim{end - begin, ""};
        return m_call.emit("aten::slice.Tensor", {stacked, integer(0), integer(begin), integer(end), integer(1)}, {m_dtype, shape});
    }
    /// hidden·Rᵀ + b of gates `from` to `to`.
    Expression product(const Expression& hidden, std::int64_t from, std::int64_t to) {
        const bool isAll = from == 0 && to == m_gates;
        const ValueId weight = isAll ? m_recurrence : rows(m_recurrence, from * m_hidden, to * m_hidden);
        const ValueId bias = m_recurrenceBias < 0 || isAll ? m_recurrenceBias : rows(m_recurrenceBias, from * m_hidden, to * m_hidden);
        return {m_call, m_call.emit("aten::linear", {hidden.id(), weight, optional(bias)},
                                    {m_dtype, std::vector<Dim>{Dim{}, Dim{(to - from) * m_hidden, ""}}})};
    }
    Expression gate(const Expression& gates, std::int64_t index) {
        return {m_call,
                m_call.emit("aten::slice.Tensor",
                            {gates.id(), integer(-1), integer(index * m_hidden), integer((index + 1) * m_hidden), integer(1)}, one())};
    }
    Expression peephole(std::int64_t index) { return {m_call, rows(m_peepholes, index * m_hidden, (index + 1) * m_hidden)}; }

    Expression activate(std::size_t index, Expression value) {
        if (m_call.attribute("clip")) {
            const double clip = m_call.floatAttribute("clip", 0);
            value = value.clamp(number(-clip), number(clip));
        }
        const std::string& name = m_activations[index];
        if (name == "Sigmoid") return value.apply("aten::sigmoid");
        if (name == "Tanh") return value.apply("aten::tanh");
        if (name == "Relu") return value.apply("aten::relu");
        if (name == "HardSigmoid") return (value * 0.2 + 0.5).clamp(number(0), number(1));
        if (name == "Softsign") return value / (value.apply("aten::abs") + 1.0);
        m_call.refuse(m_op + " with the activation " + name + " is not known.");
    }

    State lstm(const Expression& x, const State& before) {
        const Expression hidden(m_call, before.hidden), cell(m_call, before.cell);
        const Expression gates = x + product(hidden, 0, 4); // input, output, forget, cell
        const bool hasPeepholes = m_peepholes >= 0;
        const Expression input = activate(0, hasPeepholes ? gate(gates, 0) + peephole(0) * cell : gate(gates, 0));
        const bool isCoupled = m_call.integerAttribute("input_forget", 0) != 0;
        const Expression forget =
            isCoupled ? input * -1.0 + 1.0 : activate(0, hasPeepholes ? gate(gates, 2) + peephole(2) * cell : gate(gates, 2));
        const Expression next = forget * cell + input * activate(1, gate(gates, 3));
        const Expression output = activate(0, hasPeepholes ? gate(gates, 1) + peephole(1) * next : gate(gates, 1));
        return {output * bounded(next), next};
    }
    /// The last activation has no clip.
    Expression bounded(const Expression& cell) {
        const std::string& name = m_activations[2];
        if (name == "Tanh") return cell.apply("aten::tanh");
        if (name == "Sigmoid") return cell.apply("aten::sigmoid");
        if (name == "Relu") return cell.apply("aten::relu");
        m_call.refuse(m_op + " with the activation " + name + " is not known.");
    }

    State gru(const Expression& x, const State& before) {
        const Expression hidden(m_call, before.hidden);
        const bool isResetBehind = m_call.integerAttribute("linear_before_reset", 0) != 0;
        const Expression all = product(hidden, 0, isResetBehind ? 3 : 2); // update, reset, hidden
        const Expression update = activate(0, gate(x, 0) + gate(all, 0));
        const Expression reset = activate(0, gate(x, 1) + gate(all, 1));
        const Expression proposal = activate(1, gate(x, 2) + (isResetBehind ? reset * gate(all, 2) : product(reset * hidden, 2, 3)));
        return {(update * -1.0 + 1.0) * proposal + update * hidden, -1};
    }

    Call& m_call;
    std::string m_op;
    std::int64_t m_index, m_hidden, m_gates = 1;
    DType m_dtype;
    std::vector<std::string> m_activations;
    ValueId m_recurrence = -1, m_inputBias = -1, m_recurrenceBias = -1, m_peepholes = -1;
};

/// All steps of a direction.
class Recurrence {
public:
    /// `mask`: [steps, batch, 1], where the sequence still goes on; none: everywhere.
    /// `steps`: how many there are; below 0 where that is not known.
    Recurrence(Call& call, Direction& direction, ValueId projected, std::optional<ValueId> mask, std::int64_t steps)
        : m_call(call), m_lowering(call.lowering()), m_direction(direction), m_projected(projected), m_mask(mask), m_steps(steps) {}

    /// Returns the last state and [steps, batch, hidden].
    std::pair<State, ValueId> run(const State& initial) {
        if (m_steps > 0 && m_steps <= longestUnrolled) {
            State state = initial;
            Operands outputs;
            for (std::int64_t at = 0; at < m_steps; ++at) {
                const auto [next, output] = step(integer(at), state);
                state = next;
                outputs.emplace_back(output);
            }
            return {state, m_call.emit("aten::stack", {Operand(std::move(outputs)), integer(0)}, stacked())};
        }
        return loop(initial);
    }

private:
    [[nodiscard]] Known stacked() const { return {m_call.dtype(m_projected), unknownDims(3)}; }

    std::pair<State, ValueId> step(const Operand& at, const State& before) {
        const auto slice = [&](ValueId all) {
            return m_call.emit("aten::select.int", {all, integer(0), at}, {m_call.dtype(all), unknownDims(2)});
        };
        State next = m_direction.step(slice(m_projected), before);
        if (!m_mask) return {next, next.hidden};
        const Expression isGoing(m_call, slice(*m_mask));
        const auto chosen = [&](ValueId after, ValueId held) {
            return where(isGoing, Expression(m_call, after), Expression(m_call, held)).id();
        };
        const ValueId zeros = m_call.emit("aten::zeros_like", {next.hidden}, m_call.known(next.hidden));
        const ValueId output = chosen(next.hidden, zeros);
        next.hidden = chosen(next.hidden, before.hidden);
        if (next.cell >= 0) next.cell = chosen(next.cell, before.cell);
        return {next, output};
    }

    std::pair<State, ValueId> loop(const State& initial) {
        graph::Block block;
        const auto input = [&](graph::TypeKind type, const Known& known) {
            const ValueId id = m_lowering.newValue(known, type);
            m_lowering.graph.value(id).kind = graph::ValueKind::Input;
            block.inputs.push_back(id);
            return id;
        };
        const bool hasCell = initial.cell >= 0;
        const ValueId empty = m_call.emitScalar("prim::ListConstruct", {}, graph::TypeKind::TensorList);
        const ValueId iteration = input(graph::TypeKind::Int, {});
        State inside{input(graph::TypeKind::Tensor, m_call.known(initial.hidden)), -1};
        if (hasCell) inside.cell = input(graph::TypeKind::Tensor, m_call.known(initial.cell));
        const ValueId list = input(graph::TypeKind::TensorList, {});
        m_lowering.fillBlock(block, [&] {
            const auto [next, output] = step(Operand(iteration), inside);
            const ValueId added = m_call.emitScalar("prim::ListConstruct", {output}, graph::TypeKind::TensorList);
            block.outputs = {flag(true), next.hidden};
            if (hasCell) block.outputs.emplace_back(next.cell);
            block.outputs.emplace_back(m_call.emitScalar("aten::add.t", {list, added}, graph::TypeKind::TensorList));
        });
        Operands operands{m_call.size(m_projected, 0), flag(true), initial.hidden};
        if (hasCell) operands.emplace_back(initial.cell);
        operands.emplace_back(empty);
        const auto results = m_call.emitMany("prim::Loop", std::move(operands), hasCell ? 3 : 2);
        m_lowering.block().nodes.back().blocks.push_back(std::move(block));
        m_lowering.graph.value(results.back()).type = graph::TypeKind::TensorList;
        for (std::size_t i = 0; i + 1 < results.size(); ++i) {
            m_lowering.graph.value(results[i]).dtype = m_call.dtype(initial.hidden);
            m_lowering.graph.value(results[i]).shape = m_call.value(initial.hidden).shape;
        }
        return {{results[0], hasCell ? results[1] : -1}, m_call.emit("aten::stack", {results.back(), integer(0)}, stacked())};
    }

    Call& m_call;
    Lowering& m_lowering;
    Direction& m_direction;
    ValueId m_projected;
    std::optional<ValueId> m_mask;
    std::int64_t m_steps;
};

} // namespace

bool needsSteps(Call& call) {
    const std::string& op = call.node().opType;
    return call.attribute("clip") || (call.has(4) && !haveFullLength(call)) || (op == "LSTM" && call.has(7)) ||
           call.integerAttribute("input_forget", 0) != 0 || !isStandard(call) ||
           (op == "GRU" && call.integerAttribute("linear_before_reset", 0) == 0);
}

void lowerInSteps(Call& call) {
    const std::string direction = call.textAttribute("direction", "forward");
    const std::int64_t directions = direction == "bidirectional" ? 2 : 1;
    const std::int64_t hidden = call.integerAttribute("hidden_size", 0);
    if (hidden < 1 || hidden > (1 << 24))
        call.refuse("The operator " + call.node().opType + " does not say how many hidden values it has.");
    const bool isBatchFirst = call.integerAttribute("layout", 0) != 0;
    ValueId x = call.input(0);
    const DType dtype = call.dtype(x).value_or(DType::Float32);
    const auto& shape = call.value(x).shape;
    const std::int64_t steps = shape && shape->size() == 3 ? (*shape)[isBatchFirst ? 1 : 0].size : -1;
    if (isBatchFirst) x = call.emit("aten::transpose.int", {x, integer(0), integer(1)}, {dtype, unknownDims(3)});

    std::optional<ValueId> mask;
    if (call.has(4) && !haveFullLength(call)) {
        const Expression times = Expression::arange(call, call.size(x, 0), DType::Int64).unsqueeze(1).unsqueeze(1);
        const Expression lengths = Expression(call, call.input(4)).cast(DType::Int64).unsqueeze(0).unsqueeze(2);
        mask = (times < lengths).id();
    }
    Operands outputs, hiddens, cells;
    for (std::int64_t index = 0; index < directions; ++index) {
        const bool isReversed = direction == "reverse" || index == 1;
        const auto turned = [&](ValueId value) {
            return isReversed ? call.emit("aten::flip", {value, integers({0})}, call.known(value)) : value;
        };
        Direction one(call, index, hidden, dtype);
        const State initial = one.initial(x);
        Recurrence recurrence(call, one, turned(one.project(x)), mask ? std::optional(turned(*mask)) : std::nullopt, steps);
        const auto [last, all] = recurrence.run(initial);
        outputs.emplace_back(turned(all));
        hiddens.emplace_back(last.hidden);
        if (last.cell >= 0) cells.emplace_back(last.cell);
    }
    // [steps, directions, batch, hidden], or with the batch first [batch, steps, directions, hidden].
    const auto stack = [&](Operands parts, std::int64_t axis, std::size_t rank) {
        return call.emit("aten::stack", {Operand(std::move(parts)), integer(axis)}, {dtype, unknownDims(rank)});
    };
    if (call.wantsOutput(0)) {
        ValueId y = stack(std::move(outputs), 1, 4);
        if (isBatchFirst) y = call.emit("aten::permute", {y, integers({2, 0, 1, 3})}, {dtype, unknownDims(4)});
        call.output(0, y);
    }
    if (call.wantsOutput(1)) call.output(1, stack(std::move(hiddens), isBatchFirst ? 1 : 0, 3));
    if (call.wantsOutput(2)) call.output(2, stack(std::move(cells), isBatchFirst ? 1 : 0, 3));
}

} // namespace lathe::formats::onnx

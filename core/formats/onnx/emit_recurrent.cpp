// LSTM, GRU and plain recurrent layers.
#include <algorithm>
#include <array>

#include <core/formats/onnx/emit.h>
#include <core/formats/onnx/message_writer.h>
#include <core/graph/operators/operator.h>

namespace lathe::formats::onnx {

namespace {

/// Rows of a weight in other gates' order: `order[i]` is the gate of ours that stands at place i in ONNX.
std::vector<float> reordered(const std::vector<float>& rows, const Integers& order) {
    std::vector<float> result;
    const std::size_t gate = rows.size() / order.size();
    for (const std::int64_t each : order) {
        const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(gate) * each;
        result.insert(result.end(), begin, begin + static_cast<std::ptrdiff_t>(gate));
    }
    return result;
}

struct Cell {
    const char* op;
    Integers order; ///< of gates
    std::vector<std::string> attributes;
    bool hasCellState = false;
};

Cell cellOf(const Node& node, bool isBidirectional) {
    if (node.op.starts_with("aten::lstm")) return {"LSTM", {0, 3, 1, 2}, {}, true};
    if (node.op.starts_with("aten::gru")) return {"GRU", {1, 0, 2}, {integerAttribute("linear_before_reset", 1)}};
    const std::string activation = node.op.starts_with("aten::rnn_relu") ? "Relu" : "Tanh";
    return {"RNN", {0}, {textsAttribute("activations", isBidirectional ? std::vector{activation, activation} : std::vector{activation})}};
}

/// The weights of one layer, of all its directions, one behind the other.
class LayerWeights {
public:
    LayerWeights(Emission& emission, const std::vector<Operand>& parameters, const Integers& order, bool hasBiases, std::int64_t directions)
        : m_emission(emission), m_parameters(parameters), m_order(order), m_hasBiases(hasBiases), m_directions(directions) {}

    /// W, R and B of ONNX for the layer.
    std::vector<std::string> of(std::int64_t layer) {
        const std::size_t step = m_hasBiases ? 4 : 2;
        const auto first = static_cast<std::size_t>(layer * m_directions) * step;
        std::vector<std::string> names{matrices(first, step), matrices(first + 1, step)};
        std::vector<float> biases;
        for (std::size_t direction = 0; m_hasBiases && direction < static_cast<std::size_t>(m_directions); ++direction) {
            append(biases, dataOf(first + direction * step + 2));
            append(biases, dataOf(first + direction * step + 3));
        }
        names.push_back(m_hasBiases ? constant({m_directions, std::ssize(biases) / m_directions}, biases) : "");
        return names;
    }

    /// Features of the state of a layer.
    [[nodiscard]] std::int64_t hiddenSize(std::int64_t layer) const {
        const std::size_t step = m_hasBiases ? 4 : 2;
        return sizeAt(static_cast<std::size_t>(layer * m_directions) * step + 1, 1);
    }

private:
    /// The matrices of all directions, from the parameter `first` on. Those that are stored as integers are restored in the model.
    std::string matrices(std::size_t first, std::size_t step) {
        std::vector<std::size_t> each;
        for (std::size_t direction = 0; direction < static_cast<std::size_t>(m_directions); ++direction)
            each.push_back(first + direction * step);
        if (std::ranges::none_of(each, [this](std::size_t index) { return isRestored(index); })) {
            std::vector<float> values;
            for (const std::size_t index : each)
                append(values, dataOf(index));
            return constant({m_directions, sizeAt(first, 0), sizeAt(first, 1)}, values);
        }
        std::vector<std::string> parts;
        for (const std::size_t index : each) {
            const std::string rows = m_emission.name(m_parameters[index]);
            const std::int64_t gate = sizeAt(index, 0) / std::ssize(m_order);
            std::vector<std::string> gates;
            for (const std::int64_t place : m_order)
                gates.push_back(sliced(m_emission, rows, 0, place * gate, (place + 1) * gate));
            const std::string ordered = gates.size() == 1 ? rows : joined(m_emission, gates);
            parts.push_back(m_emission.add("Unsqueeze", {ordered, m_emission.integers({0})}));
        }
        return parts.size() == 1 ? parts.front() : joined(m_emission, parts);
    }
    bool isRestored(std::size_t index) const {
        const Node* producer = m_parameters.at(index).isValue() ? m_emission.uses().producer(m_parameters[index].value()) : nullptr;
        return producer != nullptr && graph::isDequantize(producer->op);
    }
    std::int64_t sizeAt(std::size_t index, std::int64_t axis) const { return knownSize(m_emission, m_parameters.at(index), axis); }
    const tensor::Tensor& dataOf(std::size_t index) const {
        const Operand& operand = m_parameters.at(index);
        const graph::Value* value = operand.isValue() ? &m_emission.graph().value(operand.value()) : nullptr;
        if (value == nullptr || value->kind != graph::ValueKind::Weight)
            throw CannotEmit{"has weights that are computed while the model runs"};
        if (value->data.dtype() != tensor::DType::Float32) throw CannotEmit{"has weights of another type than float32"};
        return value->data;
    }
    void append(std::vector<float>& all, const tensor::Tensor& rows) const {
        const std::vector<float> ordered = reordered(rows.toFloats(), m_order);
        all.insert(all.end(), ordered.begin(), ordered.end());
    }
    std::string constant(tensor::Shape shape, const std::vector<float>& values) {
        return m_emission.constant("weights", tensor::Tensor::of<float>(std::move(shape), values), ElementType::Float);
    }

    Emission& m_emission;
    const std::vector<Operand>& m_parameters;
    const Integers& m_order;
    bool m_hasBiases;
    std::int64_t m_directions;
};

/// lstm.input(x, [h, c], parameters, biases?, layers, dropout, training, both directions?, batch first?), the others with h alone. Each
/// layer becomes a node; samples stand in the second dimension there.
void recurrent(Emission& emission, const Node& node) {
    const bool hasBiases = flagAt(node, 3, true), isBidirectional = flagAt(node, 7, false), isBatchFirst = flagAt(node, 8, false);
    if (flagAt(node, 6, false)) throw CannotEmit{"is in training mode"};
    const std::int64_t layers = integerAt(node, 4, 1), directions = isBidirectional ? 2 : 1;
    const auto* parameters = std::get_if<std::vector<Operand>>(&node.operands.at(2).content);
    if (parameters == nullptr) throw CannotEmit{"has weights that are computed while the model runs"};
    if (rankOf(emission, node.operands[0]).value_or(3) != 3) throw CannotEmit{"reads one sequence without a batch, which ONNX has not"};
    Cell cell = cellOf(node, isBidirectional);
    LayerWeights weights(emission, *parameters, cell.order, hasBiases, directions);
    const std::vector<std::string> states =
        cell.hasCellState ? listOf(emission, node.operands.at(1)) : std::vector{input(emission, node, 1)};

    std::string x = input(emission, node, 0);
    if (isBatchFirst) x = emission.add("Transpose", {x}, {integersAttribute("perm", {1, 0, 2})});
    std::vector<std::vector<std::string>> last(states.size());
    const auto part = [&](const std::string& all, std::int64_t layer) {
        if (layers == 1) return all;
        return sliced(emission, all, 0, layer * directions, (layer + 1) * directions);
    };
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        std::vector<std::string> inputs = weights.of(layer);
        const std::int64_t hidden = weights.hiddenSize(layer);
        inputs.insert(inputs.begin(), x);
        inputs.emplace_back(""); // lengths of sequences
        for (const std::string& state : states)
            inputs.push_back(part(state, layer));
        std::vector<std::string> attributes = cell.attributes;
        attributes.push_back(integerAttribute("hidden_size", hidden));
        if (isBidirectional) attributes.push_back(textAttribute("direction", "bidirectional"));
        const std::string name = node.name + "/layer_" + std::to_string(layer);
        std::vector<std::string> outputs{name + "/y"};
        for (std::size_t state = 0; state < states.size(); ++state) {
            outputs.push_back(name + (state == 0 ? "/h" : "/c"));
            last[state].push_back(outputs.back());
        }
        emission.addTo(outputs, cell.op, inputs, attributes);
        // [steps, directions, samples, features] → [steps, samples, all features]
        const std::string turned = emission.add("Transpose", {outputs.front()}, {integersAttribute("perm", {0, 2, 1, 3})});
        x = emission.add("Reshape", {turned, emission.integers({0, 0, -1})});
    }
    if (isBatchFirst) x = emission.add("Transpose", {x}, {integersAttribute("perm", {1, 0, 2})});
    emission.alias(node.results.at(0), x);
    for (std::size_t state = 0; state < states.size(); ++state) {
        if (isUsed(emission, node, state + 1))
            emission.alias(node.results[state + 1], last[state].size() == 1 ? last[state].front() : joined(emission, last[state]));
    }
}

constexpr std::array entries{
    EmitEntry{"aten::lstm.input", recurrent},
    EmitEntry{"aten::gru.input", recurrent},
    EmitEntry{"aten::rnn_tanh.input", recurrent},
    EmitEntry{"aten::rnn_relu.input", recurrent},
};

} // namespace

std::span<const EmitEntry> recurrentEmitters() { return entries; }

} // namespace lathe::formats::onnx

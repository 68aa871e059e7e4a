#include <core/graph/ops.h>

#include <algorithm>
#include <array>

#include <core/graph/operator_name.h>

namespace lathe::graph {

namespace {

constexpr std::array<std::string_view, 8> convolutions{"aten::conv1d",
                                                       "aten::conv2d",
                                                       "aten::conv3d",
                                                       "aten::conv_transpose1d",
                                                       "aten::conv_transpose2d.input",
                                                       "aten::conv_transpose3d.input",
                                                       "aten::_convolution",
                                                       op::conv2dRelu};

bool isTransposed(std::string_view op) { return op.starts_with("aten::conv_transpose"); }

template<class Names>
bool contains(const Names& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

/// The name of a free first dimension of the model's first input; empty when there is none.
std::string_view batchSymbol(const Graph& graph) {
    if (graph.main.inputs.empty()) return {};
    const auto& shape = graph.value(graph.main.inputs.front()).shape;
    return shape && !shape->empty() && shape->front().size < 0 ? std::string_view(shape->front().symbol) : std::string_view();
}

/// The shape, in which a free batch counts as one sample.
std::optional<tensor::Shape> shapeOf(const Graph& graph, ValueId id) {
    Value value;
    value.shape = graph.value(id).shape;
    if (const std::string_view batch = batchSymbol(graph); value.shape && !batch.empty()) {
        for (Dim& dim : *value.shape) {
            if (dim.size < 0 && dim.symbol == batch) dim = {1, ""};
        }
    }
    return staticShape(value);
}

std::optional<tensor::Shape> shapeOf(const Graph& graph, const Operand& operand) {
    if (!operand.isValue()) return std::nullopt;
    return shapeOf(graph, operand.value());
}

} // namespace

bool isConvolution(std::string_view op) { return contains(convolutions, op); }
bool isLinear(std::string_view op) { return op == op::linear || op == op::linearRelu; }
bool isWeighted(std::string_view op) { return isConvolution(op) || isLinear(op); }
bool isQuantize(std::string_view op) { return op.starts_with("quantized_decomposed::quantize_"); }
bool isDequantize(std::string_view op) { return op.starts_with("quantized_decomposed::dequantize_"); }

bool choosesQparams(std::string_view op) { return op.starts_with("quantized_decomposed::choose_qparams"); }

bool keepsQuantization(std::string_view op) {
    static constexpr std::array<std::string_view, 10> operators = {
        op::relu,        op::maxPool2d,         "aten::flatten.using_ints", "aten::view",      "aten::reshape",
        "aten::permute", "aten::transpose.int", "aten::squeeze.dim",        "aten::unsqueeze", "aten::contiguous"};
    return contains(operators, op);
}

namespace {

bool isMatrixProduct(std::string_view name) {
    static constexpr std::array<std::string_view, 7> names{"matmul", "mm", "bmm", "addmm", "baddbmm", "mv", "dot"};
    return contains(names, name);
}

bool isRecurrent(std::string_view name) {
    static constexpr std::array<std::string_view, 8> names{"lstm",      "gru",      "rnn_tanh",      "rnn_relu",
                                                           "lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell"};
    return contains(names, name);
}

/// Elements of the matrices in an operand; nothing when the shape of one is unknown.
std::optional<std::int64_t> matrixElements(const Graph& graph, const Operand& operand) {
    if (const auto* list = std::get_if<std::vector<Operand>>(&operand.content)) {
        std::int64_t sum = 0;
        for (const Operand& element : *list) {
            const auto elements = matrixElements(graph, element);
            if (!elements) return std::nullopt;
            sum += *elements;
        }
        return sum;
    }
    if (operand.isNone()) return 0;
    const auto shape = shapeOf(graph, operand);
    if (!shape) return std::nullopt;
    return shape->size() == 2 ? tensor::elementCount(*shape) : 0;
}

/// Each step of each sequence meets each element of the matrices once.
std::optional<std::int64_t> recurrentMacs(const Graph& graph, const Node& node) {
    const auto input = shapeOf(graph, node.operands[0]);
    if (!input || input->empty() || node.operands.size() < 3) return std::nullopt;
    const std::int64_t steps = tensor::elementCount({input->begin(), input->end() - 1});
    const bool isPacked = node.op.ends_with(".data"); // (data, batch_sizes, hx, params, …)
    const bool isCell = shortName(node.op).ends_with("_cell");
    std::int64_t elements = 0;
    const std::size_t first = isPacked ? 3 : 2, last = isCell ? 3 : first;
    for (std::size_t at = first; at <= last && at < node.operands.size(); ++at) {
        const auto matrices = matrixElements(graph, node.operands[at]);
        if (!matrices) return std::nullopt;
        elements += *matrices;
    }
    return elements > 0 ? std::optional(steps * elements) : std::nullopt;
}

/// Queries times keys, then the weights times values.
std::optional<std::int64_t> attentionMacs(const Graph& graph, const Node& node) {
    if (node.operands.size() < 3) return std::nullopt;
    const auto queries = shapeOf(graph, node.operands[0]), keys = shapeOf(graph, node.operands[1]),
               values = shapeOf(graph, node.operands[2]);
    if (!queries || !keys || !values || queries->size() < 2 || keys->size() < 2 || values->empty()) return std::nullopt;
    const std::int64_t rows = tensor::elementCount({queries->begin(), queries->end() - 1}), length = (*keys)[keys->size() - 2];
    return rows * length * (queries->back() + values->back());
}

} // namespace

std::optional<std::int64_t> macs(const Graph& graph, const Node& node) {
    const std::string_view name = node.op.starts_with("aten::") ? shortName(node.op) : std::string_view();
    const bool isProduct = isMatrixProduct(name);
    if (name == "einsum" || name == "bilinear") return std::nullopt;
    if (isRecurrent(name)) return node.operands.empty() ? std::nullopt : recurrentMacs(graph, node);
    if (name == "scaled_dot_product_attention") return attentionMacs(graph, node);
    if (!isWeighted(node.op) && !isProduct) return 0;
    if (node.results.empty() || node.operands.size() < 2) return std::nullopt;
    const auto output = shapeOf(graph, node.results.front());
    if (!output) return std::nullopt;
    const std::int64_t outputs = tensor::elementCount(*output);

    if (isProduct) {
        const auto left = shapeOf(graph, node.operands[name == "addmm" || name == "baddbmm" ? 1 : 0]);
        if (!left || left->empty()) return std::nullopt;
        return outputs * left->back();
    }
    const auto weight = shapeOf(graph, node.operands[1]);
    if (!weight || weight->empty()) return std::nullopt;
    // Every output element sums over one filter; of a transposed convolution every input element is spread over one.
    const std::int64_t filter = tensor::elementCount(*weight) / std::max<std::int64_t>(weight->front(), 1);
    if (!isTransposed(node.op)) return outputs * filter;
    const auto input = shapeOf(graph, node.operands[0]);
    if (!input) return std::nullopt;
    return tensor::elementCount(*input) * filter;
}

namespace {

std::optional<WeightInfo> weightAt(const Graph& graph, const UseIndex& uses, const Operand& operand) {
    if (!operand.isValue()) return std::nullopt;
    WeightInfo info;
    info.weight = operand.value();
    if (const Node* producer = uses.producer(info.weight);
        producer != nullptr && isDequantize(producer->op) && producer->operands[0].isValue()) {
        info.dequantize = producer;
        info.weight = producer->operands[0].value();
    }
    if (graph.value(info.weight).kind != ValueKind::Weight) return std::nullopt;
    return info;
}

} // namespace

std::optional<WeightInfo> weightOf(const Graph& graph, const UseIndex& uses, const Node& node) {
    if (!isWeighted(node.op) || node.operands.size() < 3) return std::nullopt;
    auto info = weightAt(graph, uses, node.operands[1]);
    if (!info) return std::nullopt;
    if (node.operands[2].isValue() && graph.value(node.operands[2].value()).kind == ValueKind::Weight)
        info->bias = node.operands[2].value();
    return info;
}

std::optional<WeightInfo> layerWeightOf(const Graph& graph, const UseIndex& uses, const Node& node) {
    if (node.op == op::embedding && !node.operands.empty()) return weightAt(graph, uses, node.operands[0]);
    return weightOf(graph, uses, node);
}

} // namespace lathe::graph

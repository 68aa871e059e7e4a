#include <core/graph/operators/call.h>
#include <core/graph/operators/macs.h>
#include <core/graph/operators/rows.h>

namespace lathe::graph {

namespace {

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
    const auto shape = countedShape(graph, operand);
    if (!shape) return std::nullopt;
    return shape->size() == 2 ? tensor::elementCount(*shape) : 0;
}

/// Each step of each sequence meets each element of the matrices once.
std::optional<std::int64_t> recurrentMacs(const Graph& graph, const Node& node) {
    const Call layer(node);
    const auto input = countedShape(graph, mainOperand(node));
    if (!input || input->empty()) return std::nullopt;
    const std::int64_t steps = tensor::elementCount({input->begin(), input->end() - 1});
    std::int64_t elements = 0;
    for (const std::string_view role : {"params", "w_ih", "w_hh"}) {
        if (!layer.has(role)) continue;
        const auto matrices = matrixElements(graph, layer.operand(role));
        if (!matrices) return std::nullopt;
        elements += *matrices;
    }
    return elements > 0 ? std::optional(steps * elements) : std::nullopt;
}

constexpr OperatorRow rows[] = {
    {"aten::lstm.input(Tensor input, Tensor[] hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool "
     "bidirectional, bool batch_first) -> (Tensor, Tensor, Tensor)",
     {.channels = ChannelRule::Recurs, .macs = recurrentMacs, .training = "train", .weights = {"params"}}},
    {"aten::lstm.data(Tensor data, Tensor batch_sizes, Tensor[] hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool "
     "train, bool bidirectional) -> (Tensor, Tensor, Tensor)",
     {.macs = recurrentMacs, .training = "train", .weights = {"params"}}},
    {"aten::gru.input(Tensor input, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool "
     "bidirectional, bool batch_first) -> (Tensor, Tensor)",
     {.channels = ChannelRule::Recurs, .macs = recurrentMacs, .training = "train", .weights = {"params"}}},
    {"aten::gru.data(Tensor data, Tensor batch_sizes, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool "
     "train, bool bidirectional) -> (Tensor, Tensor)",
     {.macs = recurrentMacs, .training = "train", .weights = {"params"}}},
    {"aten::rnn_tanh.input(Tensor input, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool "
     "bidirectional, bool batch_first) -> (Tensor, Tensor)",
     {.channels = ChannelRule::Recurs, .macs = recurrentMacs, .training = "train", .weights = {"params"}}},
    {"aten::rnn_tanh.data(Tensor data, Tensor batch_sizes, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, "
     "bool train, bool bidirectional) -> (Tensor, Tensor)",
     {.macs = recurrentMacs, .training = "train", .weights = {"params"}}},
    {"aten::rnn_relu.input(Tensor input, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool "
     "bidirectional, bool batch_first) -> (Tensor, Tensor)",
     {.channels = ChannelRule::Recurs, .macs = recurrentMacs, .training = "train", .weights = {"params"}}},
    {"aten::rnn_relu.data(Tensor data, Tensor batch_sizes, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, "
     "bool train, bool bidirectional) -> (Tensor, Tensor)",
     {.macs = recurrentMacs, .training = "train", .weights = {"params"}}},
    {"aten::lstm_cell(Tensor input, Tensor[] hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> (Tensor, Tensor)",
     {.macs = recurrentMacs, .weights = {"w_ih", "w_hh", "b_ih", "b_hh"}}},
    {"aten::gru_cell(Tensor input, Tensor hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> Tensor",
     {.macs = recurrentMacs, .weights = {"w_ih", "w_hh", "b_ih", "b_hh"}}},
    {"aten::rnn_tanh_cell(Tensor input, Tensor hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> Tensor",
     {.macs = recurrentMacs, .weights = {"w_ih", "w_hh", "b_ih", "b_hh"}}},
    {"aten::rnn_relu_cell(Tensor input, Tensor hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> Tensor",
     {.macs = recurrentMacs, .weights = {"w_ih", "w_hh", "b_ih", "b_hh"}}},
};

} // namespace

FamilyRows recurrentRows() { return {Family::Recurrent, rows}; }

} // namespace lathe::graph

#pragma once

#include <ATen/ATen.h>

#include <core/graph/graph.h>
#include <core/graph/operators/names.h>
#include <core/runtime/plan_torch.h>

/// Small graphs built by hand, and the tensors to run them on.
namespace lathe::runtime::testing {

using graph::Graph;
using graph::Literal;
using graph::Operand;
using Ints = std::vector<std::int64_t>;

inline Operand ints(Ints values) { return Literal(std::move(values)); }
inline Operand integer(std::int64_t value) { return Literal(value); }
inline Operand real(double value) { return Literal(value); }
inline Operand boolean(bool value) { return Literal(value); }
inline Operand word(std::string value) { return Literal(std::move(value)); }
inline Operand none() { return Literal(std::monostate{}); }

inline graph::ValueId addRandomWeight(Graph& graph, const std::string& name, const Ints& shape) {
    return graph.addWeight(name, fromAten(at::randn(shape) * 0.3));
}

inline graph::ValueId addConv(Graph& graph, const std::string& name, graph::ValueId input, std::int64_t in, std::int64_t out,
                              std::int64_t kernel, std::string_view op = graph::op::conv2d, std::int64_t padding = 0) {
    const auto weight = addRandomWeight(graph, name + ".weight", {out, in, kernel, kernel});
    const auto bias = addRandomWeight(graph, name + ".bias", {out});
    return graph.addNode(std::string(op), name, {input, weight, bias, ints({1, 1}), ints({padding, padding}), ints({1, 1}), integer(1)})
        .results[0];
}

inline graph::ValueId addLinear(Graph& graph, const std::string& name, graph::ValueId input, std::int64_t in, std::int64_t out,
                                std::string_view op = graph::op::linear) {
    const auto weight = addRandomWeight(graph, name + ".weight", {out, in});
    const auto bias = addRandomWeight(graph, name + ".bias", {out});
    return graph.addNode(std::string(op), name, {input, weight, bias}).results[0];
}

inline graph::ValueId addMaxPool(Graph& graph, const std::string& name, graph::ValueId input) {
    return graph
        .addNode(std::string(graph::op::maxPool2d), name, {input, ints({2, 2}), ints({2, 2}), ints({0, 0}), ints({1, 1}), boolean(false)})
        .results[0];
}

inline graph::ValueId addRelu(Graph& graph, const std::string& name, graph::ValueId input) {
    return graph.addNode("aten::relu", name, {input}).results[0];
}

inline graph::ValueId addFlatten(Graph& graph, const std::string& name, graph::ValueId input) {
    return graph.addNode("aten::flatten.using_ints", name, {input, integer(1), integer(-1)}).results[0];
}

/// The classic network of 32x32 grey pictures, unfused.
inline Graph leNet() {
    Graph graph;
    graph.name = "lenet5";
    auto value = graph.addInput("x");
    value = addMaxPool(graph, "pool1", addRelu(graph, "relu1", addConv(graph, "conv1", value, 1, 6, 5)));
    value = addMaxPool(graph, "pool2", addRelu(graph, "relu2", addConv(graph, "conv2", value, 6, 16, 5)));
    value = addFlatten(graph, "flatten", value);
    value = addRelu(graph, "relu3", addLinear(graph, "fc1", value, 400, 120));
    value = addRelu(graph, "relu4", addLinear(graph, "fc2", value, 120, 84));
    graph.main.outputs.emplace_back(addLinear(graph, "fc3", value, 84, 10));
    return graph;
}

/// What leNet() computes, by direct calls.
inline at::Tensor leNetReference(const Graph& graph, const at::Tensor& x) {
    const auto weight = [&](const char* name) { return toAten(graph.value(*graph.findValue(name)).data); };
    at::Tensor y = at::max_pool2d(at::relu(at::conv2d(x, weight("conv1.weight"), weight("conv1.bias"))), {2, 2}, {2, 2});
    y = at::max_pool2d(at::relu(at::conv2d(y, weight("conv2.weight"), weight("conv2.bias"))), {2, 2}, {2, 2}).flatten(1);
    y = at::relu(at::linear(y, weight("fc1.weight"), weight("fc1.bias")));
    y = at::relu(at::linear(y, weight("fc2.weight"), weight("fc2.bias")));
    return at::linear(y, weight("fc3.weight"), weight("fc3.bias"));
}

/// Compiles or throws the error's text, which fails the test with it.
inline Plan compiled(const Graph& graph, const PlanOptions& options = {}) {
    auto plan = Plan::compile(graph, options);
    if (!plan) throw std::runtime_error(plan.error().text());
    return std::move(*plan);
}

inline at::Tensor runOn(Plan& plan, const at::Tensor& input) {
    auto output = plan.runTensor(input);
    if (!output) throw std::runtime_error(output.error().text());
    return *output;
}

inline std::vector<c10::IValue> runAll(Plan& plan, const std::vector<c10::IValue>& inputs) {
    auto outputs = plan.run(inputs);
    if (!outputs) throw std::runtime_error(outputs.error().text());
    return *outputs;
}

/// Kernels of this library, or this kernel, come first.
inline PlanOptions preferring(const std::string& library) {
    PlanOptions options;
    options.library = library;
    return options;
}

} // namespace lathe::runtime::testing

#pragma once

#include <string>

#include <core/graph/graph.h>
#include <core/graph/operators/names.h>

namespace lathe::layout::test {

using graph::Graph;
using graph::Literal;
using graph::Operand;
using graph::ValueId;

inline std::vector<std::int64_t> ints(std::int64_t a, std::int64_t b) { return {a, b}; }

inline ValueId tensorInput(Graph& graph, const std::string& name, tensor::Shape shape) {
    const ValueId id = graph.addInput(name);
    graph.value(id).dtype = tensor::DType::Float32;
    graph.value(id).shape = graph::dims(shape);
    return id;
}

/// Appends a node and says what it returns.
inline ValueId add(Graph& graph, std::string_view op, const std::string& name, std::vector<Operand> operands, tensor::Shape shape,
                   tensor::DType dtype = tensor::DType::Float32) {
    const ValueId result = graph.addNode(std::string(op), name, std::move(operands)).results.front();
    graph.value(result).dtype = dtype;
    graph.value(result).shape = graph::dims(shape);
    return result;
}

inline ValueId weight(Graph& graph, const std::string& name, tensor::Shape shape, tensor::DType dtype = tensor::DType::Float32) {
    return graph.addWeight(name, tensor::Tensor::zeros(dtype, std::move(shape)));
}

inline ValueId conv(Graph& graph, std::string_view op, const std::string& name, ValueId input, tensor::Shape weightShape,
                    tensor::Shape out) {
    const ValueId w = weight(graph, name + ".weight", weightShape), b = weight(graph, name + ".bias", {weightShape[0]});
    return add(graph, op, name, {input, w, b, Literal(ints(1, 1)), Literal(ints(0, 0)), Literal(ints(1, 1)), Literal(std::int64_t{1})},
               std::move(out));
}

/// The first half of LeNet-5 and its last layer: fused, with one pooling.
inline Graph lenet() {
    Graph graph;
    graph.name = "lenet5";
    ValueId x = tensorInput(graph, "x", {1, 1, 32, 32});
    x = conv(graph, graph::op::conv2dRelu, "conv1", x, {6, 1, 5, 5}, {1, 6, 28, 28});
    graph.main.nodes.back().source = {"lenet5.py", 12};
    x = add(graph, graph::op::maxPool2d, "pool1",
            {x, Literal(ints(2, 2)), Literal(ints(2, 2)), Literal(ints(0, 0)), Literal(ints(1, 1)), Literal(false)}, {1, 6, 14, 14});
    x = add(graph, "aten::flatten.using_ints", "flatten", {x, Literal(std::int64_t{1}), Literal(std::int64_t{-1})}, {1, 1176});
    const ValueId w = weight(graph, "fc3.weight", {10, 1176}), b = weight(graph, "fc3.bias", {10});
    x = add(graph, graph::op::linear, "fc3", {x, w, b}, {1, 10});
    graph.main.outputs = {x};
    return graph;
}

} // namespace lathe::layout::test

#pragma once

#include <random>

#include <core/graph/graph.h>
#include <core/graph/operators/names.h>

namespace lathe::support {

/// Floats between -1 and 1 from a fixed seed.
inline tensor::Tensor randomTensor(const tensor::Shape& shape, unsigned seed) {
    std::mt19937 generator(seed);
    std::vector<float> values(static_cast<std::size_t>(tensor::elementCount(shape)));
    for (float& value : values)
        value = static_cast<float>(generator() % 20001U) / 10000.0F - 1.0F;
    return tensor::Tensor::of<float>(shape, values);
}

inline graph::Operand ints(std::vector<std::int64_t> values) { return graph::Literal(std::move(values)); }
inline graph::Operand number(std::int64_t value) { return graph::Literal(value); }

/// choose → quantize → dequantize with a grid for each row; returns what is dequantized. Shapes are those of `value`, as far as known.
inline graph::ValueId addPerTokenQdq(graph::Graph& graph, graph::ValueId value) {
    const graph::Operand dtype = graph::Literal(std::string("int8"));
    const auto shape = graph.value(value).shape;
    const auto chosen = graph.addNode(std::string(graph::op::chooseQparamsPerToken), "choose", {value, dtype}, 2).results;
    for (const graph::ValueId each : chosen) {
        graph.value(each).shape = shape;
        if (shape) graph.value(each).shape->back() = graph::Dim{1, ""};
    }
    graph.value(chosen[0]).dtype = tensor::DType::Float64;
    graph.value(chosen[1]).dtype = tensor::DType::Int64;
    const auto convert = [&](std::string_view op, const char* name, graph::ValueId from, tensor::DType to) {
        const graph::ValueId result =
            graph.addNode(std::string(op), name, {from, chosen[0], chosen[1], number(-128), number(127), dtype}).results[0];
        graph.value(result).dtype = to;
        graph.value(result).shape = shape;
        return result;
    };
    const graph::ValueId integers = convert(graph::op::quantizePerToken, "quantize", value, tensor::DType::Int8);
    return convert(graph::op::dequantizePerToken, "dequantize", integers, tensor::DType::Float32);
}

/// words[batch, tokens] → a table of 20 rows → linear "fc1" → times mask → mean over tokens → linear "fc2" (3 outputs). A small language
/// model with two inputs; shapes are not known.
inline graph::Graph wordModel() {
    graph::Graph graph;
    graph.name = "words";
    const auto words = graph.addInput("words"), mask = graph.addInput("mask");
    const auto add = [&](std::string_view op, const char* name, std::vector<graph::Operand> operands) {
        return graph.addNode(std::string(op), name, std::move(operands)).results.front();
    };
    const auto table = graph.addWeight("table.weight", randomTensor({20, 16}, 1));
    const auto w1 = graph.addWeight("fc1.weight", randomTensor({24, 16}, 2)), w2 = graph.addWeight("fc2.weight", randomTensor({3, 24}, 3));
    const auto looked = add("aten::embedding", "table", {table, words, number(-1), graph::Literal(false), graph::Literal(false)});
    const auto hidden = add(graph::op::linear, "fc1", {looked, w1, graph::Operand()});
    const auto column = add("aten::unsqueeze", "column", {mask, number(-1)});
    const auto masked = add("aten::mul.Tensor", "masked", {hidden, column});
    const auto mean = add("aten::mean.dim", "mean", {masked, ints({1}), graph::Literal(false), graph::Operand()});
    graph.main.outputs = {add(graph::op::linear, "fc2", {mean, w2, graph::Operand()})};
    return graph;
}

/// conv "conv1" (2→4 channels, 3x3) → relu → max pool → flatten → linear "fc" (4·4·4 → 3) on float32[batch, 2, 10, 10]; small, but with
/// everything that steps have to walk through. Shapes are set.
inline graph::Graph smallConvNet(std::int64_t batch = 1) {
    using graph::dims;
    graph::Graph graph;
    graph.name = "small";
    const auto x = graph.addInput("x");
    graph.value(x).dtype = tensor::DType::Float32;
    graph.value(x).shape = dims({batch, 2, 10, 10});
    const auto w1 = graph.addWeight("conv1.weight", randomTensor({4, 2, 3, 3}, 1));
    const auto b1 = graph.addWeight("conv1.bias", randomTensor({4}, 2));
    const auto w2 = graph.addWeight("fc.weight", randomTensor({3, 64}, 3));
    const auto b2 = graph.addWeight("fc.bias", randomTensor({3}, 4));
    const auto add = [&](std::string_view op, const char* name, std::vector<graph::Operand> operands, const tensor::Shape& shape) {
        const auto result = graph.addNode(std::string(op), name, std::move(operands)).results.front();
        graph.value(result).dtype = tensor::DType::Float32;
        graph.value(result).shape = dims(shape);
        return result;
    };
    const auto conv = add(graph::op::conv2d, "conv1", {x, w1, b1, ints({1, 1}), ints({0, 0}), ints({1, 1}), number(1)}, {batch, 4, 8, 8});
    const auto relu = add(graph::op::relu, "relu1", {conv}, {batch, 4, 8, 8});
    const auto pool = add(graph::op::maxPool2d, "pool1",
                          {relu, ints({2, 2}), ints({2, 2}), ints({0, 0}), ints({1, 1}), graph::Literal(false)}, {batch, 4, 4, 4});
    const auto flat = add("aten::flatten.using_ints", "flatten", {pool, number(1), number(-1)}, {batch, 64});
    const auto out = add(graph::op::linear, "fc", {flat, w2, b2}, {batch, 3});
    graph.main.outputs = {out};
    return graph;
}

} // namespace lathe::support

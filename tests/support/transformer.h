#pragma once

#include <string>

#include <tests/support/graphs.h>

namespace lathe::support {

/// A transformer of exactly `nodes` nodes (at least 31): 25 in each block, the rest in front as activations. 8 tokens of 32 features, two
/// heads, and one attention mask that all blocks read. Shapes are set.
inline graph::Graph transformer(int nodes) {
    using graph::Literal;
    using graph::Operand;
    using graph::ValueId;
    constexpr std::int64_t tokens = 8, features = 32, heads = 2, inner = 64;
    constexpr int nodesOfBlock = 25, nodesAround = 6;

    graph::Graph graph;
    graph.name = "transformer" + std::to_string(nodes);
    const auto shaped = [&graph](ValueId id, const tensor::Shape& shape) {
        graph.value(id).dtype = tensor::DType::Float32;
        graph.value(id).shape = graph::dims(shape);
        return id;
    };
    // Graph::addNode looks for a free name among all values; here they are free.
    const auto add = [&](const std::string& op, const std::string& name, std::vector<Operand> operands, const tensor::Shape& shape) {
        graph::Node node;
        node.op = op;
        node.name = node.scope = name;
        node.operands = std::move(operands);
        node.results = {shaped(graph.addResult(name + "_out"), shape)};
        graph.main.nodes.push_back(std::move(node));
        return graph.main.nodes.back().results.front();
    };
    unsigned seed = 0;
    const auto linear = [&](const std::string& name, ValueId x, std::int64_t from, std::int64_t to) {
        const ValueId weight = graph.addWeight(name + ".weight", randomTensor({to, from}, ++seed));
        const ValueId bias = graph.addWeight(name + ".bias", randomTensor({to}, ++seed));
        return add(std::string(graph::op::linear), name, {x, weight, bias}, {1, tokens, to});
    };
    const auto norm = [&](const std::string& name, ValueId x) {
        const ValueId weight = graph.addWeight(name + ".weight", randomTensor({features}, ++seed));
        const ValueId bias = graph.addWeight(name + ".bias", randomTensor({features}, ++seed));
        return add("aten::layer_norm", name, {x, ints({features}), weight, bias, Literal(1e-5), Literal(false)}, {1, tokens, features});
    };

    const ValueId input = shaped(graph.addInput("x"), {1, tokens, features});
    const ValueId givenMask = shaped(graph.addInput("mask"), {1, 1, 1, tokens});
    const tensor::Shape whole{1, tokens, features}, split{1, tokens, heads, features / heads}, turned{1, heads, tokens, features / heads};
    const tensor::Shape scores{1, heads, tokens, tokens};
    const ValueId inverted = add("aten::neg", "invert", {givenMask}, {1, 1, 1, tokens});
    const ValueId mask = add("aten::mul.Scalar", "mask", {inverted, Literal(10000.0)}, {1, 1, 1, tokens});
    const int blocks = (nodes - nodesAround) / nodesOfBlock;
    ValueId x = norm("first_norm", linear("embed", input, features, features));
    for (int i = 0; i < nodes - nodesAround - blocks * nodesOfBlock; ++i)
        x = add("aten::relu", "relu" + std::to_string(i), {x}, whole);

    for (int i = 0; i < blocks; ++i) {
        const std::string block = "blocks." + std::to_string(i) + ".";
        const ValueId normed = norm(block + "norm1", x);
        const auto head = [&](const std::string& name) {
            const ValueId made = linear(block + name, normed, features, features);
            const ValueId viewed = add("aten::view", block + name + "_heads", {made, ints({1, tokens, heads, features / heads})}, split);
            return add("aten::transpose.int", block + name + "_turned", {viewed, number(1), number(2)}, turned);
        };
        const ValueId q = head("q"), k = head("k"), v = head("v");
        const ValueId turnedKeys =
            add("aten::transpose.int", block + "keys", {k, number(2), number(3)}, {1, heads, features / heads, tokens});
        const ValueId products = add("aten::matmul", block + "scores", {q, turnedKeys}, scores);
        const ValueId scaled = add("aten::mul.Scalar", block + "scaled", {products, Literal(0.25)}, scores);
        const ValueId masked = add("aten::add.Tensor", block + "masked", {scaled, mask, number(1)}, scores);
        const ValueId shares = add("aten::softmax.int", block + "softmax", {masked, number(-1), Operand()}, scores);
        const ValueId mixed = add("aten::matmul", block + "mixed", {shares, v}, turned);
        const ValueId back = add("aten::transpose.int", block + "back", {mixed, number(1), number(2)}, split);
        const ValueId joined = add("aten::reshape", block + "joined", {back, ints({1, tokens, features})}, whole);
        const ValueId out = linear(block + "out", joined, features, features);
        const ValueId middle = add("aten::add.Tensor", block + "add1", {x, out, number(1)}, whole);
        const ValueId second = norm(block + "norm2", middle);
        const ValueId wide = linear(block + "fc1", second, features, inner);
        const ValueId active = add("aten::gelu", block + "gelu", {wide, Literal(std::string("none"))}, {1, tokens, inner});
        const ValueId narrow = linear(block + "fc2", active, inner, features);
        x = add("aten::add.Tensor", block + "add2", {middle, narrow, number(1)}, whole);
    }
    graph.main.outputs = {linear("head", norm("last_norm", x), features, features)};
    return graph;
}

} // namespace lathe::support

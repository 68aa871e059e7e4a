#include <core/layout/drawing.h>

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include <core/graph/operators/conversion.h>
#include <tests/core/layout/lenet_graph.h>
#include <tests/support/transformer.h>

namespace lathe::layout {

namespace {

using namespace test;

const DrawNode& node(const Drawing& drawing, const std::string& id) {
    const auto found = std::ranges::find(drawing.nodes, id, &DrawNode::id);
    EXPECT_NE(found, drawing.nodes.end()) << id;
    return *found;
}

bool hasEdge(const Drawing& drawing, const std::string& from, const std::string& to) {
    return std::ranges::any_of(drawing.edges, [&](const DrawEdge& edge) { return edge.from == from && edge.to == to; });
}

TEST(Drawing, LenetFromInputToOutput) {
    const Drawing drawn = drawing(lenet());
    EXPECT_EQ(drawn.name, "lenet5");
    std::vector<std::string> ids;
    for (const DrawNode& each : drawn.nodes)
        ids.push_back(each.id);
    EXPECT_EQ(ids, (std::vector<std::string>{"input:x", "conv1", "pool1", "flatten", "fc3", "output:0"}));

    const DrawNode& conv1 = node(drawn, "conv1");
    EXPECT_EQ(conv1.label, "conv1");
    EXPECT_EQ(conv1.detail, "conv2d + relu · 5x5 · 1→6");
    EXPECT_EQ(conv1.shape, "1x6x28x28");
    EXPECT_EQ(conv1.dtype, "float32");
    EXPECT_EQ(conv1.source, "lenet5.py:12");
    EXPECT_TRUE(conv1.isLayer);
    EXPECT_EQ(conv1.parameters, 6 * 25 + 6);
    EXPECT_EQ(conv1.macs, 28 * 28 * 6 * 25);
    EXPECT_EQ(node(drawn, "pool1").detail, "max_pool2d · 2x2");
    EXPECT_FALSE(node(drawn, "pool1").isLayer);
    EXPECT_EQ(node(drawn, "fc3").detail, "linear · 1176→10");

    ASSERT_EQ(drawn.edges.size(), 5U);
    EXPECT_EQ(drawn.edges[0], (DrawEdge{"input:x", "conv1", "1x1x32x32"}));
    EXPECT_EQ(drawn.edges[4], (DrawEdge{"fc3", "output:0", "1x10"}));
}

TEST(Drawing, EmptyGraph) {
    const Drawing drawn = drawing(Graph());
    EXPECT_TRUE(drawn.nodes.empty());
    EXPECT_TRUE(drawn.edges.empty());
}

TEST(Drawing, OneValueReadTwiceByOneNodeIsOneEdge) {
    Graph graph;
    const ValueId x = tensorInput(graph, "x", {2});
    graph.main.outputs = {add(graph, "aten::mul.Tensor", "square", {x, x}, {2})};
    const Drawing drawn = drawing(graph);
    EXPECT_EQ(drawn.edges.size(), 2U);
    EXPECT_EQ(node(drawn, "square").detail, "mul");
}

TEST(Drawing, ListOperandsAreConnected) {
    Graph graph;
    const ValueId a = tensorInput(graph, "a", {1, 2}), b = tensorInput(graph, "b", {1, 3});
    graph.main.outputs = {add(graph, "aten::cat", "cat", {Operand(std::vector<Operand>{a, b}), Literal(std::int64_t{1})}, {1, 5})};
    const Drawing drawn = drawing(graph);
    EXPECT_TRUE(hasEdge(drawn, "input:a", "cat"));
    EXPECT_TRUE(hasEdge(drawn, "input:b", "cat"));
}

/// A weight that is stored in half precision and converted for its layer, whose dtype is the stored one.
TEST(Drawing, WhatConvertsAWeightIsPartOfItsLayer) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const ValueId stored = weight(graph, "fc.weight", {3, 4}, tensor::DType::BFloat16);
    const ValueId w = add(graph, graph::op::toDtype, "fc_weight", graph::conversionOperands(stored, tensor::DType::Float32), {3, 4});
    graph.main.outputs.emplace_back(add(graph, graph::op::linear, "fc", {x, w, Operand()}, {1, 3}));
    const Drawing drawn = drawing(graph);
    ASSERT_EQ(drawn.nodes.size(), 3U) << "input, layer, output";
    EXPECT_EQ(node(drawn, "fc").dtype, "bfloat16");
    EXPECT_EQ(node(drawn, "fc").parameters, 12);
}

/// quantize → dequantize → linear (weight dequantized) → quantize: the weight's dequantize node is part of its layer, the others stay.
TEST(Drawing, QuantizedLayer) {
    Graph graph;
    const Operand scale = Literal(0.1), zero = Literal(std::int64_t{0}), low = Literal(std::int64_t{-128}),
                  high = Literal(std::int64_t{127});
    const Operand dtype = Literal(std::string("int8"));
    const auto quantize = [&](const std::string& name, ValueId input, tensor::Shape shape) {
        return add(graph, graph::op::quantizePerTensor, name, {input, scale, zero, low, high, dtype}, std::move(shape),
                   tensor::DType::Int8);
    };
    const auto dequantize = [&](const std::string& name, ValueId input, tensor::Shape shape) {
        return add(graph, graph::op::dequantizePerTensor, name, {input, scale, zero, low, high, dtype}, std::move(shape));
    };
    ValueId x = tensorInput(graph, "x", {1, 4});
    x = dequantize("x_dequantize", quantize("x_quantize", x, {1, 4}), {1, 4});
    const ValueId w = dequantize("fc_weight", weight(graph, "fc.weight", {3, 4}, tensor::DType::Int8), {3, 4});
    x = add(graph, graph::op::linear, "fc", {x, w, weight(graph, "fc.bias", {3})}, {1, 3});
    x = quantize("fc_quantize", x, {1, 3});
    x = dequantize("fc_dequantize", x, {1, 3});
    x = add(graph, graph::op::relu, "relu", {x}, {1, 3});
    x = add(graph, "aten::reshape", "reshape", {x, Literal(ints(3, 1))}, {3, 1});
    graph.main.outputs = {add(graph, "aten::sigmoid", "sigmoid", {x}, {3, 1})};

    const Drawing drawn = drawing(graph);
    EXPECT_EQ(std::ranges::count(drawn.nodes, "fc_weight", &DrawNode::id), 0);
    EXPECT_EQ(node(drawn, "fc").dtype, "int8");
    EXPECT_EQ(node(drawn, "fc").detail, "linear · 4→3");
    EXPECT_EQ(node(drawn, "fc").parameters, 15);
    EXPECT_EQ(node(drawn, "x_quantize").detail, "quantize_per_tensor · int8");
    EXPECT_EQ(node(drawn, "x_dequantize").dtype, "float32");
    EXPECT_TRUE(hasEdge(drawn, "x_dequantize", "fc"));
    EXPECT_EQ(node(drawn, "relu").dtype, "int8") << "nodes that only move or compare run on the integers";
    EXPECT_EQ(node(drawn, "reshape").dtype, "int8");
    EXPECT_EQ(node(drawn, "sigmoid").dtype, "float32");
}

TEST(Drawing, GroupsAndStride) {
    Graph graph;
    const ValueId x = tensorInput(graph, "x", {1, 8, 9, 9});
    const ValueId w = weight(graph, "dw.weight", {8, 1, 3, 3});
    graph.main.outputs = {add(graph, graph::op::conv2d, "dw",
                              {x, w, Operand(), Literal(ints(2, 2)), Literal(ints(1, 1)), Literal(ints(1, 1)), Literal(std::int64_t{8})},
                              {1, 8, 5, 5})};
    const Drawing drawn = drawing(graph);
    EXPECT_EQ(node(drawn, "dw").detail, "conv2d · 3x3 · 8→8 · stride 2 · groups 8");
    EXPECT_EQ(node(drawn, "dw").parameters, 72);
}

/// if c: y = relu(x) else: y = x; return neg(y)
TEST(Drawing, BothBranchesLeadOn) {
    Graph graph;
    const ValueId x = tensorInput(graph, "x", {2}), c = graph.addInput("c", graph::TypeKind::Bool);
    graph::Node branch;
    branch.op = "prim::If";
    branch.name = "if";
    branch.operands = {c};
    const ValueId y = graph.addResult("y"), r = graph.addResult("r");
    branch.results = {y};
    graph::Node relu;
    relu.op = "aten::relu";
    relu.name = "relu";
    relu.operands = {x};
    relu.results = {r};
    branch.blocks = {graph::Block{{}, {relu}, {r}}, graph::Block{{}, {}, {x}}};
    graph.main.nodes.push_back(branch);
    graph.main.outputs = {add(graph, "aten::neg", "neg", {y}, {2})};
    ASSERT_TRUE(graph::verify(graph));

    const Drawing drawn = drawing(graph);
    EXPECT_TRUE(hasEdge(drawn, "input:c", "if"));
    EXPECT_TRUE(hasEdge(drawn, "input:x", "relu"));
    EXPECT_TRUE(hasEdge(drawn, "relu", "neg"));
    EXPECT_TRUE(hasEdge(drawn, "if", "neg")) << "the branch that hands x through";
    EXPECT_FALSE(hasEdge(drawn, "input:x", "neg"));
}

TEST(Drawing, FarReachingValuesBecomeStubs) {
    Graph graph;
    const ValueId mask = tensorInput(graph, "mask", {4});
    ValueId x = tensorInput(graph, "x", {4});
    constexpr int readers = 20;
    for (int i = 0; i < readers; ++i) {
        x = add(graph, "aten::mul.Tensor", "mul" + std::to_string(i), {x, mask}, {4});
    }
    graph.main.outputs = {x};
    const Drawing drawn = drawing(graph);
    const auto fromMask = std::ranges::count(drawn.edges, "input:mask", &DrawEdge::from);
    const auto stubs = std::ranges::count(drawn.nodes, "stub", &DrawNode::op);
    EXPECT_EQ(fromMask, 16);
    EXPECT_EQ(stubs, readers - 16);
    const auto stub = std::ranges::find(drawn.nodes, "stub", &DrawNode::op);
    EXPECT_EQ(stub->label, "input:mask");
    EXPECT_TRUE(hasEdge(drawn, stub->id, "mul16"));
}

TEST(Drawing, FarReadersOfAMaskReadStubs) {
    const Drawing drawn = drawing(support::transformer(1016));
    EXPECT_TRUE(hasEdge(drawn, "mask", "blocks.0.masked"));
    EXPECT_FALSE(hasEdge(drawn, "mask", "blocks.5.masked"));
    EXPECT_EQ(std::ranges::count(drawn.nodes, "stub", &DrawNode::op) + std::ranges::count(drawn.edges, "mask", &DrawEdge::from), 40);
}

TEST(Drawing, NodesThatLookLikeInputsKeepTheirNames) {
    Graph graph;
    const ValueId x = tensorInput(graph, "x", {4});
    graph.main.outputs = {add(graph, "aten::relu", "input:x", {x}, {4})};
    const Drawing drawn = drawing(graph);
    std::set<std::string> ids;
    for (const DrawNode& each : drawn.nodes)
        EXPECT_TRUE(ids.insert(each.id).second) << each.id;
    EXPECT_EQ(node(drawn, "input:x").op, "aten::relu");
    EXPECT_TRUE(drawingFromJson(toJson(drawn)));
}

TEST(Drawing, LongNamesAreElidedInTheLabelOnly) {
    Graph graph;
    const ValueId x = tensorInput(graph, "x", {4});
    std::string name;
    for (int i = 0; i < 5000; ++i)
        name += "é";
    graph.main.outputs = {add(graph, "aten::relu", name, {x}, {4})};
    const Drawing drawn = drawing(graph);
    EXPECT_EQ(drawn.nodes[1].id, name);
    EXPECT_EQ(drawn.nodes[1].label, name.substr(0, 160) + "…");
}

using Kind = graph::OpenModules::Kind;

std::vector<std::string> idsOf(const Drawing& drawing) {
    std::vector<std::string> ids;
    for (const DrawNode& each : drawing.nodes)
        ids.push_back(each.id);
    return ids;
}

TEST(Drawing, AClosedModuleIsOneNode) {
    const Graph graph = support::transformer(56); // two blocks
    const Drawing whole = drawing(graph);
    EXPECT_EQ(whole.open, (std::vector<std::string>{"blocks", "blocks.0", "blocks.1"}));

    const Drawing outside = drawing(graph, {Kind::Chosen, {}});
    EXPECT_EQ(idsOf(outside), (std::vector<std::string>{"input:x", "input:mask", "invert", "mask", "embed", "first_norm", "module:blocks",
                                                        "last_norm", "head", "output:0"}));
    EXPECT_TRUE(outside.open.empty());
    const DrawNode& blocks = node(outside, "module:blocks");
    EXPECT_EQ(blocks.op, moduleOp);
    EXPECT_EQ(blocks.label, "blocks");
    EXPECT_EQ(blocks.scope, "blocks");
    EXPECT_EQ(blocks.nodesInside, 50);
    EXPECT_EQ(blocks.layersInside, 12);
    EXPECT_FALSE(blocks.isLayer);
    std::int64_t parameters = 0, macs = 0;
    for (const DrawNode& each : whole.nodes) {
        if (!each.id.starts_with("blocks.")) continue;
        parameters += each.parameters;
        macs += each.macs;
    }
    EXPECT_EQ(blocks.parameters, parameters);
    EXPECT_EQ(blocks.macs, macs);
    // The mask is read twice inside: one edge.
    const std::vector<DrawEdge> edges = {{"input:mask", "invert", "1x1x1x8"},
                                         {"invert", "mask", "1x1x1x8"},
                                         {"input:x", "embed", "1x8x32"},
                                         {"embed", "first_norm", "1x8x32"},
                                         {"first_norm", "module:blocks", "1x8x32"},
                                         {"mask", "module:blocks", "1x1x1x8"},
                                         {"module:blocks", "last_norm", "1x8x32"},
                                         {"last_norm", "head", "1x8x32"},
                                         {"head", "output:0", "1x8x32"}};
    EXPECT_EQ(outside.edges, edges);

    const Drawing oneOpen = drawing(graph, {Kind::Chosen, {"blocks", "blocks.1"}});
    EXPECT_EQ(oneOpen.open, (std::vector<std::string>{"blocks", "blocks.1"}));
    EXPECT_EQ(oneOpen.nodes.size(), 10U - 1 + 1 + 25);
    EXPECT_EQ(node(oneOpen, "module:blocks.0").nodesInside, 25);
    EXPECT_TRUE(hasEdge(oneOpen, "module:blocks.0", "blocks.1.norm1"));
    EXPECT_TRUE(hasEdge(oneOpen, "mask", "blocks.1.masked"));
    EXPECT_EQ(node(oneOpen, "blocks.1.fc1"), node(whole, "blocks.1.fc1"));
    EXPECT_TRUE(drawingFromJson(toJson(oneOpen)));
}

TEST(Drawing, ValuesThatGoTheSameWayAreOneEdge) {
    Graph graph;
    ValueId x = tensorInput(graph, "x", {4});
    const ValueId a = add(graph, "aten::relu", "one.a", {x}, {4}), b = add(graph, "aten::neg", "one.b", {x}, {2, 2});
    const ValueId c = add(graph, "aten::add.Tensor", "two.c", {a, b}, {4}), d = add(graph, "aten::neg", "two.d", {a}, {4});
    graph.main.outputs = {add(graph, "aten::add.Tensor", "sum", {c, d}, {4})};
    for (graph::Node& each : graph.main.nodes)
        each.scope = each.name;
    const Drawing drawn = drawing(graph, {Kind::Chosen, {}});
    const std::vector<DrawEdge> edges = {{"input:x", "module:one", "4"},
                                         {"module:one", "module:two", ""}, // they have no shape in common
                                         {"module:two", "sum", "4"},
                                         {"sum", "output:0", "4"}};
    EXPECT_EQ(drawn.edges, edges);
}

/// The size of what is drawn goes with what is open, and not with the model.
TEST(Drawing, HoldsNoMoreThanWhatIsOpen) {
    const auto size = [](int nodes, const graph::OpenModules& open) {
        return toJson(drawing(support::transformer(nodes), open)).dump().size();
    };
    const graph::OpenModules outermost{Kind::Chosen, {}};
    EXPECT_LT(size(15006, outermost), size(206, outermost) + 64); // numbers have more digits
    const Drawing large = drawing(support::transformer(15006), {Kind::Fitting});
    const auto stubs = std::ranges::count(large.nodes, "stub", &DrawNode::op);             // of the mask that all blocks read
    EXPECT_LE(static_cast<std::int64_t>(large.nodes.size()) - stubs, maxFittingNodes + 3); // inputs and output
    EXPECT_EQ(large.open, (std::vector<std::string>{"blocks"}));                           // 600 of them are to be seen
    EXPECT_EQ(drawing(support::transformer(206), {Kind::Fitting}), drawing(support::transformer(206)));
}

TEST(Drawing, WhatQuantizesStandsWhereItReads) {
    Graph graph;
    const ValueId x = tensorInput(graph, "x", {1, 1, 8, 8});
    const ValueId c = conv(graph, graph::op::conv2d, "block.conv", x, {2, 1, 1, 1}, {1, 2, 8, 8});
    const auto quantized = [&](ValueId value, const std::string& name) {
        const ValueId integers = add(graph, graph::op::quantizePerTensor, name + "_quantize",
                                     {value, Literal(0.1), Literal(std::int64_t{0}), Literal(std::int64_t{-128}),
                                      Literal(std::int64_t{127}), Literal(std::string("int8"))},
                                     {1, 2, 8, 8}, tensor::DType::Int8);
        return add(graph, graph::op::dequantizePerTensor, name + "_dequantize",
                   {integers, Literal(0.1), Literal(std::int64_t{0}), Literal(std::int64_t{-128}), Literal(std::int64_t{127}),
                    Literal(std::string("int8"))},
                   {1, 2, 8, 8});
    };
    const ValueId r = add(graph, "aten::relu", "block.relu", {quantized(c, "17")}, {1, 2, 8, 8});
    graph.main.outputs = {add(graph, "aten::neg", "neg", {quantized(r, "18")}, {1, 2, 8, 8})};
    graph.findNode("block.conv")->scope = "block.conv";
    graph.findNode("block.relu")->scope = "block.relu";
    const Drawing drawn = drawing(graph, {Kind::Chosen, {}});
    EXPECT_EQ(idsOf(drawn), (std::vector<std::string>{"input:x", "module:block", "neg", "output:0"}));
    EXPECT_EQ(node(drawn, "module:block").nodesInside, 2);
    EXPECT_EQ(node(drawn, "module:block").layersInside, 1);
    EXPECT_EQ(drawing(graph).nodes.size(), 9U);
    EXPECT_EQ(drawing(graph).open, (std::vector<std::string>{"block"})); // and block.conv is no module
}

} // namespace

} // namespace lathe::layout

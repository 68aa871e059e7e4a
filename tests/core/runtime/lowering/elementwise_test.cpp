#include <core/runtime/lowering/elementwise.h>

#include <limits>

#include <gtest/gtest.h>

#include <core/graph/operators/integers.h>
#include <core/graph/operators/operator.h>
#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {
namespace {

std::optional<Elementwise> of(const std::string& op, std::vector<Operand> more = {}) {
    Graph graph;
    more.insert(more.begin(), Operand(graph.addInput("x")));
    graph.addNode(op, "function", std::move(more));
    return elementwiseOf(graph.main.nodes[0]);
}

TEST(Elementwise, KnowsParameters) {
    using Kind = Elementwise::Kind;
    constexpr float most = std::numeric_limits<float>::max();
    EXPECT_EQ(of("aten::relu"), Elementwise{Kind::Relu});
    EXPECT_EQ(of("aten::leaky_relu", {real(0.25)}), (Elementwise{Kind::Relu, 0.25F}));
    EXPECT_EQ(of("aten::relu6"), (Elementwise{Kind::Clip, 0, 6}));
    EXPECT_EQ(of("aten::clamp", {none(), integer(3)}), (Elementwise{Kind::Clip, -most, 3}));
    EXPECT_EQ(of("aten::gelu"), Elementwise{Kind::Gelu});
    EXPECT_EQ(of("aten::gelu", {word("tanh")}), Elementwise{Kind::GeluTanh});
    EXPECT_EQ(of("aten::elu", {real(0.5)}), (Elementwise{Kind::Elu, 0.5F}));
    EXPECT_EQ(nameOf(*of("aten::silu")), "silu");
}

TEST(Elementwise, NothingElse) {
    EXPECT_EQ(of("aten::softmax.int", {integer(1)}), std::nullopt);
    EXPECT_EQ(of("aten::gelu", {word("other")}), std::nullopt);
    EXPECT_EQ(of("aten::elu", {real(0.5), real(2), integer(1)}), std::nullopt);
    EXPECT_EQ(of("aten::leaky_relu", {graph::ValueId{0}}), std::nullopt) << "computed in the model";
    EXPECT_EQ(of("aten::clamp"), std::nullopt) << "limits nothing";
}

TEST(Elementwise, WhatFloatLayersTakeInHasATableOfBytes) {
    int functions = 0;
    for (const graph::Operator& known : graph::operators()) {
        Graph graph;
        graph.addNode(known.name, "function", {graph.addInput("x")});
        const graph::Node& node = graph.main.nodes[0];
        if (known.family != graph::Family::Activation || !elementwiseOf(node) || activationRange(node)) continue;
        EXPECT_TRUE(graph::curveOf(known.name)) << known.name;
        ++functions;
    }
    EXPECT_GE(functions, 7);
}

} // namespace
} // namespace lathe::runtime::testing

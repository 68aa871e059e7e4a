#include <core/formats/known_numbers.h>

#include <gtest/gtest.h>

namespace lathe::formats {
namespace {

using graph::Operand;
using graph::TypeKind;
using graph::ValueId;

Operand number(std::int64_t value) { return graph::Literal(value); }

/// What tracing writes of sizes: x of [batch, 7], and a node that reads a number made of the size of `axis`.
struct Traced {
    graph::Graph graph;
    ValueId size = -1, tensor = -1;

    explicit Traced(std::int64_t axis) {
        const ValueId x = graph.addInput("x");
        graph.value(x).shape = std::vector<graph::Dim>{{-1, "batch"}, {7, ""}};
        size = add("aten::size.int", {x, number(axis)}, TypeKind::Int);
        tensor = add("prim::NumToTensor.Scalar", {size}, TypeKind::Tensor);
    }

    ValueId add(const std::string& op, std::vector<Operand> operands, TypeKind type = TypeKind::Tensor) {
        const std::string name = "n" + std::to_string(graph.main.nodes.size());
        const ValueId id = graph.addNode(op, name, std::move(operands)).results[0];
        graph.value(id).type = type;
        return id;
    }

    /// The operand of a node that reads this number, once it is known; and nodes that are left.
    std::pair<Operand, std::size_t> read(ValueId id) {
        const ValueId tril = add("aten::tril", {graph.main.inputs[0], add("aten::Int.Tensor", {id}, TypeKind::Int)});
        graph.main.outputs = {tril};
        const graph::Graph known = withKnownNumbers(graph);
        EXPECT_TRUE(graph::verify(known));
        return {known.main.nodes.back().operands[1], known.main.nodes.size()};
    }
};

TEST(KnownNumbers, WhatIsComputedFromSizes) {
    const std::vector<std::tuple<std::string, std::vector<Operand>, std::int64_t>> cases{
        {"aten::add.Tensor", {number(3)}, 10},
        {"aten::sub.Tensor", {number(9)}, -2},
        {"aten::mul.Tensor", {number(2)}, 14},
        {"aten::floor_divide", {number(2)}, 3},
        {"aten::remainder.Scalar", {number(4)}, 3},
        {"aten::rsub.Scalar", {number(4)}, -3},
        {"aten::add.Tensor", {number(3), number(1)}, 10},
        {"aten::neg", {}, -7},
        {"aten::div.Tensor_mode", {number(2), Operand(graph::Literal(std::string("floor")))}, 3}};
    for (const auto& [op, operands, expected] : cases) {
        Traced traced(1);
        std::vector<Operand> all{traced.tensor};
        all.insert(all.end(), operands.begin(), operands.end());
        const auto [operand, nodes] = traced.read(traced.add(op, all));
        EXPECT_EQ(operand.literal<std::int64_t>(), expected) << op;
        EXPECT_EQ(nodes, 1U) << op << ": what gave the number is not needed";
    }
}

TEST(KnownNumbers, RoundingsOfNegativeOnesAndFactorsAreLeftAlone) {
    const std::vector<std::pair<std::string, std::vector<Operand>>> cases{
        {"aten::floor_divide", {number(-2)}}, {"aten::add.Tensor", {number(3), number(2)}}, {"aten::div.Tensor", {number(2)}}};
    for (const auto& [op, operands] : cases) {
        Traced traced(1);
        std::vector<Operand> all{traced.tensor};
        all.insert(all.end(), operands.begin(), operands.end());
        EXPECT_TRUE(traced.read(traced.add(op, all)).first.isValue()) << op;
    }
}

TEST(KnownNumbers, FreeSizesAreNotKnown) {
    Traced traced(0);
    const auto [operand, nodes] = traced.read(traced.tensor);
    EXPECT_TRUE(operand.isValue());
    EXPECT_EQ(nodes, 4U);
}

TEST(KnownNumbers, AListOfThemIsALiteral) {
    Traced traced(-1);
    const ValueId twice = traced.add("aten::mul.int", {traced.size, number(2)}, TypeKind::Int);
    const ValueId pooled =
        traced.add("aten::view", {traced.graph.main.inputs[0], Operand(std::vector<Operand>{number(-1), traced.size, twice})});
    traced.graph.main.outputs = {pooled};
    const graph::Graph known = withKnownNumbers(traced.graph);
    ASSERT_EQ(known.main.nodes.size(), 1U);
    EXPECT_EQ(known.main.nodes[0].operands[1].literal<std::vector<std::int64_t>>(), (std::vector<std::int64_t>{-1, 7, 14}));
}

} // namespace
} // namespace lathe::formats

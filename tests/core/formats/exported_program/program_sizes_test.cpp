#include <core/formats/exported_program/program_sizes.h>

#include <gtest/gtest.h>

namespace lathe::formats {
namespace {

using graph::Dim;
using graph::Operand;

Operand number(std::int64_t value) { return graph::Literal(value); }

TEST(ProgramSizes, FreeDimensionsWithoutANameGetSymbolsThatNoSizeNames) {
    graph::Graph graph;
    const graph::ValueId x = graph.addInput("x"), y = graph.addInput("y");
    graph.value(x).shape = std::vector<Dim>{{-1, "s0"}, {-1, ""}, {5, ""}};
    graph.value(y).shape = std::vector<Dim>{{-1, "2*s2 + 1"}};
    ProgramSizes sizes(graph);
    const auto shape = sizes.sizesOf(*graph.value(x).shape);
    ASSERT_TRUE(shape);
    ASSERT_EQ(shape->size(), 3U);
    EXPECT_EQ((*shape)[0].expression, "Symbol('s0', positive=True, integer=True)");
    EXPECT_EQ((*shape)[1].expression, "Symbol('s1', positive=True, integer=True)") << "s0 is another size of the graph";
    EXPECT_EQ((*shape)[2].value, 5);
    EXPECT_EQ((*shape)[2].expression, "");
    const auto next = sizes.sizesOf({{-1, ""}});
    ASSERT_TRUE(next);
    EXPECT_EQ((*next)[0].expression, "Symbol('s3', positive=True, integer=True)") << "s2 is part of a size of the graph";
    EXPECT_EQ(sizes.symbols(), (std::set<std::string>{"s0", "s1", "s3"}));
}

TEST(ProgramSizes, ASymbolThatIsNoExpressionIsRefused) {
    const graph::Graph graph;
    const auto sizes = ProgramSizes(graph).sizesOf({{-1, "f(x)"}});
    ASSERT_FALSE(sizes);
    EXPECT_EQ(sizes.error().code, base::ErrorCode::Unsupported);
}

TEST(ProgramSizes, DimensionsAreCountedFromBothEnds) {
    const graph::Graph graph;
    ProgramSizes sizes(graph);
    EXPECT_EQ(sizes.ofTensor(3), nullptr);
    EXPECT_EQ(sizes.ofDimension(3, 0), nullptr);
    sizes.setTensor(3, {{7, ""}, {6, "Symbol('s0')"}});
    ASSERT_NE(sizes.ofTensor(3), nullptr);
    EXPECT_EQ(sizes.ofDimension(3, 0)->value, 7);
    EXPECT_EQ(sizes.ofDimension(3, -2)->value, 7);
    EXPECT_EQ(sizes.ofDimension(3, -1)->expression, "Symbol('s0')");
    EXPECT_EQ(sizes.ofDimension(3, 2), nullptr);
    EXPECT_EQ(sizes.ofDimension(3, -3), nullptr);
    EXPECT_EQ(sizes.knownSize(3, 0), 7);
    EXPECT_FALSE(sizes.knownSize(3, 1)) << "6 is only the example's";
}

TEST(ProgramSizes, NumbersAreComputedAsExpressions) {
    const graph::Graph graph;
    ProgramSizes sizes(graph);
    EXPECT_FALSE(sizes.ofNumber(Operand(graph::ValueId{1})));
    sizes.setNumber(1, {6, "s"});
    EXPECT_TRUE(sizes.hasNumber(1));
    EXPECT_FALSE(sizes.hasNumber(2));
    const auto a = sizes.ofNumber(Operand(graph::ValueId{1})), b = sizes.ofNumber(number(4));
    ASSERT_TRUE(a && b);
    EXPECT_FALSE(sizes.ofNumber(Operand(graph::Literal(4.0))));
    EXPECT_EQ(ProgramSizes::computed("aten::add.int", *a, *b)->value, 10);
    EXPECT_EQ(ProgramSizes::computed("aten::sub.int", *a, *b)->value, 2);
    EXPECT_EQ(ProgramSizes::computed("aten::mul.int", *a, *b)->expression, "Mul(s, Integer(4))");
    EXPECT_EQ(ProgramSizes::computed("aten::floordiv.int", *a, *b)->value, 1);
    EXPECT_FALSE(ProgramSizes::computed("aten::floordiv.int", *a, {0, ""}));
    EXPECT_FALSE(ProgramSizes::computed("aten::pow.int", *a, *b));
}

} // namespace
} // namespace lathe::formats

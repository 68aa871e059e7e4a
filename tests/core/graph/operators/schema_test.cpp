#include <core/graph/operators/schema.h>

#include <gtest/gtest.h>

namespace lathe::graph {
namespace {

TEST(Schema, NamesTypesAndDefaultsOfOperands) {
    const Schema schema =
        parseSchema("aten::pad.x(Tensor self, SymInt[2] pad=0, *, str mode=\"a, b\", float? value=None, int[] dims=[1, -2], "
                    "float eps=1e-05, bool on=True) -> Tensor");
    EXPECT_EQ(schema.name, "aten::pad.x");
    ASSERT_EQ(schema.operands.size(), 7U);
    EXPECT_EQ(schema.operands[0].name, "self");
    EXPECT_EQ(schema.operands[0].type, "Tensor");
    EXPECT_FALSE(schema.operands[0].missing);
    EXPECT_EQ(schema.operands[1].type, "SymInt[2]");
    EXPECT_EQ(schema.operands[1].missing, Operand(Literal(std::vector<std::int64_t>{0, 0}))) << "one number for both";
    EXPECT_EQ(schema.operands[2].missing, Operand(Literal(std::string("a, b"))));
    EXPECT_EQ(schema.operands[3].missing, Operand());
    EXPECT_EQ(schema.operands[4].missing, Operand(Literal(std::vector<std::int64_t>{1, -2})));
    EXPECT_EQ(schema.operands[5].missing, Operand(Literal(1e-5)));
    EXPECT_EQ(schema.operands[6].missing, Operand(Literal(true)));
    EXPECT_EQ(schema.resultAliases, std::vector<char>{0});
}

TEST(Schema, AliasesAndWhatIsWritten) {
    const Schema inPlace = parseSchema("aten::append.t(t[](a!) self, t(c -> *) el) -> t[](a!)");
    EXPECT_TRUE(inPlace.operands[0].isWritten);
    EXPECT_EQ(inPlace.operands[0].type, "t[]");
    EXPECT_EQ(inPlace.operands[1].alias, 'c');
    EXPECT_FALSE(inPlace.operands[1].isWritten);
    EXPECT_EQ(inPlace.resultAliases, std::vector<char>{'a'});
    const Schema list = parseSchema("aten::split.Tensor(Tensor(a -> *) self, SymInt split_size, int dim=0) -> Tensor(a)[]");
    EXPECT_EQ(list.operands[0].alias, 'a');
    EXPECT_EQ(list.resultAliases, std::vector<char>{'a'});
    EXPECT_EQ(parseSchema("x::f(Dict(str, t)(a!) d) -> ()").operands[0].type, "Dict(str, t)");
    EXPECT_TRUE(parseSchema("x::f(Dict(str, t)(a!) d) -> ()").resultAliases.empty());
}

TEST(Schema, AnyNumberOfOperandsAndResults) {
    const Schema schema = parseSchema("prim::Loop(int max_trip_count, bool condition, ...) -> ...");
    EXPECT_TRUE(schema.isVariadic);
    EXPECT_EQ(schema.operands.size(), 2U);
    EXPECT_TRUE(schema.resultAliases.empty());
    EXPECT_EQ(
        parseSchema("aten::max.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)").resultAliases.size(), 2U);
}

} // namespace
} // namespace lathe::graph

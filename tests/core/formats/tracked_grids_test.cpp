#include <core/formats/tracked_grids.h>

#include <gtest/gtest.h>

namespace lathe::formats {
namespace {

using graph::Node;
using graph::Operand;
using graph::ValueId;
using Grid = TrackedGrids::Grid;

const Grid fine{0.1, 3, 0, 255, tensor::DType::UInt8}, coarse{0.5, 0, 0, 255, tensor::DType::UInt8};

Operand value(ValueId id) { return Operand(id); }
Operand index(std::int64_t number) { return graph::Literal(number); }

Node node(const std::string& op, std::vector<Operand> operands, std::vector<ValueId> results) {
    Node made;
    made.op = op;
    made.operands = std::move(operands);
    made.results = std::move(results);
    return made;
}

/// Values 1 and 2 are quantized, 0 is not.
TrackedGrids tracked() {
    TrackedGrids grids;
    grids.set(1, fine);
    grids.set(2, coarse);
    return grids;
}

TEST(TrackedGrids, ValuesAndWrittenLists) {
    const TrackedGrids grids = tracked();
    EXPECT_EQ(grids.of(value(0)), nullptr);
    EXPECT_EQ(*grids.of(value(1)), fine);
    EXPECT_EQ(grids.of(index(1)), nullptr) << "a literal is no value";
    const Operand both(std::vector<Operand>{value(2), value(0)}), empty(std::vector<Operand>{});
    EXPECT_EQ(*grids.ofFirst(both), coarse);
    EXPECT_EQ(grids.ofFirst(empty), nullptr);
    EXPECT_TRUE(grids.holdsQuantized(Operand(std::vector<Operand>{value(0), both})));
    EXPECT_FALSE(grids.holdsQuantized(Operand(std::vector<Operand>{value(0), empty})));
}

TEST(TrackedGrids, ListsHandTheirGridsToWhatIsTakenOut) {
    TrackedGrids grids = tracked();
    ASSERT_TRUE(grids.follow(node("prim::ListConstruct", {value(1), value(2)}, {10})));
    EXPECT_EQ(*grids.of(value(10)), fine) << "a list of quantized tensors is one, on the grid of its first";
    ASSERT_TRUE(grids.follow(node("prim::ListUnpack", {value(10)}, {11, 12})));
    EXPECT_EQ(*grids.of(value(11)), fine);
    EXPECT_EQ(*grids.of(value(12)), coarse);
    ASSERT_TRUE(grids.follow(node("aten::__getitem__.t", {value(10), index(-1)}, {13})));
    EXPECT_EQ(*grids.of(value(13)), coarse);
    ASSERT_TRUE(grids.follow(node("aten::__getitem__.t", {value(10), index(5)}, {14})));
    EXPECT_EQ(grids.of(value(14)), nullptr) << "there is no such element";
}

TEST(TrackedGrids, TuplesMayHoldBoth) {
    TrackedGrids grids = tracked();
    ASSERT_TRUE(grids.follow(node("prim::TupleConstruct", {value(0), value(2)}, {10})));
    EXPECT_EQ(grids.of(value(10)), nullptr);
    ASSERT_TRUE(grids.follow(node("prim::TupleUnpack", {value(10)}, {11, 12})));
    EXPECT_EQ(grids.of(value(11)), nullptr);
    EXPECT_EQ(*grids.of(value(12)), coarse);
    ASSERT_TRUE(grids.follow(node("prim::TupleIndex", {value(10), index(1)}, {13})));
    EXPECT_EQ(*grids.of(value(13)), coarse);
}

TEST(TrackedGrids, OtherNodesAreNotFollowed) {
    TrackedGrids grids = tracked();
    EXPECT_FALSE(grids.follow(node("prim::ListConstruct", {value(0)}, {10}))) << "nothing in it is quantized";
    EXPECT_FALSE(grids.follow(node("prim::ListUnpack", {value(10)}, {11})));
    EXPECT_FALSE(grids.follow(node("aten::relu", {value(1)}, {12})));
    EXPECT_FALSE(grids.follow(node("prim::Constant", {}, {13})));
    ASSERT_TRUE(grids.follow(node("prim::ListConstruct", {value(1)}, {14})));
    EXPECT_FALSE(grids.follow(node("prim::TupleIndex", {value(14), value(0)}, {15}))) << "which one is not known";
}

TEST(TrackedGrids, OneGridForAllElements) {
    TrackedGrids grids = tracked();
    grids.set(3, fine);
    EXPECT_TRUE(grids.areOnOneGrid(Operand(std::vector<Operand>{value(1), value(3)})));
    EXPECT_FALSE(grids.areOnOneGrid(Operand(std::vector<Operand>{value(1), value(2)})));
    EXPECT_FALSE(grids.areOnOneGrid(Operand(std::vector<Operand>{value(1), value(0)})));
    ASSERT_TRUE(grids.follow(node("prim::ListConstruct", {value(1), value(3)}, {10})));
    ASSERT_TRUE(grids.follow(node("prim::ListConstruct", {value(1), value(2)}, {11})));
    EXPECT_TRUE(grids.areOnOneGrid(value(10)));
    EXPECT_FALSE(grids.areOnOneGrid(value(11)));
    EXPECT_TRUE(grids.areOnOneGrid(value(1))) << "of a value nothing else is known";
}

} // namespace
} // namespace lathe::formats

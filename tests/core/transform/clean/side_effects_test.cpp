#include <core/transform/clean/side_effects.h>

#include <gtest/gtest.h>

namespace lathe::transform {
namespace {

bool operatorHasEffects(const char* op) {
    graph::Node node;
    node.op = op;
    return hasSideEffects(node);
}

TEST(SideEffects, KnowsOperatorsThatWrite) {
    for (const char* op : {"aten::add_.Tensor", "aten::relu_", "aten::copy_", "aten::append.t", "aten::add.out", "aten::_set_item.t",
                           "prim::Print", "prim::RaiseException", "prim::SetAttr", "custom::op"}) {
        EXPECT_TRUE(operatorHasEffects(op)) << op;
    }
    for (const char* op : {"aten::add.Tensor", "aten::relu", "aten::__and__.bool", "aten::__getitem__.t", "prim::ListConstruct",
                           "lathe::conv2d_relu", "quantized_decomposed::quantize_per_tensor"}) {
        EXPECT_FALSE(operatorHasEffects(op)) << op;
    }
}

TEST(SideEffects, ANodeHasTheEffectsOfItsBlocks) {
    graph::Node branch, inner;
    branch.op = "prim::If";
    inner.op = "aten::relu";
    branch.blocks = {{{}, {inner}, {}}, {}};
    EXPECT_FALSE(hasSideEffects(branch));
    branch.blocks[0].nodes[0].op = "prim::Print";
    EXPECT_TRUE(hasSideEffects(branch));
}

TEST(SideEffects, KnowsRandomOperators) {
    EXPECT_TRUE(isRandom("aten::randn"));
    EXPECT_TRUE(isRandom("aten::bernoulli_.float"));
    EXPECT_FALSE(isRandom("aten::relu"));
}

} // namespace
} // namespace lathe::transform

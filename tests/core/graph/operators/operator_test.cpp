#include <core/graph/operators/operator.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace lathe::graph {
namespace {

bool operatorHasEffects(const char* op) {
    Node node;
    node.op = op;
    return hasSideEffects(node);
}

TEST(Operator, IsFoundByItsNameWithOverload) {
    ASSERT_NE(findOperator("aten::add.Tensor"), nullptr);
    EXPECT_EQ(findOperator("aten::add.Tensor")->family, Family::Arithmetic);
    EXPECT_EQ(findOperator("aten::add.Tensor"), findOperator(std::string("aten::add.Tensor")));
    for (const char* op : {"", "add", "aten::add", "aten::add.NoSuchOverload", "custom::relu"})
        EXPECT_EQ(findOperator(op), nullptr) << op;
}

TEST(Operator, EachHasOneRowAndItsRolesAreOperands) {
    std::set<std::string> names;
    for (const Operator& row : operators()) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        std::set<std::string_view> roles;
        for (const OperandRole& role : row.operands)
            EXPECT_TRUE(roles.insert(role.name).second) << row.name << " " << role.name;
        if (!row.training.empty()) {
            EXPECT_TRUE(row.position(row.training)) << row.name;
        }
        for (const std::string_view role : row.weights)
            EXPECT_TRUE(role.empty() || row.position(role)) << row.name << " " << role;
        const bool isExactOrRounds = row.grid == GridRule::Moves || row.grid == GridRule::Cuts || row.grid == GridRule::Rounds;
        EXPECT_TRUE(!row.runsOnBytes || isExactOrRounds) << row.name << " on bytes has to say what it does to a grid";
        EXPECT_TRUE(row.unfused.empty() || findOperator(row.unfused)) << row.name;
    }
}

TEST(Operator, TheFormInPlaceHasTheSameOperandsAndWritesTheFirst) {
    const Operator *pure = findOperator("aten::squeeze.dim"), *inPlace = findOperator("aten::squeeze_.dim");
    ASSERT_TRUE(pure != nullptr && inPlace != nullptr);
    EXPECT_EQ(inPlace->pure, pure);
    EXPECT_EQ(inPlace->position("dim"), 1U);
    EXPECT_TRUE(inPlace->writesOperands());
    EXPECT_FALSE(pure->writesOperands());
    EXPECT_EQ(inPlace->channels, pure->channels);
    EXPECT_FALSE(inPlace->runsOnBytes);
}

TEST(Operator, ResultsThatLookIntoAnOperandSaySo) {
    EXPECT_EQ(findOperator("aten::view")->resultAliases, std::vector<char>{'a'});
    EXPECT_EQ(findOperator("aten::view")->operands[0].alias, 'a');
    EXPECT_EQ(findOperator("aten::relu")->resultAliases, std::vector<char>{0});
}

TEST(Weighted, AreConvolutionsAndLinearLayers) {
    for (const char* op : {"aten::conv1d", "aten::conv2d", "aten::conv3d", "aten::conv_transpose1d", "aten::conv_transpose2d.input",
                           "aten::conv_transpose3d.input", "aten::_convolution", "lathe::conv2d_relu"})
        EXPECT_TRUE(isConvolution(op) && isWeighted(op) && !isLinear(op)) << op;
    for (const char* op : {"aten::linear", "lathe::linear_relu"})
        EXPECT_TRUE(isLinear(op) && isWeighted(op) && !isConvolution(op)) << op;
    for (const char* op : {"aten::matmul", "aten::embedding", "aten::lstm.input", "aten::no_such_operator"})
        EXPECT_FALSE(isWeighted(op)) << op;
}

TEST(Quantization, IsTold) {
    EXPECT_TRUE(isQuantize("quantized_decomposed::quantize_per_token"));
    EXPECT_TRUE(isDequantize("quantized_decomposed::dequantize_per_tensor.tensor"));
    EXPECT_TRUE(choosesQparams("quantized_decomposed::choose_qparams_symmetric.tensor"));
    EXPECT_FALSE(isQuantize("quantized_decomposed::choose_qparams.tensor") || isQuantize("aten::relu"));
}

TEST(KeepsQuantization, IsWhatRunsOnBytesExactly) {
    for (const char* op : {"aten::relu", "aten::max_pool1d", "aten::max_pool2d", "aten::max_pool3d", "aten::flatten.using_ints",
                           "aten::view", "aten::reshape", "aten::permute", "aten::transpose.int", "aten::squeeze", "aten::squeeze.dim",
                           "aten::squeeze.dims", "aten::unsqueeze", "aten::contiguous", "aten::dropout"})
        EXPECT_TRUE(keepsQuantization(op)) << op;
    for (const char* op : {"aten::avg_pool2d", "aten::relu_", "aten::view.dtype", "aten::slice.Tensor", "aten::add.Tensor"})
        EXPECT_FALSE(keepsQuantization(op)) << op;
}

TEST(ChannelRules, LooksAtTheOperatorWhateverItsOverload) {
    EXPECT_EQ(channelRule("aten::add.Tensor"), ChannelRule::Broadcasts);
    EXPECT_EQ(channelRule("aten::add_.Tensor"), ChannelRule::Broadcasts);
    EXPECT_EQ(channelRule("aten::relu_"), ChannelRule::Keeps);
    EXPECT_EQ(channelRule("aten::flatten.using_ints"), ChannelRule::Reshapes);
    EXPECT_EQ(channelRule("aten::mean.dim"), ChannelRule::Reduces);
    EXPECT_EQ(channelRule("aten::conv2d"), ChannelRule::Convolves);
    EXPECT_EQ(channelRule("lathe::conv2d_relu"), ChannelRule::Convolves);
    EXPECT_EQ(channelRule("lathe::linear_relu"), ChannelRule::Multiplies);
}

TEST(ChannelRules, KnowsNothingOfOthers) {
    for (const char* op : {"aten::sort", "aten::grid_sampler", "custom::relu", "prim::If", ""})
        EXPECT_EQ(channelRule(op), ChannelRule::Unknown) << op;
}

TEST(SideEffects, KnowsOperatorsThatWrite) {
    for (const char* op : {"aten::add_.Tensor", "aten::relu_", "aten::copy_", "aten::append.t", "aten::add.out", "aten::_set_item.t",
                           "prim::Print", "prim::RaiseException", "prim::SetAttr", "custom::op", "aten::warn"}) {
        EXPECT_TRUE(operatorHasEffects(op)) << op;
    }
    for (const char* op : {"aten::add.Tensor", "aten::relu", "aten::__and__.bool", "aten::__getitem__.t", "prim::ListConstruct",
                           "aten::sort", "lathe::conv2d_relu", "quantized_decomposed::quantize_per_tensor", "prim::NumToTensor.Scalar"}) {
        EXPECT_FALSE(operatorHasEffects(op)) << op;
    }
}

TEST(SideEffects, ANodeHasTheEffectsOfItsBlocks) {
    Node branch, inner;
    branch.op = "prim::If";
    inner.op = "aten::relu";
    branch.blocks = {{{}, {inner}, {}}, {}};
    EXPECT_FALSE(hasSideEffects(branch));
    branch.blocks[0].nodes[0].op = "prim::Print";
    EXPECT_TRUE(hasSideEffects(branch));
}

TEST(Random, OperatorsAreKnown) {
    EXPECT_TRUE(isRandom("aten::randn"));
    EXPECT_TRUE(isRandom("aten::bernoulli_.float"));
    EXPECT_TRUE(isRandom("aten::dropout_"));
    EXPECT_FALSE(isRandom("aten::relu"));
}

} // namespace
} // namespace lathe::graph

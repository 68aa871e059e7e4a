#include <core/transform/prune/channel_rules.h>

#include <gtest/gtest.h>

namespace lathe::transform {
namespace {

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
    for (const char* op : {"aten::softmax.int", "aten::layer_norm", "custom::relu", "prim::If", ""})
        EXPECT_EQ(channelRule(op), ChannelRule::Unknown) << op;
}

} // namespace
} // namespace lathe::transform

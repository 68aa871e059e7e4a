#include <core/steps/step.h>

#include <gtest/gtest.h>

namespace lathe::steps {
namespace {

TEST(Step, TheLastPatternThatFitsWinsThenTheRuleThenTheStep) {
    Step step{"quantize.static", true, {{"weights", {{"bits", 4}}}}, {}};
    step.where = {"!conv1"};
    step.layers = {{"conv*", {{"weights", {{"bits", 3}}}}}, {"conv2", {{"keep", "quantized"}, {"weights", {{"bits", 2}}}}}};
    EXPECT_EQ(step.parameter("weights.bits"), 4);
    EXPECT_EQ(step.parameter("weights.bits", "fc1"), 4);
    EXPECT_EQ(step.parameter("weights.bits", "conv1"), 3);
    EXPECT_EQ(step.parameter("weights.bits", "conv2"), 2);
    EXPECT_EQ(step.parameter("keep", "conv1"), "float");
    EXPECT_EQ(step.parameter("keep", "conv2"), "quantized");
    EXPECT_TRUE(step.leavesOut("conv1"));
    EXPECT_FALSE(step.leavesOut("conv2"));
}

TEST(Step, WhatIsNotSetIsNoSetting) {
    const Step step{"finetune", true, {{"epochs", 3}}, {}};
    EXPECT_EQ(step.setting("epochs"), 3);
    EXPECT_EQ(step.setting("momentum"), std::nullopt);
    EXPECT_EQ(step.parameter("momentum"), 0.9);
}

TEST(Step, PatternsMustNameLayers) {
    Step step{"prune.structured", true, base::Json::object(), {{"conv3", {{"ratio", 0.1}}}}};
    EXPECT_EQ(checkLayers(step, {"conv1", "fc"}).error().message, "the model has no layer \"conv3\"; did you mean \"conv1\"?");
    step.layers.front().first = "conv*";
    EXPECT_TRUE(checkLayers(step, {"conv1", "fc"}));
}

} // namespace
} // namespace lathe::steps

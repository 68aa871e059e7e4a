#include <core/steps/layer_weights.h>

#include <gtest/gtest.h>

#include <core/base/message_json.h>
#include <tests/support/reference_interpreter.h>

namespace lathe::steps {
namespace {

using Names = std::vector<std::string>;

TEST(LayerWeights, ChoosesLayersAndSaysWhyOthersStay) {
    Step step{"quantize.static", true, base::Json::object(), {}};
    step.layers = {{"conv*", {{"keep", "float"}}}, {"conv2", {{"keep", "quantized"}}}};
    StepOutcome outcome{support::lenet5(), {}, {}, {}};
    EXPECT_EQ(layersToQuantize(outcome, step), (Names{"conv2", "fc1", "fc2", "fc3"}));
    EXPECT_EQ(base::texts(outcome.notes), (Names{"\"conv1\" is kept in float."}));
}

TEST(LayerWeights, LeavesWeightsThatTheModelComputes) {
    support::ModelBuilder model({1, 4});
    const auto scaled = model.node("aten::mul.Tensor", "scaled", {model.weight("w", {3, 4}), model.weight("g", {3, 1})});
    StepOutcome outcome{model.finish(model.node("aten::linear", "fc", {model.input(), scaled, graph::Operand()})), {}, {}, {}};
    EXPECT_TRUE(layersToQuantize(outcome, {"quantize.static", true, base::Json::object(), {}}).empty());
    EXPECT_EQ(base::texts(outcome.notes), (Names{"\"fc\" is not quantized: its weight is computed in the model."}));
}

TEST(LayerWeights, WeightsFollowTheCpuUnlessTheRangeIsSet) {
    EXPECT_EQ(integersOf(RangeChoice::Auto), (quantization::IntegerRange{0, 255}));
    EXPECT_EQ(integersOf(RangeChoice::Full), (quantization::IntegerRange{0, 255}));
    EXPECT_EQ(integersOf(RangeChoice::Reduced), (quantization::IntegerRange{0, 127}));
    EXPECT_TRUE(reducesWeights(RangeChoice::Auto, false));
    EXPECT_FALSE(reducesWeights(RangeChoice::Auto, true));
    EXPECT_FALSE(reducesWeights(RangeChoice::Full, false));
    EXPECT_FALSE(reducesWeights(RangeChoice::Reduced, false));
}

} // namespace
} // namespace lathe::steps

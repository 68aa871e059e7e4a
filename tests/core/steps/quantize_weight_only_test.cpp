#include <core/steps/quantize_weight_only.h>

#include <limits>

#include <gtest/gtest.h>

#include <core/base/message_json.h>
#include <core/graph/layer_weight.h>
#include <core/graph/layers.h>
#include <core/graph/operators/names.h>
#include <core/transform/quantize/quantizer.h>
#include <core/transform/quantize/weight_error.h>
#include <tests/support/reference_interpreter.h>
#include <tests/support/step_context.h>

namespace lathe::steps {
namespace {

Step stepWith(base::Json parameters) { return {"quantize.weight_only", true, std::move(parameters), {}}; }

TEST(WeightOnly, EveryLayerReadsItsDequantizedWeight) {
    const graph::Graph before = support::lenet5();
    StepOutcome outcome{before, {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, stepWith(base::Json::object())));
    ASSERT_TRUE(graph::verify(outcome.graph)) << graph::verify(outcome.graph).error().text();
    const graph::UseIndex uses(outcome.graph);
    ASSERT_EQ(graph::layers(before).size(), 5U);
    for (const graph::Layer& layer : graph::layers(before)) {
        const graph::Node& node = *outcome.graph.findNode(layer.name);
        const auto info = graph::weightOf(outcome.graph, uses, node);
        ASSERT_TRUE(info && info->dequantize != nullptr) << layer.name;
        EXPECT_EQ(info->dequantize->op, graph::op::dequantizePerChannel);
        EXPECT_EQ(outcome.graph.value(info->weight).dtype, tensor::DType::Int8);
        EXPECT_EQ(outcome.graph.value(info->weight).name, layer.name + ".weight");

        // What the graph computes for the weight, against the quantizer alone.
        const auto original = before.value(*before.findValue(layer.name + ".weight")).data.toFloats();
        const auto expected = transform::dequantize(transform::quantizeWeight(original, layer.weightShape, {}));
        EXPECT_DOUBLE_EQ(outcome.layers.at(layer.name).at("loss"), transform::weightError(original, expected).loss());
        EXPECT_GT(outcome.layers.at(layer.name).at("sqnr_db"), 35);
        EXPECT_EQ(outcome.layers.at(layer.name).at("bits"), 8);
        std::vector<double> computed;
        (void)support::interpret(outcome.graph, support::randomNumbers({1, 1, 32, 32}, 2),
                                 [&](graph::ValueId id, const support::Numbers& numbers) {
                                     if (id == node.operands[1].value()) computed = numbers.values;
                                 });
        ASSERT_EQ(computed.size(), expected.size()) << layer.name;
        for (std::size_t i = 0; i < expected.size(); ++i)
            EXPECT_NEAR(computed[i], expected[i], 1e-7);
    }
    EXPECT_EQ(graph::parameterCount(outcome.graph), graph::parameterCount(before));
}

TEST(WeightOnly, OverridesPerLayer) {
    Step step = stepWith({{"weights", {{"bits", 4}}}});
    step.layers = {{"fc*", {{"weights", {{"granularity", "tensor"}, {"scheme", "affine"}}}}}, {"conv1", {{"keep", "float"}}}};
    StepOutcome outcome{support::lenet5(), {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, step));
    EXPECT_EQ(outcome.graph.findNode("fc1.weight_dequantize")->op, graph::op::dequantizePerTensor);
    EXPECT_EQ(outcome.graph.findNode("conv2.weight_dequantize")->op, graph::op::dequantizePerChannel);
    EXPECT_EQ(outcome.graph.findNode("conv2.weight_dequantize")->operands[5].literal<std::int64_t>(), 7);
    EXPECT_EQ(outcome.graph.findNode("fc1.weight_dequantize")->operands[3].literal<std::int64_t>(), -8);
    EXPECT_EQ(outcome.graph.findNode("conv1.weight_dequantize"), nullptr);
    EXPECT_EQ(outcome.layers.at("fc1").at("bits"), 4);
    EXPECT_EQ(base::texts(outcome.notes), (std::vector<std::string>{"\"conv1\" is kept in float."}));
}

TEST(WeightOnly, ASharedWeightIsQuantizedOnce) {
    support::ModelBuilder model({1, 4});
    const auto first = model.linear("first", model.input(), 4, 4);
    auto operands = model.graph.findNode("first")->operands;
    operands[0] = first;
    StepOutcome outcome{model.finish(model.node("aten::linear", "second", operands)), {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, stepWith(base::Json::object())));
    ASSERT_TRUE(graph::verify(outcome.graph));
    EXPECT_EQ(outcome.graph.main.nodes.size(), 3U);
    EXPECT_EQ(outcome.graph.findNode("second")->operands[1], outcome.graph.findNode("first")->operands[1]);
}

TEST(WeightOnly, QuantizingTwiceChangesNothingMore) {
    StepOutcome once{support::lenet5(), {}, {}, {}};
    ASSERT_TRUE(support::work(once, stepWith(base::Json::object())));
    StepOutcome twice{once.graph, {}, {}, {}};
    ASSERT_TRUE(support::work(twice, stepWith(base::Json::object())));
    EXPECT_TRUE(graph::structurallyEqual(once.graph, twice.graph));
    EXPECT_EQ(twice.notes.front(), "\"conv1\" is already quantized.");
}

TEST(WeightOnly, RefusesNaNAndNamesTheLayer) {
    graph::Graph graph = support::lenet5();
    graph.value(*graph.findValue("fc3.weight")).data =
        tensor::Tensor::of<float>({10, 84}, std::vector<float>(840, std::numeric_limits<float>::quiet_NaN()));
    StepOutcome outcome{graph, {}, {}, {}};
    const auto result = support::work(outcome, stepWith(base::Json::object()));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().text(), "\"fc3.weight\" holds NaN or infinity (first at element 0). (while quantizing fc3)");
}

TEST(WeightOnly, CanBeCancelled) {
    std::stop_source stop;
    stop.request_stop();
    StepOutcome outcome{support::lenet5(), {}, {}, {}};
    support::TestContext context({stop.get_token(), {}});
    const auto result = support::work(outcome, stepWith(base::Json::object()), context);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, base::ErrorCode::Cancelled);
}

} // namespace
} // namespace lathe::steps

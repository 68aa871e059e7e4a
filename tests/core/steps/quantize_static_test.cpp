#include <core/steps/quantize_static.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <core/base/message_json.h>
#include <core/graph/operators/names.h>
#include <core/steps/apply_step.h>
#include <core/transform/fuse/conv_relu.h>
#include <core/transform/fuse/linear_relu.h>
#include <tests/support/reference_interpreter.h>
#include <tests/support/step_context.h>

namespace lathe::steps {
namespace {

using support::Numbers;

Step stepWith(base::Json parameters) { return {"quantize.static", true, std::move(parameters), {}}; }

/// Calibrates with random images through the reference interpreter.
class Calibration {
public:
    Calibration() {
        context.onObserve = [](const graph::Graph& graph, const std::vector<graph::ValueId>& values, std::int64_t samples,
                               const StepContext::Observer& observer) -> base::Result<> {
            for (unsigned sample = 0; sample < std::min<std::int64_t>(samples, 8); ++sample) {
                (void)support::interpret(graph, support::randomNumbers({1, 1, 32, 32}, sample),
                                         [&](graph::ValueId id, const Numbers& numbers) {
                                             if (std::ranges::find(values, id) == values.end()) return;
                                             const std::vector<float> floats(numbers.values.begin(), numbers.values.end());
                                             observer(id, tensor::Tensor::of({static_cast<std::int64_t>(floats.size())}, floats));
                                         });
            }
            return {};
        };
    }
    support::TestContext context;
};

StepOutcome quantized(const graph::Graph& graph, const Step& step, bool hasVnni = true) {
    StepOutcome outcome{graph, {}, {}, {}};
    Calibration calibration;
    calibration.context.hasVnni = hasVnni;
    const auto result = support::work(outcome, step, calibration.context);
    EXPECT_TRUE(result) << result.error().text();
    const auto verified = graph::verify(outcome.graph);
    EXPECT_TRUE(verified) << verified.error().text();
    return outcome;
}

graph::Graph fusedLenet5() {
    graph::Graph graph = support::lenet5();
    EXPECT_EQ(transform::fuseConvRelu(graph), 2);
    EXPECT_EQ(transform::fuseLinearRelu(graph), 2);
    return graph;
}

/// Root mean square of the difference of the outputs, relative to that of the outputs.
double relativeError(const graph::Graph& before, const graph::Graph& after) {
    double noise = 0, signal = 0;
    for (unsigned seed = 100; seed < 105; ++seed) {
        const Numbers x = support::randomNumbers({1, 1, 32, 32}, seed);
        const Numbers expected = support::interpret(before, x), got = support::interpret(after, x);
        for (std::size_t i = 0; i < expected.values.size(); ++i) {
            noise += std::pow(expected.values[i] - got.values[i], 2);
            signal += std::pow(expected.values[i], 2);
        }
    }
    return std::sqrt(noise / signal);
}

/// (scale, zero point) of the quantize node behind the value `node`_out.
std::pair<double, std::int64_t> parametersOf(const graph::Graph& graph, const std::string& name) {
    const graph::Node* node = graph.findNode(name + "_quantize");
    if (node == nullptr) return {0, -1};
    return {node->operands[1].literal<double>().value(), node->operands[2].literal<std::int64_t>().value()};
}

TEST(Static, ComputesNearlyTheSame) {
    for (const char* calibrator : {"minmax", "histogram"}) {
        const double error = relativeError(support::lenet5(), quantized(support::lenet5(), stepWith({{"calibrator", calibrator}})).graph);
        EXPECT_GT(error, 0);
        EXPECT_LT(error, 0.04) << calibrator;
    }
    EXPECT_LT(relativeError(support::lenet5(), quantized(fusedLenet5(), stepWith({})).graph), 0.04);
}

TEST(Static, IntegersFlowFromLayerToLayerWithOneScale) {
    const graph::Graph graph = quantized(fusedLenet5(), stepWith({})).graph;
    const auto conv1 = parametersOf(graph, "relu1"); // the fused layer's result keeps the relu's name
    EXPECT_EQ(conv1.second, 0);
    EXPECT_EQ(parametersOf(graph, "pool1"), conv1);
    EXPECT_EQ(parametersOf(graph, "flatten"), parametersOf(graph, "pool2"));
    EXPECT_EQ(parametersOf(graph, "flatten"), parametersOf(graph, "relu2"));
    EXPECT_NE(parametersOf(graph, "relu2"), conv1);
    // The classifier's result leaves the accumulator as float.
    EXPECT_EQ(graph.findNode("fc3_quantize"), nullptr);
    EXPECT_EQ(graph.value(graph.main.outputs.front().value()).name, "fc3_out");
}

TEST(Static, EveryWeightedLayerReadsAQuantizedInputAndWeight) {
    for (const graph::Graph& before : {support::lenet5(), fusedLenet5()}) {
        const graph::Graph graph = quantized(before, stepWith({})).graph;
        const graph::UseIndex uses(graph);
        for (const char* layer : {"conv1", "conv2", "fc1", "fc2", "fc3"}) {
            const graph::Node& node = *graph.findNode(layer);
            EXPECT_EQ(uses.producer(node.operands[0].value())->op, graph::op::dequantizePerTensor) << layer;
            EXPECT_EQ(uses.producer(node.operands[1].value())->op, graph::op::dequantizePerChannel) << layer;
            EXPECT_TRUE(graph.value(node.operands[2].value()).dtype == tensor::DType::Float32) << layer;
        }
    }
}

TEST(Static, RangeFollowsTheCpuUnlessSet) {
    const auto highest = [](const StepOutcome& outcome) {
        return outcome.graph.findNode("x_quantize")->operands[4].literal<std::int64_t>();
    };
    const StepOutcome automatic = quantized(support::lenet5(), stepWith({}), false);
    EXPECT_EQ(highest(automatic), 255);
    EXPECT_EQ(automatic.figures.at("activation_levels"), 256);
    EXPECT_EQ(automatic.layers.at("conv2").at("bits"), 7) << "weights, which lose less";
    EXPECT_EQ(automatic.notes.back(), "Weights take 7 of 8 bits, so that no integer kernel overflows: this CPU has no VNNI.");
    EXPECT_EQ(quantized(support::lenet5(), stepWith({{"weights", {{"bits", 4}}}}), false).layers.at("conv2").at("bits"), 4);
    EXPECT_EQ(quantized(support::lenet5(), stepWith({{"targets", "weights"}}), false).layers.at("conv2").at("bits"), 8);
    EXPECT_EQ(highest(quantized(support::lenet5(), stepWith({{"activations", {{"range", "full"}}}}), false)), 255);
    EXPECT_EQ(quantized(support::lenet5(), stepWith({{"activations", {{"range", "full"}}}}), false).layers.at("conv2").at("bits"), 8);
    EXPECT_EQ(highest(quantized(support::lenet5(), stepWith({}))), 255);
    EXPECT_EQ(highest(quantized(support::lenet5(), stepWith({{"activations", {{"range", "reduced"}}}}))), 127);
}

TEST(Static, ThePreviewHasTheBitsOfTheRun) {
    for (const bool hasVnni : {true, false}) {
        const auto preview = previewStep(support::lenet5(), stepWith({}), {}, hasVnni);
        ASSERT_TRUE(preview) << preview.error().text();
        EXPECT_EQ(preview->layers.at("conv2").at("bits"), hasVnni ? 8 : 7);
    }
}

TEST(Static, SymmetricActivationsHaveZeroInTheMiddle) {
    const graph::Graph graph = quantized(support::lenet5(), stepWith({{"activations", {{"scheme", "symmetric"}}}})).graph;
    EXPECT_EQ(parametersOf(graph, "relu1").second, 128);
}

TEST(Static, KeptLayersStayFloatOnBothSides) {
    Step step = stepWith({});
    step.layers = {{"fc*", {{"keep", "float"}}}};
    const StepOutcome outcome = quantized(support::lenet5(), step);
    const graph::UseIndex uses(outcome.graph);
    EXPECT_EQ(uses.producer(outcome.graph.findNode("fc1")->operands[0].value())->name, "flatten");
    EXPECT_EQ(uses.producer(outcome.graph.findNode("fc1")->operands[1].value()), nullptr);
    EXPECT_EQ(outcome.graph.findNode("conv2_quantize"), nullptr); // nobody reads its integers
    EXPECT_EQ(outcome.notes.size(), 3U);
    EXPECT_FALSE(outcome.layers.contains("fc1"));
}

TEST(Static, TargetsOneSideOnly) {
    const graph::Graph weights = quantized(support::lenet5(), stepWith({{"targets", "weights"}})).graph;
    EXPECT_EQ(weights.findNode("x_quantize"), nullptr);
    EXPECT_NE(weights.findNode("conv1.weight_dequantize"), nullptr);
    const graph::Graph activations = quantized(support::lenet5(), stepWith({{"targets", "activations"}})).graph;
    EXPECT_NE(activations.findNode("x_quantize"), nullptr);
    EXPECT_EQ(activations.findNode("conv1.weight_dequantize"), nullptr);
}

TEST(Static, AModelOutputThatALayerReadsStaysFloat) {
    graph::Graph graph = support::lenet5();
    const auto hidden = graph.findNode("relu4")->results.front();
    graph.main.outputs.emplace_back(hidden);
    const graph::Graph after = quantized(graph, stepWith({})).graph;
    EXPECT_EQ(after.value(after.main.outputs[1].value()).name, "relu4_out");
}

TEST(Static, RefusesActivationsThatAreNotFiniteOrNeverSeen) {
    const auto errorWith = [](const std::vector<float>& last) {
        support::TestContext bad;
        bad.onObserve = [last](const graph::Graph& graph, const std::vector<graph::ValueId>& values, std::int64_t,
                               const StepContext::Observer& observer) -> base::Result<> {
            for (const graph::ValueId id : values) {
                const bool isOurs = graph.value(id).name == "relu2_out";
                const std::vector<float> seen = isOurs ? last : std::vector<float>{1};
                if (!seen.empty()) observer(id, tensor::Tensor::of({static_cast<std::int64_t>(seen.size())}, seen));
            }
            return {};
        };
        StepOutcome outcome{support::lenet5(), {}, {}, {}};
        const auto result = support::work(outcome, stepWith({}), bad);
        return result ? std::string("accepted") : result.error().message.text();
    };
    EXPECT_EQ(errorWith({}), "Calibration never computed \"relu2_out\".");
    EXPECT_EQ(errorWith({1, std::numeric_limits<float>::quiet_NaN()}),
              "\"relu2_out\" was NaN or infinite 1 times on the calibration samples.");
}

TEST(Static, WhereAFunctionIsFlatItsInputDoesNotCount) {
    // x → a → sigmoid → b
    support::ModelBuilder model({1, 1, 8, 8});
    const auto a = model.convolution("a", model.input(), 1, 2);
    StepOutcome outcome{model.finish(model.convolution("b", model.node("aten::sigmoid", "sigmoid", {a}), 2, 1)), {}, {}, {}};
    support::TestContext context;
    context.onObserve = [](const graph::Graph&, const std::vector<graph::ValueId>& values, std::int64_t,
                           const StepContext::Observer& observer) -> base::Result<> {
        for (const graph::ValueId value : values)
            observer(value, tensor::Tensor::of({4}, std::vector<float>{-50, -1, 0.5, 40}));
        return {};
    };
    ASSERT_TRUE(support::work(outcome, stepWith({{"calibrator", "minmax"}}), context));
    EXPECT_FLOAT_EQ(static_cast<float>(parametersOf(outcome.graph, "a").first), 12.0F / 255) << "from -6 to 6";
    EXPECT_FLOAT_EQ(static_cast<float>(parametersOf(outcome.graph, "sigmoid").first), 90.0F / 255);
}

TEST(Static, AGateInTwoPartsIsRoundedOnce) {
    support::ModelBuilder model({1, 1, 8, 8});
    const auto a = model.convolution("a", model.input(), 1, 2);
    const auto product = model.node("aten::mul.Tensor", "product", {a, model.node("aten::sigmoid", "gate", {a})});
    StepOutcome outcome{model.finish(model.convolution("b", product, 2, 1)), {}, {}, {}};
    support::TestContext context;
    context.onObserve = [](const graph::Graph&, const std::vector<graph::ValueId>& values, std::int64_t,
                           const StepContext::Observer& observer) -> base::Result<> {
        for (const graph::ValueId value : values)
            observer(value, tensor::Tensor::of({2}, std::vector<float>{-1, 2}));
        return {};
    };
    ASSERT_TRUE(support::work(outcome, stepWith({}), context));
    EXPECT_EQ(outcome.graph.findNode("gate"), nullptr);
    EXPECT_EQ(outcome.graph.findNode("product")->op, "aten::silu");
    for (const char* name : {"x", "a", "product"})
        EXPECT_NE(parametersOf(outcome.graph, name).first, 0) << name;
}

TEST(Static, RandomDataIsSaid) {
    Calibration calibration;
    const auto notesWith = [&](StepContext::Data data) {
        StepOutcome outcome{support::lenet5(), {}, {}, {}};
        calibration.context.kind = data;
        EXPECT_TRUE(support::work(outcome, stepWith({}), calibration.context));
        return outcome.notes;
    };
    EXPECT_TRUE(notesWith(StepContext::Data::Real).empty());
    EXPECT_EQ(base::texts(notesWith(StepContext::Data::Random)),
              (std::vector<std::string>{"The ranges of activations were found with random input: they mean nothing for real data."}));
}

} // namespace
} // namespace lathe::steps

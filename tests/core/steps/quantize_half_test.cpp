#include <core/steps/quantize_half.h>

#include <limits>

#include <gtest/gtest.h>

#include <core/base/message_json.h>
#include <core/graph/layer_weight.h>
#include <core/graph/layers.h>
#include <core/quantization/half.h>
#include <core/transform/quantize/weight_error.h>
#include <tests/support/graphs.h>
#include <tests/support/reference_interpreter.h>
#include <tests/support/step_context.h>

namespace lathe::steps {
namespace {

using tensor::DType;

Step stepWith(base::Json parameters) { return {"quantize.half", true, std::move(parameters), {}}; }

/// The dtype that an operand of the node is rounded to; nothing: it is not.
std::optional<DType> roundedTo(const graph::Graph& graph, const std::string& node, std::size_t operand) {
    const auto rounding = quantization::matchHalfRounding(graph::UseIndex(graph), graph.findNode(node)->operands[operand].value());
    return rounding ? std::optional(rounding->dtype) : std::nullopt;
}

TEST(QuantizeHalf, EveryLayerReadsHalves) {
    const graph::Graph before = support::lenet5();
    for (const auto& [word, dtype] : {std::pair{"bfloat16", DType::BFloat16}, std::pair{"float16", DType::Float16}}) {
        StepOutcome outcome{before, {}, {}, {}};
        ASSERT_TRUE(support::work(outcome, stepWith({{"type", word}})));
        ASSERT_TRUE(graph::verify(outcome.graph)) << graph::verify(outcome.graph).error().text();
        const graph::UseIndex uses(outcome.graph);
        ASSERT_EQ(graph::layers(outcome.graph).size(), 5U) << "they are layers as before";
        for (const graph::Layer& layer : graph::layers(before)) {
            const auto info = graph::layerWeightOf(outcome.graph, uses, *outcome.graph.findNode(layer.name));
            ASSERT_TRUE(info && info->dequantize != nullptr) << layer.name;
            EXPECT_EQ(outcome.graph.value(info->weight).data.dtype(), dtype);
            EXPECT_EQ(roundedTo(outcome.graph, layer.name, 0), dtype);
            const auto original = before.value(*before.findValue(layer.name + ".weight")).data.toFloats();
            const auto stored = outcome.graph.value(info->weight).data.toFloats();
            EXPECT_DOUBLE_EQ(outcome.layers.at(layer.name).at("loss"), transform::weightError(original, stored).loss());
            // Rounding errors are spread evenly over a step of 2^-8 (2^-11) of a number's size, or less.
            EXPECT_GT(outcome.layers.at(layer.name).at("sqnr_db"), dtype == DType::BFloat16 ? 50 : 68);
            EXPECT_EQ(outcome.layers.at(layer.name).at("bits"), 16);
        }
        EXPECT_EQ(outcome.figures.at("changed_nodes"), 5);
        EXPECT_TRUE(outcome.notes.empty());
    }
}

TEST(QuantizeHalf, LayersThatStayFloatAndThoseThatAreQuantizedAlready) {
    Step step = stepWith(base::Json::object());
    step.layers = {{"conv1", {{"keep", "float"}}}};
    StepOutcome outcome{support::lenet5(), {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, step));
    EXPECT_FALSE(roundedTo(outcome.graph, "conv1", 0));
    EXPECT_EQ(base::texts(outcome.notes), (std::vector<std::string>{"\"conv1\" is kept in float."}));
    StepOutcome twice{outcome.graph, {}, {}, {}};
    ASSERT_TRUE(support::work(twice, step));
    EXPECT_TRUE(graph::structurallyEqual(outcome.graph, twice.graph));
    EXPECT_EQ(twice.figures.at("changed_nodes"), 0);
    EXPECT_EQ(base::texts(twice.notes).back(), "\"fc3\" is already quantized.");
}

TEST(QuantizeHalf, StepsThatChangeWeightsComeBefore) {
    StepOutcome half{support::lenet5(), {}, {}, {}};
    ASSERT_TRUE(support::work(half, stepWith(base::Json::object())));
    for (const char* op : {"factorize", "share.codebook", "quantize.weight_only"}) {
        StepOutcome after{half.graph, {}, {}, {}};
        ASSERT_TRUE(support::work(after, {op, true, base::Json::object(), {}})) << op;
        EXPECT_TRUE(graph::structurallyEqual(half.graph, after.graph)) << op;
        EXPECT_EQ(base::texts(after.notes).front(), "\"conv1\" is already quantized.") << op;
    }
    StepOutcome pruned{half.graph, {}, {}, {}};
    const auto result = support::work(pruned, {"prune.unstructured", true, base::Json::object(), {}});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, "\"conv1\" is already quantized; move the pruning step before the quantization.");
}

/// Both operands of a product, one of them a stored matrix; readers of one value share its rounding.
TEST(QuantizeHalf, ProductsOfMatrices) {
    graph::Graph graph;
    const auto described = [&](graph::ValueId id, const std::vector<std::int64_t>& sizes) {
        graph.value(id).dtype = DType::Float32;
        graph.value(id).shape = graph::dims(sizes);
        return id;
    };
    const auto node = [&](const std::string& op, const std::string& name, const std::vector<graph::Operand>& operands,
                          const std::vector<std::int64_t>& sizes) {
        return described(graph.addNode(op, name, operands).results[0], sizes);
    };
    const auto x = described(graph.addInput("x"), {2, 3, 4});
    const auto linear = [&](const std::string& name) {
        return node("aten::linear", name, {x, graph.addWeight(name + ".weight", support::randomTensor({4, 4}, 3)), graph::Operand()},
                    {2, 3, 4});
    };
    const auto first = linear("first"), second = linear("second");
    const graph::Operand one = graph::Literal(std::int64_t{1}), two = graph::Literal(std::int64_t{2});
    const auto turned = node("aten::transpose.int", "turned", {second, one, two}, {2, 4, 3});
    const auto scores = node("aten::matmul", "scores", {first, turned}, {2, 3, 3});
    const auto table = graph.addWeight("table", support::randomTensor({3, 5}, 4));
    graph.main.outputs.emplace_back(node("aten::matmul", "stored", {scores, table}, {2, 3, 5}));
    StepOutcome outcome{graph, {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, stepWith(base::Json::object())));
    ASSERT_TRUE(graph::verify(outcome.graph)) << graph::verify(outcome.graph).error().text();
    EXPECT_EQ(roundedTo(outcome.graph, "scores", 0), DType::BFloat16);
    EXPECT_EQ(roundedTo(outcome.graph, "scores", 1), DType::BFloat16);
    EXPECT_EQ(roundedTo(outcome.graph, "stored", 0), DType::BFloat16);
    EXPECT_EQ(outcome.graph.value(*outcome.graph.findValue("table")).data.dtype(), DType::BFloat16);
    EXPECT_EQ(outcome.graph.findNode("first")->operands[0], outcome.graph.findNode("second")->operands[0]);
    EXPECT_EQ(outcome.figures.at("changed_nodes"), 4);
}

TEST(QuantizeHalf, RefusesNaNAndNamesTheLayer) {
    graph::Graph graph = support::lenet5();
    graph.value(*graph.findValue("fc3.weight")).data =
        tensor::Tensor::of<float>({10, 84}, std::vector<float>(840, std::numeric_limits<float>::quiet_NaN()));
    StepOutcome outcome{graph, {}, {}, {}};
    const auto result = support::work(outcome, stepWith(base::Json::object()));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().text(), "\"fc3.weight\" holds NaN or infinity (first at element 0). (while storing the weight of fc3)");
}

TEST(QuantizeHalf, CanBeCancelled) {
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

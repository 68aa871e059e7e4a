#include <core/steps/quantize_dynamic.h>

#include <gtest/gtest.h>

#include <core/graph/operators/names.h>
#include <core/quantization/pair_sums.h>
#include <tests/support/graphs.h>
#include <tests/support/reference_interpreter.h>
#include <tests/support/step_context.h>

namespace lathe::steps {
namespace {

const Step step{"quantize.dynamic", true, base::Json::object(), {}};

TEST(Dynamic, LinearLayersReadWhatIsQuantizedAtRunTime) {
    const graph::Graph before = support::lenet5();
    StepOutcome outcome{before, {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, step));
    ASSERT_TRUE(graph::verify(outcome.graph)) << graph::verify(outcome.graph).error().text();
    const graph::UseIndex uses(outcome.graph);
    for (const char* layer : {"fc1", "fc2", "fc3"}) {
        const graph::Node* dequantize = uses.producer(outcome.graph.findNode(layer)->operands[0].value());
        ASSERT_NE(dequantize, nullptr);
        EXPECT_EQ(dequantize->op, graph::op::dequantizePerTensorDynamic) << layer;
        EXPECT_EQ(dequantize->operands[4].literal<std::int64_t>(), 255);
    }
    EXPECT_EQ(uses.producer(outcome.graph.findNode("conv2")->operands[0].value())->name, "pool1");
    EXPECT_EQ(outcome.figures.at("changed_nodes"), 3);

    const auto x = support::randomNumbers({1, 1, 32, 32}, 5);
    const auto expected = support::interpret(before, x), got = support::interpret(outcome.graph, x);
    double largest = 0;
    for (const double value : expected.values)
        largest = std::max(largest, std::fabs(value));
    EXPECT_GT(support::maxDifference(got, expected), 0);
    EXPECT_LT(support::maxDifference(got, expected), largest * 0.02);
}

TEST(Dynamic, WeightsTakeSevenBitsWithoutVnni) {
    support::TestContext context;
    context.hasVnni = false;
    StepOutcome outcome{support::lenet5(), {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, step, context));
    EXPECT_EQ(outcome.graph.findNode("flatten_quantize")->operands[4].literal<std::int64_t>(), 255);
    EXPECT_EQ(outcome.layers.at("fc1").at("bits"), 7);
    EXPECT_EQ(quantization::largestMagnitude(outcome.graph.value(*outcome.graph.findValue("fc1.weight")).data), 63);
    EXPECT_EQ(outcome.notes.back().text(), "Weights take 7 of 8 bits, so that no integer kernel overflows: this CPU has no VNNI.");
}

TEST(Dynamic, GranularityPerToken) {
    Step perToken = step;
    perToken.parameters["activations"]["granularity"] = "token";
    support::TestContext context;
    context.hasVnni = false; // 8 bits all the same: no kernel of ours saturates
    StepOutcome outcome{support::lenet5(), {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, perToken, context));
    ASSERT_TRUE(graph::verify(outcome.graph));
    EXPECT_EQ(outcome.graph.findNode("flatten_quantize")->op, graph::op::quantizePerToken);
    EXPECT_EQ(outcome.graph.findNode("flatten_quantize")->operands[4].literal<std::int64_t>(), 127);
    EXPECT_EQ(outcome.layers.at("fc1").at("bits"), 8);
    EXPECT_EQ(outcome.notes.size(), 2U); // the two convolutions that stay float; nothing about 7 bits
}

TEST(Dynamic, TheRangeCanBeChosen) {
    support::TestContext context;
    context.hasVnni = false;
    Step full = step;
    full.parameters["activations"]["range"] = "full";
    StepOutcome outcome{support::lenet5(), {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, full, context));
    EXPECT_EQ(outcome.graph.findNode("flatten_quantize")->operands[4].literal<std::int64_t>(), 255);
    EXPECT_EQ(outcome.layers.at("fc1").at("bits"), 8);
    full.parameters["activations"]["range"] = "reduced";
    outcome = {support::lenet5(), {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, full));
    EXPECT_EQ(outcome.graph.findNode("flatten_quantize")->operands[4].literal<std::int64_t>(), 127);
}

TEST(Dynamic, TablesOfEmbeddingsBecomeIntegers) {
    support::ModelBuilder model({2, 4});
    graph::Graph graph = model.finish(model.linear("fc", model.input(), 4, 3));
    const graph::ValueId table = graph.addWeight("table", support::randomTensor({5, 4}, 3), true);
    graph::Node lookUp;
    lookUp.op = "aten::embedding";
    lookUp.name = "words";
    lookUp.operands = {graph::Operand(table), graph::Operand(graph.main.inputs[0])};
    lookUp.results = {graph.addResult("words_out")};
    graph.main.nodes.push_back(lookUp);
    graph.main.outputs.emplace_back(lookUp.results[0]);
    StepOutcome outcome{graph, {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, step));
    ASSERT_TRUE(graph::verify(outcome.graph));
    const graph::UseIndex uses(outcome.graph);
    const graph::Node* dequantize = uses.producer(outcome.graph.findNode("words")->operands[0].value());
    ASSERT_NE(dequantize, nullptr);
    EXPECT_EQ(dequantize->op, graph::op::dequantizePerChannel);
    EXPECT_EQ(outcome.graph.value(dequantize->operands[1].value()).data.elementCount(), 5); // one scale for each row
    EXPECT_EQ(outcome.graph.value(table).dtype, tensor::DType::Int8);
    EXPECT_GT(outcome.layers.at("words").at("sqnr_db"), 35);
    EXPECT_EQ(outcome.figures.at("changed_nodes"), 2);
}

TEST(Dynamic, OnlyTheLayersReadRoundedNumbers) {
    support::ModelBuilder model({2, 4});
    const auto layer = model.linear("fc", model.input(), 4, 4);
    StepOutcome outcome{model.finish(model.add("residual", layer, model.input())), {}, {}, {}};
    const graph::ValueId input = outcome.graph.main.inputs.front();
    ASSERT_TRUE(support::work(outcome, step));
    ASSERT_TRUE(graph::verify(outcome.graph));
    EXPECT_NE(outcome.graph.findNode("fc")->operands[0].value(), input);
    EXPECT_EQ(outcome.graph.findNode("residual")->operands[1].value(), input);
}

TEST(Dynamic, LayersThatReadOneValueShareItsQuantization) {
    support::ModelBuilder model({2, 4});
    const auto q = model.linear("q", model.input(), 4, 4), k = model.linear("k", model.input(), 4, 4);
    StepOutcome outcome{model.finish(model.add("add", q, k)), {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, step));
    ASSERT_TRUE(graph::verify(outcome.graph));
    EXPECT_EQ(outcome.graph.findNode("q")->operands[0], outcome.graph.findNode("k")->operands[0]);
    EXPECT_EQ(outcome.graph.main.nodes.size(), 3U + 3U + 2U); // layers and sum, one quantization, two weights
}

/// Rounded where it is made, it would be rounded before the numbers are in it.
TEST(Dynamic, AnInputThatIsWrittenIntoStaysFloatAndIsSaid) {
    support::ModelBuilder model({2, 4});
    const auto batch = model.relu("batch", model.input());
    const auto row = model.node("aten::select.int", "row",
                                {batch, graph::Operand(graph::Literal(std::int64_t{0})), graph::Operand(graph::Literal(std::int64_t{1}))});
    model.node("aten::copy_", "copy", {row, model.input(), graph::Operand(graph::Literal(false))});
    model.graph.main.outputs = {model.linear("layer", batch, 4, 4)};
    StepOutcome outcome{model.graph, {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, step));
    EXPECT_EQ(outcome.graph.findNode("layer")->operands[0].value(), batch);
    EXPECT_EQ(outcome.layerNotes.at("layer").at(0).code(), "quantize.writtenInput");
}

} // namespace
} // namespace lathe::steps

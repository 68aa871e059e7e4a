#include <core/steps/left_out.h>

#include <gtest/gtest.h>

#include <core/graph/layers.h>
#include <core/steps/apply_step.h>
#include <tests/support/graphs.h>
#include <tests/support/step_context.h>

namespace lathe::steps {
namespace {

/// x → LSTM "lstm" → linear "fc" → product with a stored matrix "product".
graph::Graph recurrentModel() {
    graph::Graph graph;
    const auto x = graph.addInput("x"), state = graph.addInput("h");
    const auto wIn = graph.addWeight("lstm.w_ih", support::randomTensor({32, 6}, 1)),
               wState = graph.addWeight("lstm.w_hh", support::randomTensor({32, 8}, 2));
    const auto bIn = graph.addWeight("lstm.b_ih", support::randomTensor({32}, 3)),
               bState = graph.addWeight("lstm.b_hh", support::randomTensor({32}, 4));
    const graph::Operand yes = graph::Literal(true), no = graph::Literal(false);
    const std::vector<graph::Operand> states{state, state}, parameters{wIn, wState, bIn, bState};
    const auto lstm =
        graph.addNode("aten::lstm.input", "lstm", {x, states, parameters, yes, support::number(1), graph::Literal(0.0), no, no, yes}, 3)
            .results;
    const auto fc =
        graph.addNode("aten::linear", "fc", {lstm[0], graph.addWeight("fc.weight", support::randomTensor({5, 8}, 5)), graph::Operand()})
            .results[0];
    graph.main.outputs = {
        graph.addNode("aten::matmul", "product", {fc, graph.addWeight("basis", support::randomTensor({5, 7}, 6))}).results[0]};
    return graph;
}

StepOutcome outcomeOf(const char* op, base::Json parameters = base::Json::object()) {
    support::TestContext context;
    auto outcome = applyStep(recurrentModel(), {op, true, std::move(parameters), {}}, context);
    EXPECT_TRUE(outcome) << outcome.error().text();
    return outcome ? std::move(*outcome) : StepOutcome{};
}

std::string noteOf(const StepOutcome& outcome, const char* layer) {
    const auto found = outcome.layerNotes.find(layer);
    return found == outcome.layerNotes.end() ? "" : found->second.front().text();
}

constexpr const char* keepsInFloat =
    "\"product\" (aten::matmul) keeps its 35 weights in float: this step is for convolutions, linear layers and embeddings.";

TEST(LeftOut, QuantizationSaysWhatStaysFloat) {
    EXPECT_EQ(noteOf(outcomeOf("quantize.weight_only"), "product"), keepsInFloat);
    EXPECT_EQ(noteOf(outcomeOf("quantize.dynamic"), "product"), keepsInFloat);
    const StepOutcome fixed = outcomeOf("quantize.static", {{"targets", "weights"}});
    EXPECT_EQ(noteOf(fixed, "product"), keepsInFloat);
    EXPECT_EQ(noteOf(fixed, "lstm"),
              "\"lstm\" (aten::lstm.input) keeps its 448 weights in float: this step is for convolutions, linear layers and embeddings.");
}

TEST(LeftOut, PruningSaysWhatItIsNotFor) {
    EXPECT_EQ(noteOf(outcomeOf("prune.unstructured"), "lstm"),
              "\"lstm\" (aten::lstm.input) keeps its 448 weights: pruning is for convolutions and linear layers.");
    EXPECT_EQ(noteOf(outcomeOf("prune.structured"), "product"),
              "\"product\" (aten::matmul) keeps its 35 weights: pruning is for convolutions and linear layers.");
    EXPECT_EQ(noteOf(outcomeOf("prune.structured"), "lstm"), "\"lstm\" keeps its 8 channels: the shapes of \"lstm\" are not known.");
}

/// With the shapes that the model has for two sequences of five steps.
graph::Graph shapedRecurrentModel() {
    graph::Graph graph = recurrentModel();
    const auto setShape = [&](graph::ValueId id, const tensor::Shape& shape) {
        graph.value(id).shape = graph::dims(shape);
        graph.value(id).dtype = tensor::DType::Float32;
    };
    setShape(graph.main.inputs[0], {2, 5, 6});
    setShape(graph.main.inputs[1], {1, 2, 8});
    const auto& results = graph.findNode("lstm")->results;
    setShape(results[0], {2, 5, 8});
    setShape(results[1], {1, 2, 8});
    setShape(results[2], {1, 2, 8});
    setShape(graph.findNode("fc")->results[0], {2, 5, 5});
    setShape(graph.findNode("product")->results[0], {2, 5, 7});
    return graph;
}

TEST(LeftOut, RecurrentLayersAreNamedInRules) {
    const graph::Graph graph = shapedRecurrentModel();
    const Step skipped{"prune.structured", true, base::Json::object(), {{"ls*", {{"skip", true}}}}};
    EXPECT_TRUE(checkLayers(skipped, graph::layerNames(graph)));
    support::TestContext context;
    const auto kept = applyStep(graph, skipped, context);
    ASSERT_TRUE(kept) << kept.error().text();
    EXPECT_EQ(noteOf(*kept, "lstm"), "\"lstm\" is skipped.");
    Step ruled{"prune.structured", true, base::Json::object(), {}};
    ruled.where = {"!first"};
    const auto left = applyStep(graph, ruled, context);
    ASSERT_TRUE(left) << left.error().text();
    EXPECT_TRUE(left->layerNotes.contains("lstm")) << "the first layer of the model";
}

TEST(LeftOut, LayersThatAreReachedAreNotNoted) { EXPECT_EQ(noteOf(outcomeOf("quantize.weight_only"), "fc"), ""); }

TEST(LeftOut, RecurrentLayersStoreIntegers) {
    for (const char* op : {"quantize.weight_only", "quantize.dynamic"}) {
        const StepOutcome outcome = outcomeOf(op);
        const graph::Value& matrix = outcome.graph.value(*outcome.graph.findValue("lstm.w_hh"));
        EXPECT_EQ(matrix.data.dtype(), tensor::DType::Int8) << op;
        EXPECT_EQ(outcome.graph.value(*outcome.graph.findValue("lstm.b_hh")).data.dtype(), tensor::DType::Float32);
        EXPECT_EQ(outcome.layers.at("lstm").at("bits"), 8);
        EXPECT_GT(outcome.layers.at("lstm").at("loss"), 0);
        EXPECT_EQ(outcome.figures.at("changed_nodes"), 2); // and fc
        EXPECT_EQ(noteOf(outcome, "lstm"), "\"lstm\" stores its weights as integers, which makes the file smaller, and computes in float.");
    }
}

} // namespace
} // namespace lathe::steps

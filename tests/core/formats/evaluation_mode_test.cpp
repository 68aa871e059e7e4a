#include <core/formats/evaluation_mode.h>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::formats {
namespace {

using graph::Graph;
using graph::Literal;
using graph::Operand;
using graph::ValueId;

TEST(EvaluationMode, FixesBatchNormAndDropout) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const ValueId mean = graph.addWeight("bn.running_mean", support::randomTensor({2}, 1), false);
    const ValueId variance = graph.addWeight("bn.running_var", support::randomTensor({2}, 2), false);
    const ValueId count = graph.addWeight("bn.num_batches_tracked", tensor::Tensor::of<std::int64_t>({}, {0}), false);
    const Operand none, yes = Literal(true), no = Literal(false), small = Literal(0.1);
    graph.addNode("aten::add_.Tensor", "count", {count, support::number(1), support::number(1)});
    const ValueId norm = graph.addNode("aten::batch_norm", "bn", {x, none, none, mean, variance, yes, small, small, no}).results[0];
    const ValueId instance = graph.addNode("aten::batch_norm", "own", {norm, none, none, none, none, yes, small, small, no}).results[0];
    graph.main.outputs = {graph.addNode("aten::dropout", "drop", {instance, small, yes}).results[0]};
    const auto switched = switchToEvaluation(graph);
    EXPECT_EQ(switched, (std::map<std::string, int>{{"batch_norm", 1}, {"dropout", 1}}));
    EXPECT_EQ(evaluationNote(switched),
              "The model was recorded while it was training; as after model.eval(), these run as in evaluation: 1 batch_norm, 1 dropout.");
    EXPECT_TRUE(switchToEvaluation(graph).empty()) << "once";
    EXPECT_TRUE(evaluationNote({}).empty());
    ASSERT_EQ(graph.main.nodes.size(), 3U); // nothing counts batches
    EXPECT_EQ(graph.findNode("bn")->operands[5].literal<bool>(), false);
    EXPECT_EQ(graph.findNode("own")->operands[5].literal<bool>(), true); // has no statistics of its own
    EXPECT_EQ(graph.findNode("drop")->operands[2].literal<bool>(), false);
}

TEST(EvaluationMode, AttentionDropsNothing) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const Operand none, no = Literal(false), rate = Literal(0.1);
    graph.main.outputs = {graph.addNode("aten::scaled_dot_product_attention", "attention", {x, x, x, none, rate, no, none, no}).results[0]};
    EXPECT_EQ(switchToEvaluation(graph), (std::map<std::string, int>{{"attention dropout", 1}}));
    EXPECT_EQ(graph.findNode("attention")->operands[4].literal<double>(), 0.0);
}

/// F.instance_norm with statistics that were kept (track_running_stats=True).
TEST(EvaluationMode, InstanceNormTakesItsStatisticsWhereItHasSome) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const ValueId mean = graph.addWeight("running_mean", support::randomTensor({2}, 1), false);
    const Operand none, yes = Literal(true), small = Literal(0.1);
    const ValueId own = graph.addNode("aten::instance_norm", "own", {x, none, none, none, none, yes, small, small, yes}).results[0];
    graph.main.outputs = {graph.addNode("aten::instance_norm", "kept", {own, none, none, mean, mean, yes, small, small, yes}).results[0]};
    EXPECT_EQ(switchToEvaluation(graph).size(), 1U);
    EXPECT_EQ(graph.findNode("own")->operands[5].literal<bool>(), true);
    EXPECT_EQ(graph.findNode("kept")->operands[5].literal<bool>(), false);
}

TEST(EvaluationMode, KeepsACounterThatIsUsed) {
    Graph graph;
    const ValueId count = graph.addWeight("num_batches_tracked", tensor::Tensor::of<std::int64_t>({}, {0}), false);
    graph.main.outputs = {graph.addNode("aten::add_.Tensor", "count", {count, support::number(1), support::number(1)}).results[0]};
    switchToEvaluation(graph);
    EXPECT_EQ(graph.main.nodes.size(), 1U);
}

} // namespace
} // namespace lathe::formats

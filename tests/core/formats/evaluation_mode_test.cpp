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
    switchToEvaluation(graph);
    ASSERT_EQ(graph.main.nodes.size(), 3U); // nothing counts batches
    EXPECT_EQ(graph.findNode("bn")->operands[5].literal<bool>(), false);
    EXPECT_EQ(graph.findNode("own")->operands[5].literal<bool>(), true); // has no statistics of its own
    EXPECT_EQ(graph.findNode("drop")->operands[2].literal<bool>(), false);
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

#include <core/formats/import_report.h>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::formats {
namespace {

TEST(CheckOperator, KnowsWhatRuns) {
    for (const char* op : {"aten::conv2d", "aten::add.Tensor", "aten::batch_norm", "aten::flatten.using_ints", "prim::If", "prim::Loop",
                           "prim::ListConstruct", "prim::ListUnpack", "prim::TupleConstruct", "prim::TupleUnpack",
                           "prim::NumToTensor.Scalar", "aten::Int.Tensor", "aten::size", "aten::size.int", "aten::__getitem__.t",
                           "aten::append.t", "lathe::conv2d_relu", "quantized_decomposed::quantize_per_tensor"})
        EXPECT_TRUE(checkOperator(op)) << op;
}

TEST(CheckOperator, SaysWhyTheOthersDoNot) {
    EXPECT_EQ(checkOperator("custom::op").error().message, "The operator custom::op is not known.");
    EXPECT_EQ(checkOperator("aten::relu.no_such_overload").error().message, "The operator aten::relu.no_such_overload is not known.");
    EXPECT_NE(checkOperator("quantized::linear").error().message.find("already quantized"), std::string::npos);
    EXPECT_NE(checkOperator("prim::GetAttr").error().message.find("objects"), std::string::npos);
    EXPECT_NE(checkOperator("aten::_cudnn_rnn").error().message.find("no kernel"), std::string::npos);
}

TEST(ImportReport, CountsMostFrequentFirstAndPlacesProblems) {
    graph::Graph graph = support::smallConvNet();
    auto& custom = graph.addNode("custom::op", "odd", {graph.main.outputs[0]});
    custom.scope = "head";
    custom.source = {"model.py", 12};
    graph.main.outputs = {custom.results[0]};
    graph.addNode("aten::relu", "relu2", {graph.main.inputs[0]});

    const ImportReport report = makeReport(graph, "torchscript", {});
    EXPECT_FALSE(report.runs);
    EXPECT_EQ(report.operators.front().op, "aten::relu");
    EXPECT_EQ(report.operators.front().count, 2);
    ASSERT_EQ(report.problems.size(), 1U);
    EXPECT_EQ(report.problems[0].op, "custom::op");
    EXPECT_EQ(report.problems[0].scope, "head");
    EXPECT_EQ(report.problems[0].source, "model.py:12");
    EXPECT_EQ(report.problems[0].reason, "The operator custom::op is not known.");
}

TEST(ImportReport, RunsWithoutProblems) {
    const ImportReport report = makeReport(support::smallConvNet(), "torchscript", {});
    EXPECT_TRUE(report.runs);
    EXPECT_TRUE(report.problems.empty());
    EXPECT_EQ(report.operators.size(), 5U);
}

} // namespace
} // namespace lathe::formats

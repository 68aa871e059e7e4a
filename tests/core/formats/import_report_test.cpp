#include <core/formats/import_report.h>

#include <gtest/gtest.h>

#include <core/graph/operators/names.h>
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
    EXPECT_EQ(
        checkOperator("quantized::linear").error().message,
        "PyTorch has quantized::linear only for its own quantized tensors, and Lathe has no counterpart of it; open the float model.");
    EXPECT_NE(checkOperator("prim::GetAttr").error().message.text().find("objects"), std::string::npos);
    EXPECT_NE(checkOperator("aten::_cudnn_rnn").error().message.text().find("no kernel"), std::string::npos);
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

TEST(ImportReport, SaysThatAModelIsQuantizedAlready) {
    graph::Graph graph = support::smallConvNet();
    const auto bytes = graph.addWeight("bytes", tensor::Tensor::zeros(tensor::DType::Int8, {3, 64}), false);
    const auto weight =
        graph
            .addNode(std::string(graph::op::dequantizePerTensor), "weight",
                     {bytes, graph::Literal(0.1), support::number(0), support::number(-127), support::number(127), graph::Literal("int8")})
            .results[0];
    graph.findNode("fc")->operands[1] = graph::Operand(weight);
    const ImportReport report = makeReport(graph, "onnx", {});
    ASSERT_EQ(report.notes.size(), 1U);
    EXPECT_EQ(report.notes[0], "The model is quantized already: 1 of 2 layers have integer weights. Quantization steps leave these as they "
                               "are; open the float model to quantize it in another way.");
    EXPECT_TRUE(makeReport(support::smallConvNet(), "onnx", {}).notes.empty());

    graph::Graph chance;
    const auto x = chance.addInput("x");
    const auto off = chance.addNode("aten::dropout", "off", {x, graph::Literal(0.5), graph::Literal(false)}).results[0];
    EXPECT_TRUE(makeReport(chance, "onnx", {}).notes.empty()) << "dropout does nothing in evaluation";
    chance.main.outputs = {chance.addNode("aten::bernoulli", "draw", {off, graph::Operand()}).results[0]};
    const auto notes = makeReport(chance, "onnx", {}).notes;
    ASSERT_EQ(notes.size(), 1U);
    EXPECT_EQ(notes[0], "The model draws random numbers each time it runs (aten::bernoulli): its outputs differ from run to run.");
}

TEST(ImportReport, RunsWithoutProblems) {
    const ImportReport report = makeReport(support::smallConvNet(), "torchscript", {});
    EXPECT_TRUE(report.runs);
    EXPECT_TRUE(report.problems.empty());
    EXPECT_EQ(report.operators.size(), 5U);
}

} // namespace
} // namespace lathe::formats

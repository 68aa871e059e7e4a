#include <core/engine/export_notes.h>

#include <gtest/gtest.h>

#include <core/graph/operators/names.h>
#include <tests/support/graphs.h>

namespace lathe::engine {
namespace {

/// x (dequantized) → linear "fc" with an integer weight → what `add` says: + x, or the output.
graph::Graph residual(bool isInteger, bool isAdded, bool isRounded) {
    graph::Graph graph;
    const auto dtype = graph::Literal(std::string("int8"));
    const auto grid = [&](graph::ValueId value, std::string_view op, const char* name) {
        return graph
            .addNode(std::string(op), name,
                     {value, graph::Literal(0.5), support::number(0), support::number(-127), support::number(127), dtype})
            .results[0];
    };
    const auto qdq = [&](graph::ValueId value, const char* quantize, const char* dequantize) {
        return grid(grid(value, graph::op::quantizePerTensor, quantize), graph::op::dequantizePerTensor, dequantize);
    };
    graph::ValueId x = graph.addInput("x");
    if (isInteger) x = qdq(x, "q", "dq");
    const auto bytes = graph.addWeight("fc.weight", tensor::Tensor::zeros(tensor::DType::Int8, {4, 4}), false);
    const auto weight = grid(bytes, graph::op::dequantizePerTensor, "weight");
    auto y = graph.addNode(std::string(graph::op::linear), "fc", {x, weight, graph::Operand()}).results[0];
    if (isRounded) y = qdq(y, "q2", "dq2");
    if (isAdded) y = graph.addNode("aten::add.Tensor", "add", {y, x, support::number(1)}).results[0];
    graph.main.outputs = {y};
    return graph;
}

TEST(ExportNotes, OfLayersWhoseResultsAreAddedAsFloat) {
    graph::Graph convolution = residual(true, true, false);
    convolution.findNode("fc")->op = graph::op::conv2d;
    for (const auto& [graph, target] : {std::pair(residual(true, true, false), "torchscript"), {convolution, "onnx"}}) {
        const auto notes = exportNotes(graph, target);
        ASSERT_EQ(notes.size(), 1U);
        EXPECT_NE(notes[0].text().find("added as float: 1. Set the residual branches"), std::string::npos) << notes[0];
    }
    EXPECT_TRUE(exportNotes(residual(true, true, false), "onnx").empty()) << "products may have float results there";
    EXPECT_TRUE(exportNotes(residual(true, true, true), "torchscript").empty()) << "the result is rounded";
    EXPECT_TRUE(exportNotes(residual(true, false, false), "torchscript").empty()) << "nothing is added";
    EXPECT_TRUE(exportNotes(residual(false, true, false), "torchscript").empty()) << "its input is float anyway";
    EXPECT_TRUE(exportNotes(residual(true, true, false), "pt2").empty());
}

} // namespace
} // namespace lathe::engine

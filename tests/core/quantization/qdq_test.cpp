#include <core/quantization/qdq.h>

#include <gtest/gtest.h>

#include <core/graph/operators/names.h>
#include <core/quantization/insert_qdq.h>
#include <tests/support/graphs.h>

namespace lathe::quantization {
namespace {

struct Quantized {
    graph::Graph graph = support::smallConvNet();
    graph::ValueId pooled = graph.findNode("pool1")->results.front(), dequantized = -1;

    explicit Quantized(const TensorGrid& grid) {
        graph::Editor editor(graph);
        dequantized = insertQdq(editor, pooled, grid);
        editor.finish();
    }
    explicit Quantized(const Grid& grid) {
        graph::Editor editor(graph);
        dequantized = insertDynamicQdq(editor, pooled, {"flatten"}, grid);
        editor.finish();
    }
    [[nodiscard]] std::optional<Qdq> match() const { return matchQdq(graph::UseIndex(graph), dequantized); }
};

TEST(Qdq, WhatIsInsertedIsFoundAgain) {
    const TensorGrid given{0.25, 3, 0, 127};
    const Quantized quantized(given);
    const auto found = quantized.match();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->input, quantized.pooled);
    EXPECT_EQ(found->choose, nullptr);
    EXPECT_EQ(found->grid.range, given.range());
    EXPECT_EQ(tensorGridOf(*found->quantize), given);
    EXPECT_EQ(tensorGridOf(*found->dequantize), given);
    EXPECT_FALSE(matchQdq(graph::UseIndex(quantized.graph), quantized.pooled));
}

TEST(Qdq, DynamicGridsAreFoundWithWhatChoosesThem) {
    for (const Grid& grid : {dynamicGrid({0, 127}), dynamicGrid(wholeRange(tensor::DType::Int8), Scheme::Symmetric), tokenGrid()}) {
        const Quantized quantized(grid);
        ASSERT_TRUE(graph::verify(quantized.graph));
        const auto found = quantized.match();
        ASSERT_TRUE(found);
        EXPECT_EQ(found->grid, grid);
        EXPECT_EQ(found->choose->op, qdqOperators(grid).choose);
        EXPECT_EQ(found->input, quantized.pooled);
        EXPECT_FALSE(tensorGridOf(*found->quantize));
    }
}

TEST(Qdq, NodesOfDifferentGridsAreNoPair) {
    Quantized quantized(TensorGrid{0.25, 3});
    quantized.graph.findNode("pool1_dequantize")->operands[1] = graph::Literal(0.5);
    EXPECT_FALSE(quantized.match());
    Quantized other(dynamicGrid({0, 255}));
    other.graph.findNode("pool1_choose_qparams")->operands[2] = graph::Literal(std::int64_t{127});
    EXPECT_FALSE(other.match()) << "chosen for other integers";
}

TEST(Qdq, NumbersOfAWeight) {
    Quantized quantized(TensorGrid{0.25, 3});
    graph::Graph& graph = quantized.graph;
    const graph::ValueId weight = *graph.findValue("fc.weight");
    graph::Editor editor(graph);
    Grid grid;
    grid.range = signedRange(4, Scheme::Symmetric);
    insertWeightDequantize(editor, weight, tensor::Tensor::zeros(tensor::DType::Int8, graph.value(weight).data.shape()), grid,
                           {{1, 2, 3}, {0, 0, 0}});
    editor.finish();
    const graph::Node& dequantize = *graph.findNode("fc.weight_dequantize");
    EXPECT_EQ(numbersOf(graph, dequantize, 3), (GridNumbers{{1, 2, 3}, {0, 0, 0}}));
    EXPECT_FALSE(numbersOf(graph, dequantize, 4)) << "not as many as channels";
    EXPECT_EQ(gridOf(dequantize)->granularity, Granularity::Channel);
    EXPECT_EQ(gridOf(dequantize)->range, grid.range);
    EXPECT_FALSE(gridOf(*graph.findNode("fc")));
}

} // namespace
} // namespace lathe::quantization

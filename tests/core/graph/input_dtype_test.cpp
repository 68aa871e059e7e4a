#include <core/graph/input_dtype.h>

#include <gtest/gtest.h>

#include <core/graph/operators/names.h>

namespace lathe::graph {
namespace {

using tensor::DType;
using tensor::Tensor;

std::optional<DType> of(const Graph& graph) { return inputDType(graph, UseIndex(graph), graph.main.inputs.front()); }

/// x → relu → linear with a weight of this type.
Graph layerOf(DType dtype) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const ValueId weight = graph.addWeight("fc.weight", Tensor::zeros(dtype, {1, 2}));
    const ValueId flat =
        graph.addNode("aten::flatten.using_ints", "flat", {x, Literal(std::int64_t{1}), Literal(std::int64_t{-1})}).results[0];
    graph.addNode(std::string(op::linear), "fc", {flat, weight, Operand()});
    return graph;
}

TEST(InputDType, IsWhatTheFileDeclares) {
    Graph graph = layerOf(DType::Float16);
    graph.value(graph.main.inputs[0]).dtype = DType::Float64;
    EXPECT_EQ(of(graph), DType::Float64);
}

TEST(InputDType, IsThatOfTheWeightOfTheLayerThatReadsIt) {
    for (const DType dtype : {DType::Float16, DType::BFloat16, DType::Float32, DType::Float64})
        EXPECT_EQ(of(layerOf(dtype)), dtype) << tensor::name(dtype);
}

TEST(InputDType, OfAWeightThatSharesNumbersIsThatOfTheCodebook) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const ValueId indices = graph.addWeight("w", Tensor::zeros(DType::UInt8, {1})),
                  codebook = graph.addWeight("c", Tensor::zeros(DType::Float16, {1, 4}));
    const ValueId weight =
        graph.addNode("lathe::lookup", "lookup", {indices, codebook, Literal(std::int64_t{2}), Literal(std::vector<std::int64_t>{1, 2})})
            .results[0];
    graph.addNode(std::string(op::linear), "fc", {x, weight, Operand()});
    EXPECT_EQ(of(graph), DType::Float16);
}

TEST(InputDType, IndicesOfAnEmbeddingAreIntegers) {
    Graph graph;
    const ValueId words = graph.addInput("words");
    const ValueId table = graph.addWeight("table", Tensor::zeros(DType::Float32, {5, 2}));
    graph.addNode(std::string(op::embedding), "words", {table, words, Literal(std::int64_t{-1}), Literal(false), Literal(false)});
    EXPECT_EQ(of(graph), DType::Int64);
}

TEST(InputDType, BehindAConversionNothingIsKnown) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const ValueId weight = graph.addWeight("fc.weight", Tensor::zeros(DType::Float16, {1, 2}));
    const ValueId other = graph.addInput("other");
    const ValueId half = graph.addNode("aten::type_as", "half", {x, other}).results[0];
    graph.addNode(std::string(op::linear), "fc", {half, weight, Operand()});
    EXPECT_EQ(of(graph), std::nullopt);
    EXPECT_EQ(of(Graph(layerOf(DType::Float32))), DType::Float32);
}

} // namespace
} // namespace lathe::graph

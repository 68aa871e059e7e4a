#include <core/graph/recurrent_weights.h>

#include <gtest/gtest.h>

#include <core/graph/layers.h>
#include <core/graph/operators/conversion.h>
#include <core/graph/operators/names.h>
#include <tests/support/graphs.h>

namespace lathe::graph {
namespace {

enum class Stored { Plain, Integers, Halves };

/// x → LSTM "lstm" of eight units → linear "fc". `stored`: how the first matrix is.
Graph model(Stored stored) {
    Graph graph;
    const auto x = graph.addInput("x"), state = graph.addInput("h");
    ValueId fromInput = graph.addWeight("lstm.w_ih", support::randomTensor({32, 6}, 1));
    if (stored == Stored::Halves) {
        graph.value(fromInput).data = graph.value(fromInput).data.to(tensor::DType::BFloat16);
        fromInput = graph.addNode(std::string(op::toDtype), "widen", conversionOperands(fromInput, tensor::DType::Float32)).results.front();
    }
    if (stored == Stored::Integers) {
        const auto scale = graph.addWeight("scale", support::randomTensor({1}, 7)),
                   zero = graph.addWeight("zero", support::randomTensor({1}, 8));
        fromInput = graph
                        .addNode(std::string(op::dequantizePerTensor), "dq",
                                 {fromInput, scale, zero, support::number(-128), support::number(127), support::number(1)})
                        .results.front();
    }
    const std::vector<Operand> states{state, state}, parameters{fromInput, graph.addWeight("lstm.w_hh", support::randomTensor({32, 8}, 2)),
                                                                graph.addWeight("lstm.b_ih", support::randomTensor({32}, 3)),
                                                                graph.addWeight("lstm.b_hh", support::randomTensor({32}, 4))};
    const Operand yes = Literal(true), no = Literal(false);
    const auto lstm =
        graph.addNode("aten::lstm.input", "lstm", {x, states, parameters, yes, support::number(1), Literal(0.0), no, no, yes}, 3).results;
    graph.main.outputs = {
        graph.addNode("aten::linear", "fc", {lstm[0], graph.addWeight("fc.weight", support::randomTensor({5, 8}, 5)), Operand()})
            .results[0]};
    return graph;
}

TEST(RecurrentWeights, MatricesAndBiasesInTheirOrder) {
    for (const Stored stored : {Stored::Plain, Stored::Integers, Stored::Halves}) {
        const Graph graph = model(stored);
        std::vector<std::string> names;
        for (const ValueId id : recurrentWeightsOf(graph, UseIndex(graph), *graph.findNode("lstm")))
            names.push_back(graph.value(id).name);
        EXPECT_EQ(names, (std::vector<std::string>{"lstm.w_ih", "lstm.w_hh", "lstm.b_ih", "lstm.b_hh"})) << static_cast<int>(stored);
        EXPECT_TRUE(recurrentWeightsOf(graph, UseIndex(graph), *graph.findNode("fc")).empty());
    }
}

TEST(RecurrentWeights, MakeALayerThatRecipesMayName) {
    const Graph graph = model(Stored::Plain);
    EXPECT_EQ(layerNames(graph), (std::vector<std::string>{"lstm", "fc"}));
    const std::vector<Layer> found = layers(graph);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].weightShape, (tensor::Shape{32, 6}));
    EXPECT_EQ(found[0].parameters, 32 * 6 + 32 * 8 + 2 * 32);
    EXPECT_EQ(found[0].macs, std::nullopt) << "shapes are not known";
}

} // namespace
} // namespace lathe::graph

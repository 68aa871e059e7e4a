#include <core/steps/input_moments.h>

#include <gtest/gtest.h>

#include <core/graph/operators/names.h>
#include <tests/support/graphs.h>
#include <tests/support/step_context.h>

namespace lathe::steps {
namespace {

/// A convolution [4, 2, 3, 3] with these operands.
std::optional<transform::LayerInput> geometryOf(graph::Operand stride, graph::Operand padding, graph::Operand dilation,
                                                graph::Operand groups) {
    graph::Graph graph;
    const auto x = graph.addInput("x");
    const auto weight = graph.addWeight("weight", support::randomTensor({4, 2, 3, 3}, 1));
    const graph::Node& node =
        graph.addNode(std::string(graph::op::conv2d), "conv", {x, weight, graph::Operand(), stride, padding, dilation, groups});
    return layerInput(graph, node, weight);
}

TEST(InputMoments, KnowHowLayersRead) {
    using support::ints, support::number;
    const auto strided = geometryOf(ints({2, 1}), ints({1, 0}), ints({1, 3}), number(2));
    ASSERT_TRUE(strided);
    EXPECT_EQ(*strided, (transform::LayerInput{{2, 2, 2, 9, false}, {3, 3}, {2, 1}, {1, 0}, {1, 3}}));
    const auto square = geometryOf(ints({2}), ints({1}), ints({1}), number(1));
    ASSERT_TRUE(square);
    EXPECT_EQ(square->stride, (std::vector<std::int64_t>{2, 2})) << "one number for all dimensions";
    EXPECT_FALSE(geometryOf(ints({1, 1}), graph::Literal(std::string("same")), ints({1, 1}), number(1)));
    EXPECT_FALSE(geometryOf(ints({1, 1}), ints({0, 0}), ints({1, 1}), number(3))) << "4 outputs are no 3 groups";
    EXPECT_FALSE(geometryOf(ints({0, 1}), ints({0, 0}), ints({1, 1}), number(1)));

    const graph::Graph model = support::smallConvNet();
    const auto linear = layerInput(model, *model.findNode("fc"), *model.findValue("fc.weight"));
    ASSERT_TRUE(linear);
    EXPECT_EQ(*linear, (transform::LayerInput{{1, 3, 64, 1, false}}));
}

/// Three layers, of which two read the same; the context shows two batches.
TEST(InputMoments, AreSharedByLayersThatReadTheSame) {
    graph::Graph graph;
    const auto x = graph.addInput("x"), y = graph.addInput("y");
    const auto read = [](graph::ValueId weight, std::int64_t outputs, std::vector<graph::ValueId> values) {
        return WeightReaders{weight, {transform::weightRows({outputs, 3}, 1, false)}, std::move(values)};
    };
    support::TestContext context;
    std::vector<graph::ValueId> asked;
    context.onObserve = [&](const graph::Graph&, const std::vector<graph::ValueId>& values, std::int64_t samples,
                            const StepContext::Observer& observer) -> base::Result<> {
        EXPECT_EQ(samples, 17);
        asked = values;
        for (int batch = 0; batch < 2; ++batch) {
            observer(x, tensor::Tensor::of<float>({2, 3}, {1, 0, 0, 3, 0, 0}));
            observer(y, tensor::Tensor::of<float>({1, 3}, {0, 2, 0}));
        }
        return {};
    };
    const auto moments = observeInputs(graph, {read(10, 4, {x}), read(11, 5, {x}), read(12, 4, {x, y}), read(13, 4, {})}, 17, context);
    ASSERT_TRUE(moments) << moments.error().text();
    EXPECT_EQ(asked, (std::vector<graph::ValueId>{x, y}));
    ASSERT_EQ(moments->size(), 3U) << "of what is not known there is none";
    EXPECT_EQ(moments->at(10), moments->at(11));
    EXPECT_EQ(moments->at(10)->count(), 4);
    EXPECT_EQ(moments->at(10)->squares(), (std::vector<double>{5, 0, 0}));
    EXPECT_EQ(moments->at(12)->count(), 6) << "both places";
    EXPECT_EQ(moments->at(12)->squares(), (std::vector<double>{20.0 / 6, 8.0 / 6, 0}));

    const std::int64_t wide = 8193; // more moments than one layer may have
    const auto large = observeInputs(graph, {{14, {transform::weightRows({1, wide}, 1, false)}, {x}}}, 17, context);
    ASSERT_TRUE(large);
    const std::vector<float> row(static_cast<std::size_t>(wide), 1);
    large->at(14)->add(tensor::Tensor::of({1, wide}, row));
    EXPECT_EQ(large->at(14)->squares().size(), row.size());
    EXPECT_FALSE(large->at(14)->outputError(row, row)) << "only the squares";
}

} // namespace
} // namespace lathe::steps

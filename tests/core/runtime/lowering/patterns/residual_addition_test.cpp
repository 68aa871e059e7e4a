#include <core/runtime/lowering/patterns/residual_addition.h>

#include <set>

#include <gtest/gtest.h>

#include <tests/core/runtime/real_and_simulated.h>

namespace lathe::runtime::testing {
namespace {

/// Two branches of 8 channels that are added, quantized before (`bytes`) or not, and what is left of them as instructions.
struct Sum {
    Graph graph;
    graph::ValueId left = -1, right = -1;
};

Sum branches(bool rightIsLayer, bool rightIsBytes, std::optional<std::vector<graph::Dim>> rightShape = {}) {
    const Grid in{0.05, 60, 0, 127}, middle{0.03, 40, 0, 255};
    const std::vector<graph::Dim> shape = {{-1, "N"}, {8, ""}, {9, ""}, {11, ""}};
    Sum sum;
    const auto x = addPair(sum.graph, "in", sum.graph.addInput("x"), in);
    sum.left = addQuantizedConv(sum.graph, "left", x, 8, 8, {3, 3}, {{1, 1}, {1, 1}});
    sum.right = rightIsLayer ? addQuantizedConv(sum.graph, "right", x, 8, 8, {1, 1}) : x;
    if (rightIsBytes) sum.right = addPair(sum.graph, "middle", sum.right, middle);
    for (const auto value : {sum.left, sum.right}) {
        sum.graph.value(value).dtype = tensor::DType::Float32;
        sum.graph.value(value).shape = value == sum.right && rightShape ? *rightShape : shape;
    }
    return sum;
}

graph::ValueId addSum(Graph& graph, graph::ValueId left, graph::ValueId right, std::int64_t alpha = 1) {
    return graph.addNode("aten::add.Tensor", "add", {left, right, integer(alpha)}).results[0];
}

TEST(Lower, LayersAddTheOtherBranchThemselves) {
    const Grid out{0.04, 20, 0, 255};
    for (const bool rightIsLayer : {false, true}) {
        for (const bool rightIsBytes : {false, true}) {
            for (const bool isSwapped : {false, true}) {
                for (const bool quantizesOutput : {false, true}) {
                    Sum sum = branches(rightIsLayer, rightIsBytes);
                    auto value = isSwapped ? addSum(sum.graph, sum.right, sum.left) : addSum(sum.graph, sum.left, sum.right);
                    value = addRelu(sum.graph, "relu", value);
                    sum.graph.main.outputs.emplace_back(quantizesOutput ? addPair(sum.graph, "out", value, out) : value);
                    SCOPED_TRACE(::testing::Message() << "layer " << rightIsLayer << ", bytes " << rightIsBytes << ", swapped " << isSwapped
                                                      << ", quantized " << quantizesOutput);
                    expectSameWithinAStep(sum.graph, at::randn({3, 8, 9, 11}), quantizesOutput ? out.scale : 1e-4);
                    const Plan plan = compiled(sum.graph);
                    EXPECT_FALSE(infoOf(plan, "add"));
                    EXPECT_FALSE(infoOf(plan, "relu"));
                    // The later of two layers adds: the other's result is there then.
                    const auto* info = infoOf(plan, rightIsLayer && !rightIsBytes ? "right" : "left");
                    ASSERT_TRUE(info);
                    EXPECT_NE(info->kernel.find("int8 conv2d+add+relu"), std::string::npos) << info->kernel;
                    const std::set<std::string> covers(info->covers.begin(), info->covers.end());
                    EXPECT_TRUE(covers.contains("add") && covers.contains("relu"));
                }
            }
        }
    }
}

TEST(Lower, SumsOfOtherFormsStaySums) {
    const auto staysSum = [](Graph graph, graph::ValueId value) {
        graph.main.outputs.emplace_back(value);
        expectSameWithinAStep(graph, at::randn({1, 8, 9, 11}), 1e-4);
        EXPECT_TRUE(infoOf(compiled(graph), "add"));
    };
    Sum sum = branches(true, false);
    staysSum(sum.graph, addSum(sum.graph, sum.left, sum.right, 2));
    sum = branches(false, false, std::vector<graph::Dim>{{1, ""}, {8, ""}, {9, ""}, {11, ""}});
    staysSum(sum.graph, addSum(sum.graph, sum.left, sum.right)); // might be broadcast
    sum = branches(false, false);
    sum.graph.value(sum.right).shape.reset();
    staysSum(sum.graph, addSum(sum.graph, sum.left, sum.right));
    sum = branches(false, false);
    sum.graph.main.outputs.emplace_back(sum.left); // somebody else wants the layer's result
    staysSum(sum.graph, addSum(sum.graph, sum.left, sum.right));
    sum = branches(false, false);
    const auto relu = addRelu(sum.graph, "relu", sum.left);
    sum.graph.value(relu).dtype = tensor::DType::Float32;
    sum.graph.value(relu).shape = sum.graph.value(sum.left).shape;
    staysSum(sum.graph, addSum(sum.graph, relu, sum.right)); // limited before it is added
    sum = branches(false, false);
    staysSum(sum.graph, addSum(sum.graph, sum.right, sum.right));
}

TEST(Lower, LinearLayersAddTooAndOneRowIsSharedByThreads) {
    const Grid grid{0.05, 64, 0, 127};
    Graph graph;
    const auto x = addPair(graph, "in", graph.addInput("x"), grid);
    const auto fc = addQuantizedLinear(graph, "fc", x, 300, 300);
    for (const auto value : {x, fc}) {
        graph.value(value).dtype = tensor::DType::Float32;
        graph.value(value).shape = std::vector<graph::Dim>{{-1, "N"}, {300, ""}};
    }
    graph.main.outputs.emplace_back(addPair(graph, "out", addSum(graph, fc, x), grid));
    for (const std::int64_t rows : {1, 2, 70})
        expectSameWithinAStep(graph, at::randn({rows, 300}), grid.scale);
    EXPECT_NE(infoOf(compiled(graph), "fc")->kernel.find("int8 linear+add"), std::string::npos);
}

} // namespace
} // namespace lathe::runtime::testing

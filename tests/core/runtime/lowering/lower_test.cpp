#include <core/runtime/lowering/lower.h>

#include <set>

#include <gtest/gtest.h>

#include <tests/core/runtime/quantized_graphs.h>
#include <tests/support/graphs.h>

namespace lathe::runtime::testing {
namespace {

/// Real against simulated: bytes may differ by one step where the sums round differently, and hardly ever do.
void expectSameWithinAStep(const Graph& graph, const at::Tensor& input, double step, const std::string& library = {}) {
    PlanOptions options;
    options.library = library;
    Plan real = compiled(graph, options);
    Plan floats = simulated(graph);
    const at::Tensor a = runOn(real, input);
    const at::Tensor b = runOn(floats, input);
    ASSERT_EQ(a.sizes(), b.sizes());
    if (a.numel() == 0) return;
    const at::Tensor difference = (a - b).abs();
    EXPECT_LE(difference.max().item<double>(), step * 1.001);
    EXPECT_GE((difference <= step * 0.01).to(at::kFloat).mean().item<double>(), 0.99);
}

TEST(Lower, LeNetRunsOnBytesFromTheFirstLayerToTheLast) {
    Plan plan = compiled(quantizedLeNet());
    std::vector<std::string> nodes;
    std::set<std::string> covered;
    for (const InstructionInfo& info : plan.instructions()) {
        nodes.push_back(info.node);
        covered.insert(info.covers.begin(), info.covers.end());
        EXPECT_TRUE(info.isReal) << info.node << ": " << info.reason;
    }
    EXPECT_EQ(nodes, (std::vector<std::string>{"input.quantize", "conv1", "pool1", "conv2", "pool2", "fc1", "fc2", "fc3"}));
    graph::forEachNode(quantizedLeNet(), [&](const graph::Node& node) { EXPECT_TRUE(covered.contains(node.name)) << node.name; });
    EXPECT_NE(infoOf(plan, "conv1")->kernel.find("int8 conv2d+relu"), std::string::npos) << infoOf(plan, "conv1")->kernel;
    EXPECT_NE(infoOf(plan, "fc3")->kernel.find("int8 linear, float output"), std::string::npos) << infoOf(plan, "fc3")->kernel;
    EXPECT_EQ(infoOf(plan, "conv1")->op, "aten::conv2d");
}

TEST(Lower, LeNetGivesWhatSimulationGives) {
    for (const std::int64_t maximum : {127, 255}) {
        const Graph graph = quantizedLeNet(maximum);
        for (const std::int64_t batch : {1, 2, 33}) {
            const at::Tensor x = at::randn({batch, 1, 32, 32});
            Plan real = compiled(graph);
            Plan floats = simulated(graph);
            const at::Tensor a = runOn(real, x);
            const at::Tensor b = runOn(floats, x);
            EXPECT_TRUE(at::allclose(a, b, 0, 0.05)) << (a - b).abs().max();
            EXPECT_LE((a - b).abs().mean().item<double>(), 0.005);
        }
    }
}

TEST(Lower, BothKernelFamiliesGiveTheSame) {
    for (const std::int64_t maximum : {127, 255}) {
        const Graph graph = quantizedLeNet(maximum);
        PlanOptions lathe;
        lathe.library = "lathe";
        PlanOptions fbgemm;
        fbgemm.library = "fbgemm";
        Plan a = compiled(graph, lathe);
        Plan b = compiled(graph, fbgemm);
        const std::string kernel = infoOf(b, "conv2")->kernel;
        // With full bytes FBGEMM may only be used where it does not saturate.
        if (maximum == 127 || cpuHasVnni())
            EXPECT_TRUE(kernel.starts_with("FBGEMM int8 conv2d+relu")) << kernel;
        else
            EXPECT_TRUE(kernel.starts_with("Lathe int8")) << kernel;
        const at::Tensor x = at::randn({5, 1, 32, 32});
        EXPECT_TRUE(at::allclose(runOn(a, x), runOn(b, x), 0, 0.05));
    }
}

TEST(Lower, EveryFormOfConvolution) {
    const Grid in{0.05, 60, 0, 127};
    const Grid out{0.04, 50, 0, 127};
    struct Case {
        std::int64_t channels, outputs;
        Ints kernel;
        ConvForm form;
    };
    const std::vector<Case> cases = {
        {1, 1, {1, 1}, {}},
        {3, 8, {3, 3}, {{1, 1}, {1, 1}}},
        {7, 17, {3, 2}, {{2, 1}, {0, 1}}},
        {4, 6, {3, 3}, {{1, 1}, {2, 2}, {2, 2}}},
        {6, 9, {3, 3}, {{1, 2}, {1, 1}, {1, 1}, 3}},
        {8, 8, {3, 3}, {{1, 1}, {1, 1}, {1, 1}, 8}},
        {5, 16, {5, 5}, {{1, 1}, {2, 2}, {1, 1}, 1, WeightForm::PerTensor}},
        {5, 12, {1, 3}, {{1, 1}, {0, 0}, {1, 1}, 1, WeightForm::PerChannelUnsigned, false}},
        {32, 40, {3, 3}, {{2, 2}, {1, 1}}},
    };
    for (const Case& test : cases) {
        for (const auto op : {graph::op::conv2d, graph::op::conv2dRelu}) {
            for (const bool quantizesOutput : {true, false}) {
                Graph graph;
                auto value = addPair(graph, "in", graph.addInput("x"), in);
                value = addQuantizedConv(graph, "conv", value, test.channels, test.outputs, test.kernel, test.form, op);
                graph.main.outputs.emplace_back(quantizesOutput ? addPair(graph, "out", value, out) : value);
                for (const std::int64_t batch : {0, 1, 3}) {
                    const at::Tensor x = at::randn({batch, test.channels, 9, 11});
                    SCOPED_TRACE("channels " + std::to_string(test.channels) + ", batch " + std::to_string(batch));
                    expectSameWithinAStep(graph, x, quantizesOutput ? out.scale : 1e-4);
                    if (quantizesOutput) expectSameWithinAStep(graph, x, out.scale, "fbgemm");
                }
                const InstructionInfo info = *infoOf(compiled(graph), "conv");
                EXPECT_TRUE(info.isReal);
                EXPECT_NE(info.kernel.find("int8 conv2d"), std::string::npos) << info.kernel;
            }
        }
    }
}

TEST(Lower, ActivationsWithTwoBoundsAreTakenIn) {
    const Grid in{0.05, 60, 0, 127}, out{0.02, 10, 0, 255};
    for (const auto& [op, bounds] : std::vector<std::pair<std::string, std::vector<Operand>>>{
             {"aten::hardtanh", {real(0), real(0.6)}}, {"aten::relu6", {}}, {"aten::clamp", {real(-0.1), none()}}}) {
        for (const std::int64_t groups : {1, 8}) {
            Graph graph;
            auto value = addPair(graph, "in", graph.addInput("x"), in);
            value = addQuantizedConv(graph, "conv", value, 8, 8, {3, 3}, {{1, 1}, {1, 1}, {1, 1}, groups});
            std::vector<Operand> operands = {value};
            operands.insert(operands.end(), bounds.begin(), bounds.end());
            value = graph.addNode(op, "activation", operands).results[0];
            graph.main.outputs.emplace_back(addPair(graph, "out", value, out));
            SCOPED_TRACE(op);
            expectSameWithinAStep(graph, at::randn({2, 8, 9, 11}), out.scale);
            const Plan plan = compiled(graph);
            EXPECT_EQ(plan.instructions().size(), 3u) << "quantize, conv, dequantize";
            EXPECT_NE(infoOf(plan, "conv")->kernel.find("int8 conv2d+clamp"), std::string::npos) << infoOf(plan, "conv")->kernel;
        }
    }
}

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

TEST(Lower, FloatImagesInEitherOrder) {
    const Grid in{0.05, 60, 0, 127}, out{0.02, 20, 0, 255};
    for (const bool isViewed : {false, true}) {
        Graph graph;
        auto value = addPair(graph, "in", graph.addInput("x"), in);
        value = addQuantizedConv(graph, "first", value, 6, 8, {3, 3});
        value = addPair(graph, "middle", graph.addNode("aten::silu", "silu", {value}).results[0], out);
        const auto floats = graph.addNode("aten::hardswish", "hardswish", {value}).results[0]; // reads dequantized bytes
        const auto product = graph.addNode("aten::mul.Tensor", "product", {floats, value}).results[0];
        graph.main.outputs.emplace_back(
            isViewed
                ? graph.addNode("aten::view", "view", {product, ints({-1, 8 * 7 * 9})}).results[0]
                : addPair(graph, "out", addQuantizedConv(graph, "second", addPair(graph, "product", product, out), 8, 4, {1, 1}), out));
        SCOPED_TRACE(isViewed);
        expectSameWithinAStep(graph, at::randn({2, 6, 9, 11}), out.scale);
    }
}

TEST(Lower, ViewsOfFlattenedImagesAreInTheUsualOrder) {
    const Grid in{0.05, 60, 0, 127};
    const auto expectSame = [&](const std::string& op, std::vector<Operand> operands, const Ints& view, const at::Tensor& x) {
        Graph graph;
        auto value = addPair(graph, "in", graph.addInput("x"), in);
        operands.insert(operands.begin(), addQuantizedConv(graph, "conv", value, 6, 8, {3, 3}));
        value = graph.addNode(op, "flat", operands).results[0];
        graph.main.outputs.emplace_back(graph.addNode("aten::view", "view", {value, ints(view)}).results[0]);
        SCOPED_TRACE(op);
        expectSameWithinAStep(graph, x, 1e-4);
    };
    const at::Tensor batch = at::randn({2, 6, 9, 11});
    expectSame("aten::flatten.using_ints", {integer(2), integer(-1)}, {2, -1}, batch);
    expectSame("aten::reshape", {ints({2, 8, 63})}, {16, 63}, batch);
    expectSame("aten::mean.dim", {ints({2}), boolean(false), none()}, {16, 9}, batch);
    expectSame("aten::flatten.using_ints", {integer(1), integer(-1)}, {-1}, at::randn({6, 9, 11})); // without a batch
}

TEST(Lower, SignedGridsAndFullRange) {
    for (const Grid& grid :
         {Grid{0.03, 0, -128, 127, "int8"}, Grid{0.03, 5, -127, 127, "int8"}, Grid{0.03, 120, 0, 255}, Grid{0.3, 3, 0, 15}}) {
        Graph graph;
        auto value = addPair(graph, "in", graph.addInput("x"), grid);
        value = addPair(graph, "out", addQuantizedLinear(graph, "fc", value, 31, 13), grid);
        graph.main.outputs.emplace_back(value);
        expectSameWithinAStep(graph, at::randn({6, 31}) * 3, grid.scale);
        EXPECT_EQ(compiled(graph).instructions().size(), 3u) << "quantize, fc, dequantize";
    }
}

TEST(Lower, LinearOnMoreDimensions) {
    const Grid grid{0.05, 64, 0, 127};
    Graph graph;
    auto value = addPair(graph, "in", graph.addInput("x"), grid);
    graph.main.outputs.emplace_back(addPair(graph, "out", addQuantizedLinear(graph, "fc", value, 6, 5), grid));
    expectSameWithinAStep(graph, at::randn({2, 3, 4, 6}), grid.scale);
    expectSameWithinAStep(graph, at::randn({6}), grid.scale);
}

TEST(Lower, NotANumberIsTheZeroPointInBothWays) {
    const Graph graph = quantizedLeNet();
    at::Tensor x = at::randn({2, 1, 32, 32});
    x[0][0][3].fill_(std::numeric_limits<float>::quiet_NaN());
    Plan real = compiled(graph);
    Plan floats = simulated(graph);
    EXPECT_TRUE(at::allclose(runOn(real, x), runOn(floats, x), 0, 0.05));
}

TEST(Lower, OperatorsThatMoveValuesRunOnBytes) {
    const Grid grid{0.05, 64, 0, 127};
    Graph graph;
    auto value = addPair(graph, "in", graph.addInput("x"), grid);
    value = addQuantizedConv(graph, "conv", value, 2, 4, {3, 3});
    value = addPair(graph, "mid", value, grid);
    value = graph.addNode("aten::permute", "permute", {value, ints({0, 2, 3, 1})}).results[0];
    value = graph.addNode("aten::transpose.int", "transpose", {value, integer(1), integer(2)}).results[0];
    value = graph.addNode("aten::reshape", "reshape", {value, ints({-1, 4, 4})}).results[0];
    value = addRelu(graph, "relu", value);
    value = graph.addNode("aten::view", "view", {value, ints({-1, 16})}).results[0];
    value = addPair(graph, "out", value, grid);
    graph.main.outputs.emplace_back(addQuantizedLinear(graph, "fc", value, 16, 3));
    const auto plan = compiled(graph);
    for (const InstructionInfo& info : plan.instructions())
        EXPECT_TRUE(info.isReal) << info.node;
    EXPECT_EQ(plan.instructions().size(), 8u);
    expectSameWithinAStep(graph, at::randn({3, 2, 6, 6}), 0.2);
}

TEST(Lower, ReluBehindQuantizationIsDoneByTheLayer) {
    for (const Grid& grid : {Grid{0.05, 64, 0, 127}, Grid{0.03, 0, 0, 127}}) {
        Graph graph;
        auto value = addPair(graph, "in", graph.addInput("x"), Grid{0.05, 64, 0, 127});
        value = addPair(graph, "mid", addQuantizedConv(graph, "conv", value, 2, 4, {3, 3}), grid);
        value = addPair(graph, "out", addMaxPool(graph, "pool", addRelu(graph, "relu", value)), grid);
        graph.main.outputs.emplace_back(value);
        const Plan plan = compiled(graph);
        EXPECT_EQ(plan.instructions().size(), 4u) << "quantize, conv, pool, dequantize";
        const auto& covers = infoOf(plan, "conv")->covers;
        EXPECT_NE(std::find(covers.begin(), covers.end(), "relu"), covers.end());
        expectSameWithinAStep(graph, at::randn({3, 2, 8, 8}), grid.scale);
    }
}

TEST(Lower, AveragingStaysOnBytesOnlyOnTheSameGrid) {
    const Grid grid{0.05, 64, 0, 127};
    for (const bool sameGrid : {true, false}) {
        Graph graph;
        auto value = addPair(graph, "in", graph.addInput("x"), grid);
        value = graph.addNode("aten::adaptive_avg_pool2d", "average", {value, ints({1, 1})}).results[0];
        value = addPair(graph, "out", value, sameGrid ? grid : Grid{0.01, 64, 0, 127});
        graph.main.outputs.emplace_back(value);
        EXPECT_EQ(compiled(graph).instructions().size(), sameGrid ? 3u : 5u);
        // Averages of 15 numbers never lie in the middle between two bytes, where the two ways may round differently.
        expectSameWithinAStep(graph, at::randn({2, 3, 3, 5}), grid.scale);
    }
}

TEST(Lower, WeightOnlyIsRestoredOnceAndSaysThatItRunsInFloat) {
    Graph graph;
    const auto x = graph.addInput("x");
    graph.main.outputs.emplace_back(addQuantizedLinear(graph, "fc", addRelu(graph, "relu", x), 8, 4));
    Plan plan = compiled(graph);
    const InstructionInfo* restored = infoOf(plan, "fc.weight.dequantize");
    ASSERT_TRUE(restored);
    EXPECT_EQ(restored->kernel, "weight-only int8 → float");
    EXPECT_TRUE(restored->isReal);
    const InstructionInfo* layer = infoOf(plan, "fc");
    EXPECT_TRUE(layer->isReal);
    EXPECT_EQ(layer->reason, "only the weights are quantized: they are restored once, the arithmetic is float");
    Plan floats = simulated(graph);
    const at::Tensor input = at::randn({3, 8});
    EXPECT_TRUE(at::equal(runOn(plan, input), runOn(floats, input)));
}

/// choose_qparams → quantize → dequantize → layer.
Graph dynamicLayer(bool isConvolution, std::string_view choose, const Grid& grid) {
    Graph graph;
    const auto x = graph.addInput("x");
    const std::vector<Operand> range = {integer(grid.minimum), integer(grid.maximum), real(1e-9), word(grid.dtype)};
    const graph::Node chosen = graph.addNode(std::string(choose), "choose", {x, range[0], range[1], range[2], range[3]}, 2);
    const auto operands = [&](graph::ValueId value) {
        return std::vector<Operand>{value, chosen.results[0], chosen.results[1], range[0], range[1], range[3]};
    };
    const auto q = graph.addNode(std::string(graph::op::quantizePerTensorDynamic), "quantize", operands(x)).results[0];
    const auto dq = graph.addNode(std::string(graph::op::dequantizePerTensorDynamic), "dequantize", operands(q)).results[0];
    const auto y = isConvolution ? addQuantizedConv(graph, "layer", dq, 3, 5, {3, 3}) : addQuantizedLinear(graph, "layer", dq, 10, 4);
    graph.main.outputs.emplace_back(addRelu(graph, "relu", y));
    return graph;
}

TEST(Lower, DynamicLayersUseTheRangeThatSimulationUses) {
    for (const bool isConvolution : {false, true}) {
        for (const auto choose : {graph::op::chooseQparams, graph::op::chooseQparamsSymmetric}) {
            for (const Grid& grid : {Grid{0, 0, 0, 255, "uint8"}, Grid{0, 0, 0, 127, "uint8"}, Grid{0, 0, -128, 127, "int8"}}) {
                const Graph graph = dynamicLayer(isConvolution, choose, grid);
                Plan real = compiled(graph);
                Plan floats = simulated(graph);
                ASSERT_EQ(real.instructions().size(), 1u);
                EXPECT_TRUE(real.instructions()[0].isReal);
                EXPECT_NE(real.instructions()[0].kernel.find("+relu, dynamic range, float output"), std::string::npos);
                for (const double size : {0.01, 1.0, 50.0}) {
                    const at::Tensor x = (isConvolution ? at::randn({2, 3, 6, 6}) : at::randn({4, 10})) * size;
                    EXPECT_TRUE(at::allclose(runOn(real, x), runOn(floats, x), 1e-4, 1e-4 * size));
                }
            }
        }
    }
}

/// choose → quantize → dequantize with a grid for each row → layer → relu.
Graph perTokenLayer(bool isConvolution) {
    Graph graph;
    const auto x = graph.addInput("x");
    const auto dq = support::addPerTokenQdq(graph, x);
    const auto y = isConvolution ? addQuantizedConv(graph, "layer", dq, 3, 5, {3, 3}) : addQuantizedLinear(graph, "layer", dq, 10, 13);
    graph.main.outputs.emplace_back(addRelu(graph, "relu", y));
    return graph;
}

TEST(Lower, PerTokenLayersGiveEachRowItsOwnRange) {
    const Graph graph = perTokenLayer(false);
    Plan real = compiled(graph);
    Plan floats = simulated(graph);
    ASSERT_EQ(real.instructions().size(), 1u);
    EXPECT_TRUE(real.instructions()[0].isReal);
    EXPECT_NE(real.instructions()[0].kernel.find("+relu, dynamic range per token, float output"), std::string::npos);
    for (const std::vector<std::int64_t>& sizes : std::vector<std::vector<std::int64_t>>{{10}, {1, 10}, {70, 10}, {2, 5, 10}, {0, 10}}) {
        for (const double size : {0.01, 1.0, 50.0}) {
            const at::Tensor x = at::randn(sizes) * size;
            EXPECT_TRUE(at::allclose(runOn(real, x), runOn(floats, x), 1e-4, 2e-3 * size)) << sizes << " " << size;
        }
    }
    // A row with large numbers changes nothing in the others.
    at::Tensor x = at::randn({6, 10});
    const at::Tensor before = runOn(real, x).clone();
    x[5].mul_(1e4);
    EXPECT_TRUE(at::equal(runOn(real, x).slice(0, 0, 5), before.slice(0, 0, 5)));
}

TEST(Lower, PerTokenInFrontOfAConvolutionStaysSimulated) {
    Plan plan = compiled(perTokenLayer(true));
    const InstructionInfo* layer = infoOf(plan, "layer");
    ASSERT_TRUE(layer);
    EXPECT_FALSE(layer->isReal);
    EXPECT_EQ(runOn(plan, at::randn({2, 3, 6, 6})).size(1), 5);
}

TEST(Lower, WhatHasNoIntegerKernelSaysSo) {
    const Grid grid{0.05, 64, 0, 127};
    Graph graph;
    auto value = addPair(graph, "in", graph.addInput("x"), grid);
    const auto weight = addIntegerWeight(graph, "conv", {4, 2, 3});
    value = graph.addNode("aten::conv1d", "conv", {value, weight}).results[0];
    graph.main.outputs.emplace_back(graph.addNode("aten::sigmoid", "sigmoid", {value}).results[0]);
    Plan plan = compiled(graph);
    const InstructionInfo* info = infoOf(plan, "conv");
    ASSERT_TRUE(info);
    EXPECT_FALSE(info->isReal);
    EXPECT_EQ(info->reason, "no integer kernel for aten::conv1d: the arithmetic is float");
    EXPECT_EQ(info->kernel, "ATen conv1d");
    expectSameWithinAStep(graph, at::randn({2, 2, 8}), 1e-5);
}

TEST(Lower, IntegersThatSomebodyElseReadsStayIntegers) {
    const Grid grid{0.05, 64, 0, 127};
    Graph graph;
    const auto q = addQuantize(graph, "quantize", graph.addInput("x"), grid);
    graph.main.outputs.emplace_back(graph.addNode("aten::bitwise_and.Scalar", "low_bits", {q, integer(3)}).results[0]);
    Plan plan = compiled(graph);
    EXPECT_FALSE(infoOf(plan, "quantize")->isReal);
    EXPECT_EQ(infoOf(plan, "quantize")->reason, "no integer kernel takes this value");
    EXPECT_TRUE(at::equal(runOn(plan, at::ones({2})), at::full({2}, 84 & 3, at::kByte)));
}

TEST(Lower, AFloatReaderInBetweenGetsItsFloat) {
    const Grid grid{0.05, 64, 0, 127};
    Graph graph;
    auto value = addPair(graph, "in", graph.addInput("x"), grid);
    const auto shared = addPair(graph, "mid", addQuantizedConv(graph, "conv1", value, 2, 3, {3, 3}, {{1, 1}, {1, 1}}), grid);
    const auto next = addPair(graph, "next", addQuantizedConv(graph, "conv2", shared, 3, 3, {3, 3}, {{1, 1}, {1, 1}}), grid);
    graph.main.outputs.emplace_back(graph.addNode("aten::add.Tensor", "add", {next, shared}).results[0]);
    expectSameWithinAStep(graph, at::randn({2, 2, 5, 5}), grid.scale * 2);
    EXPECT_TRUE(infoOf(compiled(graph), "mid.dequantize"));
}

TEST(Lower, ReadersInsideControlFlowKeepTheSimulation) {
    const Grid grid{0.05, 64, 0, 127};
    Graph graph;
    const auto x = graph.addInput("x");
    const auto flag = graph.addInput("flag", graph::TypeKind::Bool);
    const auto q = addQuantize(graph, "quantize", x, grid);
    const auto inner = graph.addResult("inner");
    graph::Node dequantize;
    dequantize.op = graph::op::dequantizePerTensor;
    dequantize.name = "dequantize";
    dequantize.operands = gridOperands(q, grid);
    dequantize.results = {inner};
    graph::Node& branch = graph.addNode("prim::If", "branch", {flag});
    branch.blocks.push_back({{}, {dequantize}, {inner}});
    branch.blocks.push_back({{}, {}, {x}});
    graph.main.outputs.emplace_back(branch.results[0]);
    Plan plan = compiled(graph);
    EXPECT_FALSE(infoOf(plan, "quantize")->isReal);
    EXPECT_TRUE(at::allclose(runAll(plan, {at::ones({2}), true})[0].toTensor(), at::ones({2})));
}

TEST(Lower, WrongShapesNameTheLayer) {
    Plan plan = compiled(quantizedLeNet());
    const auto channels = plan.runTensor(at::zeros({1, 3, 32, 32}));
    ASSERT_FALSE(channels);
    EXPECT_EQ(channels.error().message, "conv1: The weights are for 1 input channels, but the input has 3.");
    const auto small = plan.runTensor(at::zeros({1, 1, 28, 28}));
    ASSERT_FALSE(small);
    EXPECT_EQ(small.error().message, "fc1: The weights are for 400 inputs, but there are 256.");
    const auto tiny = plan.runTensor(at::zeros({1, 1, 3, 3}));
    ASSERT_FALSE(tiny);
    EXPECT_EQ(tiny.error().message, "conv1: The kernel of 5x5 is larger than the padded input of 3x3.");
}

TEST(KeepSimulated, TrainingRunsInFloat) {
    PlanOptions options;
    options.training = true;
    const Plan plan = compiled(quantizedLeNet(), options);
    EXPECT_FALSE(infoOf(plan, "conv1")->isReal);
    EXPECT_EQ(infoOf(plan, "conv1")->reason, "training runs in float");
}

} // namespace
} // namespace lathe::runtime::testing

#include <core/runtime/kernels/onednn/onednn_float_layer.h>

#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include <tests/core/runtime/graphs.h>
#include <tests/support/known_shape.h>

namespace lathe::runtime::testing {
namespace {

PlanOptions onednn() {
    PlanOptions options;
    options.library = "onednn";
    return options;
}

const InstructionInfo& infoOf(const Plan& plan, const std::string& node) {
    for (const InstructionInfo& info : plan.instructions()) {
        if (info.node == node) return info;
    }
    throw std::runtime_error("no instruction for " + node);
}

/// oneDNN's kernels against the library's, within what float arithmetic allows.
void expectSame(const Graph& graph, const at::Tensor& x) {
    Plan packed = compiled(graph, onednn()), plain = compiled(graph);
    const at::Tensor a = runOn(packed, x), b = runOn(plain, x);
    EXPECT_TRUE(at::allclose(a, b, 1e-4, 1e-4)) << (a - b).abs().max();
    EXPECT_TRUE(a.is_contiguous()) << "as a view behind the model wants it";
}

TEST(OnednnFloatLayer, EveryFormOfConvolution) {
    struct Case {
        std::int64_t in, out, groups;
        Ints kernel, stride, padding, dilation;
        bool hasBias;
    };
    for (const Case& test : std::vector<Case>{{3, 8, 1, {3, 3}, {1, 1}, {1, 1}, {1, 1}, true},
                                              {7, 17, 1, {3, 2}, {2, 1}, {0, 1}, {1, 1}, false},
                                              {8, 8, 8, {3, 3}, {1, 1}, {1, 1}, {1, 1}, true},
                                              {6, 9, 3, {3, 3}, {1, 2}, {1, 1}, {2, 2}, true},
                                              {16, 4, 1, {1, 1}, {1, 1}, {0, 0}, {1, 1}, true}}) {
        for (const auto op : {graph::op::conv2d, graph::op::conv2dRelu}) {
            Graph graph;
            const auto x = graph.addInput("x");
            const auto weight = addRandomWeight(graph, "weight", {test.out, test.in / test.groups, test.kernel[0], test.kernel[1]});
            const Operand bias = test.hasBias ? Operand(addRandomWeight(graph, "bias", {test.out})) : none();
            graph.main.outputs.emplace_back(
                graph
                    .addNode(std::string(op), "conv",
                             {x, weight, bias, ints(test.stride), ints(test.padding), ints(test.dilation), integer(test.groups)})
                    .results[0]);
            const std::string kernel =
                op == graph::op::conv2d ? "oneDNN conv2d, weights packed once" : "oneDNN conv2d+relu, weights packed once";
            EXPECT_EQ(infoOf(compiled(graph, onednn()), "conv").kernel, kernel);
            for (const std::int64_t batch : {0, 1, 3})
                expectSame(graph, at::randn({batch, test.in, 9, 11}));
            expectSame(graph, at::randn({test.in, 9, 11})); // without a batch
            expectSame(graph, at::randn({2, test.in, 9, 11}).contiguous(at::MemoryFormat::ChannelsLast));
        }
    }
}

TEST(OnednnFloatLayer, LinearLayersOnAnyDimensions) {
    for (const auto op : {graph::op::linear, graph::op::linearRelu}) {
        Graph graph;
        graph.main.outputs.emplace_back(addLinear(graph, "fc", graph.addInput("x"), 31, 13, op));
        EXPECT_EQ(infoOf(compiled(graph, onednn()), "fc").kernel.find("oneDNN linear"), 0U);
        for (const Ints& sizes : {Ints{31}, Ints{1, 31}, Ints{70, 31}, Ints{2, 3, 31}, Ints{0, 31}})
            expectSame(graph, at::randn(sizes));
    }
}

/// conv → batch norm, whose statistics are random.
graph::ValueId addNormalized(Graph& graph, const std::string& name, graph::ValueId input, std::int64_t in, std::int64_t out,
                             bool isAffine = true) {
    const auto made = addConv(graph, name, input, in, out, 3, graph::op::conv2d, 1);
    const auto positive = [&](const char* role) { return graph.addWeight(name + role, fromAten(at::rand({out}) + 0.5)); };
    const Operand weight = isAffine ? Operand(positive(".gamma")) : none();
    const Operand bias = isAffine ? Operand(addRandomWeight(graph, name + ".beta", {out})) : none();
    return graph
        .addNode(std::string(graph::op::batchNorm), name + ".norm",
                 {made, weight, bias, addRandomWeight(graph, name + ".mean", {out}), positive(".variance"), boolean(false), real(0.1),
                  real(1e-3), boolean(true)})
        .results[0];
}

TEST(OnednnFloatLayer, TakesInWhatFollows) {
    const std::vector<std::pair<std::string, std::vector<Operand>>> functions{{"aten::relu", {}},
                                                                              {"aten::relu6", {}},
                                                                              {"aten::silu", {}},
                                                                              {"aten::hardswish", {}},
                                                                              {"aten::sigmoid", {}},
                                                                              {"aten::tanh", {}},
                                                                              {"aten::gelu", {}},
                                                                              {"aten::gelu", {word("tanh")}},
                                                                              {"aten::leaky_relu", {}},
                                                                              {"aten::elu", {real(0.7), integer(1), integer(1)}},
                                                                              {"aten::clamp", {real(-0.5)}},
                                                                              {"aten::hardtanh", {integer(-2), integer(1)}}};
    for (const auto& [op, more] : functions) {
        for (const bool isConvolution : {false, true}) {
            Graph graph;
            auto value = isConvolution ? addNormalized(graph, "layer", graph.addInput("x"), 7, 9)
                                       : addLinear(graph, "layer", graph.addInput("x"), 7, 9);
            std::vector<Operand> operands{value};
            operands.insert(operands.end(), more.begin(), more.end());
            graph.main.outputs.emplace_back(graph.addNode(op, "function", operands).results[0]);
            SCOPED_TRACE(op);
            expectSame(graph, at::randn(isConvolution ? Ints{2, 7, 9, 11} : Ints{5, 7}));
            const Plan plan = compiled(graph, onednn());
            ASSERT_EQ(plan.instructions().size(), 1U);
            EXPECT_EQ(plan.instructions()[0].covers.size(), isConvolution ? 3U : 2U);
        }
    }
    Graph plain; // a batch norm without weights of its own, and a function that no layer takes in
    plain.main.outputs.emplace_back(
        plain.addNode("aten::mish", "mish", {addNormalized(plain, "layer", plain.addInput("x"), 4, 4, false)}).results[0]);
    expectSame(plain, at::randn({2, 4, 9, 11}));
    EXPECT_EQ(compiled(plain, onednn()).instructions().size(), 2U);
}

/// x → first (→ relu) → second, and first's result or x itself is added.
Graph residual(bool addsInput, bool isReadTwice, bool isConvolution = true) {
    Graph graph;
    const auto x = graph.addInput("x");
    const auto layer = [&](const std::string& name, graph::ValueId input) {
        return isConvolution ? addNormalized(graph, name, input, 6, 6) : addLinear(graph, name, input, 6, 6);
    };
    const auto first = addRelu(graph, "relu", layer("first", x)), second = layer("second", first);
    const auto other = addsInput ? x : first;
    for (const auto value : {second, other}) {
        graph.value(value).dtype = tensor::DType::Float32;
        graph.value(value).shape =
            isConvolution ? std::vector<graph::Dim>{{-1, "N"}, {6, ""}, {9, ""}, {11, ""}} : std::vector<graph::Dim>{{-1, "N"}, {6, ""}};
    }
    auto sum = graph.addNode("aten::add.Tensor", "add", {other, second, integer(1)}).results[0];
    sum = addRelu(graph, "relu2", sum);
    if (isReadTwice) sum = graph.addNode("aten::mul.Tensor", "again", {sum, other}).results[0];
    graph.main.outputs.emplace_back(sum);
    return graph;
}

TEST(OnednnFloatLayer, AddsAndLeavesAloneWhatOthersStillRead) {
    for (const bool addsInput : {false, true}) {
        for (const bool isReadTwice : {false, true}) {
            for (const bool isConvolution : {false, true}) {
                const Graph graph = residual(addsInput, isReadTwice, isConvolution);
                const at::Tensor x = at::randn(isConvolution ? Ints{3, 6, 9, 11} : Ints{3, 6}), before = x.clone();
                expectSame(graph, x);
                EXPECT_TRUE(at::equal(x, before)) << "inputs are the caller's";
                const Plan plan = compiled(graph, onednn());
                EXPECT_EQ(plan.instructions().size(), isReadTwice ? 3U : 2U);
                EXPECT_NE(plan.instructions()[1].kernel.find("+add+relu"), std::string::npos) << plan.instructions()[1].kernel;
            }
        }
    }
    // Sizes that were known otherwise: the library's operators broadcast.
    const Graph graph = residual(true, false, false);
    Plan plan = compiled(graph, onednn());
    EXPECT_TRUE(plan.runTensor(at::randn({4, 6})));
}

TEST(OnednnFloatLayer, WholeModelsStayInTheOrderThatReadersWant) {
    const Graph graph = leNet();
    expectSame(graph, at::randn({5, 1, 32, 32}));
    Graph viewed;
    const auto conv = addConv(viewed, "second", addRelu(viewed, "relu", addConv(viewed, "first", viewed.addInput("x"), 3, 8, 3)), 8, 4, 3);
    viewed.main.outputs.emplace_back(viewed.addNode("aten::view", "view", {conv, ints({2, -1})}).results[0]);
    expectSame(viewed, at::randn({2, 3, 9, 11}));
}

TEST(OnednnFloatLayer, WrongInputsAreSaidAsIntegerLayersSayThem) {
    Plan packed = compiled(leNet(), onednn());
    const auto problem = [&](const at::Tensor& x) {
        const auto result = packed.runTensor(x);
        return result ? std::string() : result.error().message.text();
    };
    EXPECT_NE(problem(at::zeros({1, 3, 32, 32})).find("The weights are for 1 input channels, but the input has 3."), std::string::npos);
    EXPECT_NE(problem(at::zeros({1, 1, 2, 2})).find("is larger than the padded input of 2x2."), std::string::npos);
    EXPECT_NE(problem(at::zeros({1, 1, 32, 32}, at::kDouble)).find("The layer computes Float, but its input is Double."),
              std::string::npos);
    EXPECT_EQ(problem(at::zeros({1, 1, 32, 32})), "") << "what failed leaves the plan as it was";
}

TEST(OnednnFloatLayer, AResidualOfOneImageIsAddedToEach) {
    for (const bool isConvolution : {false, true}) {
        Graph graph;
        const auto x = graph.addInput("x");
        const auto made = isConvolution ? addConv(graph, "layer", x, 6, 6, 3, graph::op::conv2d, 1) : addLinear(graph, "layer", x, 6, 6);
        const Ints sizes = isConvolution ? Ints{1, 6, 9, 11} : Ints{1, 6};
        const auto table = addRandomWeight(graph, "table", sizes);
        for (const auto value : {made, table}) // as they were when one image came
            support::withShape(graph, value, sizes);
        graph.main.outputs.emplace_back(graph.addNode("aten::add.Tensor", "add", {made, table, integer(1)}).results[0]);
        ASSERT_EQ(compiled(graph, onednn()).instructions().size(), 1U);
        expectSame(graph, at::randn(isConvolution ? Ints{1, 6, 9, 11} : Ints{1, 6}));
        expectSame(graph, at::randn(isConvolution ? Ints{3, 6, 9, 11} : Ints{3, 6}));
        if (isConvolution) expectSame(graph, at::randn({6, 9, 11}).unsqueeze(0));
    }
}

TEST(OnednnFloatLayer, HoldsWeightsOnce) {
    for (const bool isReadElsewhere : {false, true}) {
        std::weak_ptr<const tensor::Storage> stored;
        std::optional<Plan> plan;
        at::Tensor expected;
        const at::Tensor x = at::randn({2, 6, 9, 11});
        {
            Graph graph;
            auto value = addConv(graph, "layer", graph.addInput("x"), 6, 6, 3, graph::op::conv2d, 1);
            const auto weight = graph.main.nodes.front().operands[1].value();
            stored = graph.value(weight).data.storage();
            if (isReadElsewhere)
                value =
                    graph.addNode("aten::mul.Tensor", "mul", {value, graph.addNode("aten::sum", "sum", {weight}).results[0]}).results[0];
            graph.main.outputs.emplace_back(value);
            Plan plain = compiled(graph);
            expected = runOn(plain, x);
            plan.emplace(compiled(graph, onednn()));
        }
        for (int call = 0; call < 2; ++call)
            EXPECT_TRUE(at::allclose(runOn(*plan, x), expected, 1e-4, 1e-4));
        EXPECT_EQ(stored.expired(), !isReadElsewhere) << "packed, they are let go, unless another node reads them";
    }
}

TEST(OnednnFloatLayer, OnlyWherePlansMayDifferInTheLastBits) {
    EXPECT_EQ(compiled(leNet()).instructions().size(), 12U);
    EXPECT_EQ(infoOf(compiled(leNet()), "conv1").kernel, "ATen conv2d");
    EXPECT_EQ(infoOf(compiled(leNet()), "conv1").reason, "");
    PlanOptions training = onednn();
    training.training = true;
    EXPECT_EQ(infoOf(compiled(leNet(), training), "conv1").kernel, "ATen conv2d");
    Graph doubles; // another type than float32
    const auto weight = doubles.addWeight("weight", fromAten(at::randn({4, 6}).to(at::kDouble)));
    doubles.main.outputs.emplace_back(doubles.addNode("aten::linear", "fc", {doubles.addInput("x"), weight, none()}).results[0]);
    EXPECT_EQ(infoOf(compiled(doubles, onednn()), "fc").kernel, "ATen linear");
}

} // namespace
} // namespace lathe::runtime::testing

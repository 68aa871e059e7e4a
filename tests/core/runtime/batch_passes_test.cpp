#include <core/runtime/batch_passes_torch.h>

#include <gtest/gtest.h>

#include <core/graph/separable_batch.h>
#include <tests/core/runtime/own_kernel_times.h>
#include <tests/core/runtime/quantized_graphs.h>
#include <tests/core/runtime/times_of_instructions.h>
#include <tests/support/graphs.h>

namespace lathe::runtime::testing {
namespace {

using graph::ValueId;

/// What stands between the input and the output of a model.
struct Case {
    const char* name;
    bool isSeparable;
    Ints input; ///< shape
    std::function<ValueId(Graph&, ValueId)> make;
};

/// But for the last bits of the largest number.
bool isClose(const at::Tensor& a, const at::Tensor& b) {
    return a.sizes() == b.sizes() && (a - b).abs().max().item<float>() <= 1e-5F * b.abs().max().item<float>();
}

ValueId node(Graph& graph, const char* op, std::vector<Operand> operands) {
    return graph.addNode(op, graph.freeNodeName("node"), std::move(operands)).results[0];
}
Operand list(std::vector<Operand> operands) { return {std::move(operands)}; }
/// The number of samples.
ValueId sizeOf(Graph& graph, ValueId tensor, std::int64_t dim = 0) {
    const ValueId size = node(graph, "aten::size.int", {tensor, integer(dim)});
    graph.value(size).type = graph::TypeKind::Int;
    return size;
}
ValueId constant(Graph& graph, const Ints& shape) { return addRandomWeight(graph, graph.freeValueName("constant"), shape); }
ValueId batchNorm(Graph& graph, ValueId x, bool isTraining) {
    const ValueId mean = constant(graph, {4}), variance = graph.addWeight("variance", fromAten(at::ones({4})));
    return node(graph, "aten::batch_norm", {x, none(), none(), mean, variance, boolean(isTraining), real(0.1), real(1e-5), boolean(true)});
}
ValueId attention(Graph& graph, ValueId x, ValueId key) {
    return node(graph, "aten::scaled_dot_product_attention", {x, key, x, none(), real(0), boolean(false), none(), boolean(false)});
}

std::vector<Case> cases() {
    const Ints images{6, 4, 5, 5}, rows{6, 4}, tokens{6, 5, 4};
    using G = Graph;
    return {
        {"convolution", true, images, [](G& g, ValueId x) { return addConv(g, "conv", x, 4, 3, 3); }},
        {"convolution of one picture without batch", false, {4, 5, 5}, [](G& g, ValueId x) { return addConv(g, "conv", x, 4, 4, 1); }},
        {"linear", true, rows, [](G& g, ValueId x) { return addLinear(g, "fc", x, 4, 3); }},
        {"relu", true, rows, [](G& g, ValueId x) { return addRelu(g, "relu", x); }},
        {"max pooling", true, images, [](G& g, ValueId x) { return addMaxPool(g, "pool", x); }},
        {"flatten", true, images, [](G& g, ValueId x) { return addFlatten(g, "flat", x); }},
        {"flatten from the batch on", true, images,
         [](G& g, ValueId x) {
             return node(g, "aten::flatten.using_ints", {x, integer(0), integer(1)});
         }},
        {"batch norm", true, images, [](G& g, ValueId x) { return batchNorm(g, x, false); }},
        {"batch norm that trains", false, images, [](G& g, ValueId x) { return batchNorm(g, x, true); }},
        {"group norm", true, images,
         [](G& g, ValueId x) {
             return node(g, "aten::group_norm", {x, integer(2), none(), none(), real(1e-5), boolean(true)});
         }},
        {"layer norm", true, rows,
         [](G& g, ValueId x) {
             return node(g, "aten::layer_norm", {x, ints({4}), none(), none(), real(1e-5), boolean(true)});
         }},
        {"layer norm over the batch", false, rows,
         [](G& g, ValueId x) {
             return node(g, "aten::layer_norm", {x, ints({6, 4}), none(), none(), real(1e-5), boolean(true)});
         }},
        {"softmax", true, rows,
         [](G& g, ValueId x) {
             return node(g, "aten::softmax.int", {x, integer(-1), none()});
         }},
        {"softmax over the batch", false, rows,
         [](G& g, ValueId x) {
             return node(g, "aten::softmax.int", {x, integer(-2), none()});
         }},
        {"sum with a constant row", true, rows,
         [](G& g, ValueId x) {
             return node(g, "aten::add.Tensor", {x, constant(g, {1, 4}), integer(1)});
         }},
        {"sum with a constant batch", false, rows,
         [](G& g, ValueId x) {
             return node(g, "aten::add.Tensor", {x, constant(g, {6, 4}), integer(1)});
         }},
        {"sum with itself", true, rows,
         [](G& g, ValueId x) {
             return node(g, "aten::add.Tensor", {x, x, integer(1)});
         }},
        {"rows added to a square, their batch along its columns",
         false,
         {6, 6},
         [](G& g, ValueId x) {
             const ValueId sums = node(g, "aten::sum.dim_IntList", {x, ints({1}), boolean(false), none()});
             return node(g, "aten::add.Tensor", {x, sums, integer(1)});
         }},
        {"mean over pixels", true, images,
         [](G& g, ValueId x) {
             return node(g, "aten::mean.dim", {x, ints({2, 3}), boolean(false), none()});
         }},
        {"mean over the batch", false, images,
         [](G& g, ValueId x) {
             return node(g, "aten::mean.dim", {x, ints({-4}), boolean(true), none()});
         }},
        {"mean over everything", false, images,
         [](G& g, ValueId x) {
             return node(g, "aten::mean", {x, none()});
         }},
        {"view to what is left", true, images,
         [](G& g, ValueId x) {
             return node(g, "aten::view", {x, ints({-1, 100})});
         }},
        {"view that joins samples", false, rows,
         [](G& g, ValueId x) {
             return node(g, "aten::view", {x, ints({-1, 8})});
         }},
        {"view to a constant batch", false, images,
         [](G& g, ValueId x) {
             return node(g, "aten::view", {x, ints({6, 100})});
         }},
        {"view to the number of samples", true, images,
         [](G& g, ValueId x) {
             return node(g, "aten::view", {x, list({sizeOf(g, x), integer(-1)})});
         }},
        {"view with the number of samples behind", false, rows,
         [](G& g, ValueId x) {
             return node(g, "aten::view", {x, list({integer(4), sizeOf(g, x)})});
         }},
        {"view to the number of channels", true, images,
         [](G& g, ValueId x) {
             return node(g, "aten::view", {x, list({integer(-1), sizeOf(g, x, 1)})});
         }},
        {"transposed behind the batch", true, tokens,
         [](G& g, ValueId x) {
             return node(g, "aten::transpose.int", {x, integer(1), integer(2)});
         }},
        {"transposed with the batch", false, tokens,
         [](G& g, ValueId x) {
             return node(g, "aten::transpose.int", {x, integer(0), integer(-2)});
         }},
        {"permuted", true, images,
         [](G& g, ValueId x) {
             return node(g, "aten::permute", {x, ints({0, 2, 3, 1})});
         }},
        {"permuted, batch last", false, images,
         [](G& g, ValueId x) {
             return node(g, "aten::permute", {x, ints({1, 2, 3, 0})});
         }},
        {"concatenated", true, images,
         [](G& g, ValueId x) {
             return node(g, "aten::cat", {list({x, x}), integer(1)});
         }},
        {"concatenated with a constant", false, images,
         [](G& g, ValueId x) {
             return node(g, "aten::cat", {list({x, constant(g, {6, 1, 5, 5})}), integer(1)});
         }},
        {"concatenated along the batch", false, images,
         [](G& g, ValueId x) {
             return node(g, "aten::cat", {list({x, x}), integer(0)});
         }},
        {"a token for each sample in front", true, tokens,
         [](G& g, ValueId x) {
             const ValueId token =
                 node(g, "aten::expand", {constant(g, {1, 1, 4}), list({sizeOf(g, x), integer(-1), integer(-1)}), boolean(false)});
             return node(g, "aten::cat", {list({token, x}), integer(1)});
         }},
        {"a token for a constant number of samples in front", false, tokens,
         [](G& g, ValueId x) {
             const ValueId token = node(g, "aten::expand", {constant(g, {1, 1, 4}), ints({6, -1, -1}), boolean(false)});
             return node(g, "aten::cat", {list({token, x}), integer(1)});
         }},
        {"sliced", true, tokens,
         [](G& g, ValueId x) {
             return node(g, "aten::slice.Tensor", {x, integer(1), integer(1), integer(3), integer(1)});
         }},
        {"sliced from the first to the last", true, tokens,
         [](G& g, ValueId x) {
             return node(g, "aten::slice.Tensor",
                         {x, integer(0), integer(0), integer(std::numeric_limits<std::int64_t>::max()), integer(1)});
         }},
        {"the first samples", false, tokens,
         [](G& g, ValueId x) {
             return node(g, "aten::slice.Tensor", {x, integer(0), integer(0), integer(3), integer(1)});
         }},
        {"the first token", true, tokens,
         [](G& g, ValueId x) {
             return node(g, "aten::select.int", {x, integer(1), integer(0)});
         }},
        {"the first sample", false, tokens,
         [](G& g, ValueId x) {
             return node(g, "aten::select.int", {x, integer(0), integer(0)});
         }},
        {"flipped", true, images,
         [](G& g, ValueId x) {
             return node(g, "aten::flip", {x, ints({-1})});
         }},
        {"rolled, whichever dimension", false, rows,
         [](G& g, ValueId x) {
             return node(g, "aten::roll", {x, ints({1}), ints({})});
         }},
        {"one dimension more", true, rows,
         [](G& g, ValueId x) {
             return node(g, "aten::unsqueeze", {x, integer(-1)});
         }},
        {"one dimension more in front", false, rows,
         [](G& g, ValueId x) {
             return node(g, "aten::unsqueeze", {x, integer(-3)});
         }},
        {"padded", true, images,
         [](G& g, ValueId x) {
             return node(g, "aten::constant_pad_nd", {x, ints({1, 1, 2, 0}), real(0.5)});
         }},
        {"padded with samples", false, rows,
         [](G& g, ValueId x) {
             return node(g, "aten::constant_pad_nd", {x, ints({0, 0, 1, 1}), real(0.5)});
         }},
        {"tiled", true, rows,
         [](G& g, ValueId x) {
             return node(g, "aten::repeat", {x, ints({1, 2})});
         }},
        {"tiled samples", false, rows,
         [](G& g, ValueId x) {
             return node(g, "aten::repeat", {x, ints({2, 1})});
         }},
        {"products of matrices", true, tokens,
         [](G& g, ValueId x) {
             return node(g, "aten::matmul", {x, node(g, "aten::transpose.int", {x, integer(1), integer(2)})});
         }},
        {"product with a common matrix", true, tokens,
         [](G& g, ValueId x) {
             return node(g, "aten::matmul", {x, constant(g, {4, 3})});
         }},
        {"product of a common matrix", true, tokens,
         [](G& g, ValueId x) {
             return node(g, "aten::matmul", {constant(g, {3, 5}), x});
         }},
        {"product with the samples as a matrix", false, rows,
         [](G& g, ValueId x) {
             return node(g, "aten::matmul", {constant(g, {3, 6}), x});
         }},
        {"attention", true, {6, 2, 5, 4}, [](G& g, ValueId x) { return attention(g, x, x); }},
        {"attention with dropout",
         false,
         {6, 2, 5, 4},
         [](G& g, ValueId x) {
             return node(g, "aten::scaled_dot_product_attention", {x, x, x, none(), real(0.5), boolean(false), none(), boolean(false)});
         }},
        {"attention to what all have in common",
         false,
         {6, 2, 5, 4},
         [](G& g, ValueId x) {
             return attention(g, x, constant(g, {6, 2, 5, 4}));
         }},
        {"one grid", true, rows,
         [](G& g, ValueId x) {
             return addPair(g, "pair", x, {0.05, 64, 0, 127});
         }},
        {"a grid for each row", true, rows, [](G& g, ValueId x) { return support::addPerTokenQdq(g, x); }},
        {"a grid chosen for the tensor", false, rows,
         [](G& g, ValueId x) {
             const auto chosen =
                 g.addNode(std::string(graph::op::chooseQparams), "choose", {x, integer(0), integer(255), real(1e-6), word("uint8")}, 2)
                     .results;
             const std::vector<Operand> grid{chosen[0], chosen[1], integer(0), integer(255), word("uint8")};
             std::vector<Operand> quantize{x}, dequantize;
             quantize.insert(quantize.end(), grid.begin(), grid.end());
             dequantize.emplace_back(node(g, "quantized_decomposed::quantize_per_tensor.tensor", std::move(quantize)));
             dequantize.insert(dequantize.end(), grid.begin(), grid.end());
             return node(g, "quantized_decomposed::dequantize_per_tensor.tensor", std::move(dequantize));
         }},
        {"random", false, rows,
         [](G& g, ValueId x) {
             return node(g, "aten::rand_like", {x, none(), none(), none(), none(), none()});
         }},
        {"sorted along the batch, which the table does not tell", false, rows,
         [](G& g, ValueId x) {
             return g.addNode("aten::sort", "sort", {x, integer(0), boolean(false)}, 2).results[0];
         }},
        {"a constant", false, rows,
         [](G& g, ValueId) {
             return addRelu(g, "relu", constant(g, {6, 4}));
         }},
    };
}

Graph graphOf(const Case& each, const at::Tensor& input) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    graph.main.outputs.emplace_back(each.make(graph, x));
    const std::vector<c10::IValue> inputs{input};
    const auto known = annotateShapes(graph, inputs);
    EXPECT_TRUE(known) << each.name << ": " << (known ? "" : known.error().text());
    return graph;
}

BatchPasses::Run runOf(Plan& plan) {
    return [&plan](std::span<const c10::IValue> part, std::vector<c10::IValue>& outputs) -> base::Result<> {
        auto ran = plan.run(part);
        if (!ran) return base::forward(ran);
        outputs = std::move(*ran);
        return {};
    };
}

TEST(BatchPasses, GiveWhatOneCallGivesWhereSamplesAreSeparable) {
    const c10::InferenceMode inference;
    for (const Case& each : cases()) {
        const at::Tensor input = at::randn(each.input);
        const Graph graph = graphOf(each, input);
        ASSERT_EQ(graph::isBatchSeparable(graph), each.isSeparable) << each.name;
        Plan plan = compiled(graph);
        const std::vector<c10::IValue> inputs{input};
        const auto whole = plan.run(inputs);
        ASSERT_TRUE(whole) << each.name << ": " << whole.error().text();
        for (const std::int64_t samples : {1, 2, 4}) { // of 6: with a rest, too
            std::vector<c10::IValue> joined;
            const bool isDone = BatchPasses::run(inputs, samples, runOf(plan), joined);
            if (!each.isSeparable) continue;
            ASSERT_TRUE(isDone) << each.name;
            EXPECT_TRUE(isClose(joined[0].toTensor(), whole->front().toTensor())) << each.name << ", " << samples;
            EXPECT_EQ(joined[0].toTensor().sizes(), whole->front().toTensor().sizes()) << each.name;
        }
    }
}

TEST(BatchPasses, AreNotForGraphsWhoseShapesNobodyKnows) {
    Graph graph = leNet();
    EXPECT_FALSE(graph::isBatchSeparable(graph));
    const std::vector<c10::IValue> inputs{at::randn({1, 1, 32, 32})};
    ASSERT_TRUE(annotateShapes(graph, inputs));
    EXPECT_TRUE(graph::isBatchSeparable(graph)) << "known for one sample only";
    graph.addNode("lathe_test::unknown", "unknown", {graph.main.inputs[0]});
    EXPECT_FALSE(graph::isBatchSeparable(graph));
}

TEST(BatchPasses, JoinTuplesOfOutputs) {
    const BatchPasses::Run pass = [](std::span<const c10::IValue> part, std::vector<c10::IValue>& outputs) -> base::Result<> {
        const at::Tensor& x = part[0].toTensor();
        outputs = {c10::ivalue::Tuple::create({x * 2, x.flatten()}), x.sum(1)};
        return {};
    };
    const at::Tensor x = at::randn({5, 3});
    const std::vector<c10::IValue> inputs{x};
    std::vector<c10::IValue> outputs;
    ASSERT_TRUE(BatchPasses::run(inputs, 2, pass, outputs));
    ASSERT_EQ(outputs.size(), 2U);
    const auto elements = outputs[0].toTupleRef().elements();
    EXPECT_TRUE(at::equal(elements[0].toTensor(), x * 2));
    EXPECT_TRUE(at::equal(elements[1].toTensor(), x.flatten()));
    EXPECT_TRUE(at::equal(outputs[1].toTensor(), x.sum(1)));
}

TEST(BatchPasses, SayWhereOutputsCannotBeJoined) {
    const std::vector<c10::IValue> inputs{at::randn({5, 3})};
    std::vector<c10::IValue> outputs{c10::IValue(7)};
    const auto giving = [](const c10::IValue& value) -> BatchPasses::Run {
        return [value](std::span<const c10::IValue>, std::vector<c10::IValue>& given) -> base::Result<> {
            given = {value};
            return {};
        };
    };
    EXPECT_FALSE(BatchPasses::run(inputs, 2, giving(3), outputs));
    EXPECT_FALSE(BatchPasses::run(inputs, 2, giving(at::ones({3, 4})), outputs)) << "three rows of two samples";
    EXPECT_FALSE(BatchPasses::run(inputs, 2, giving(at::ones({})), outputs));
    const BatchPasses::Run fails = [](auto, auto&) -> base::Result<> { return base::failure(base::ErrorCode::Rejected, "no"); };
    EXPECT_FALSE(BatchPasses::run(inputs, 2, fails, outputs));
    EXPECT_EQ(outputs.front().toInt(), 7) << "as it was";
}

TEST(BatchPasses, AreTriedFromOneSampleOnUntilTheyAreSlower) {
    std::vector<std::int64_t> tried;
    const auto times = [&](std::int64_t count, const std::function<double(std::int64_t)>& perSample) {
        tried.clear();
        return timePasses(count, [&](std::int64_t samples) {
            tried.push_back(samples);
            return std::optional(perSample(samples) * static_cast<double>(samples));
        });
    };
    const KernelTimes slowing = times(100, [](std::int64_t samples) { return samples < 4 ? 10.0 : 10.0 * static_cast<double>(samples); });
    EXPECT_EQ(tried, (std::vector<std::int64_t>{1, 2, 4, 8}));
    EXPECT_EQ(bestPass(slowing, 100), 2) << "the larger of two that are as good";
    const KernelTimes gaining = times(12, [](std::int64_t samples) { return 10.0 + 10.0 / static_cast<double>(samples); });
    EXPECT_EQ(tried, (std::vector<std::int64_t>{1, 2, 4, 8, 12}));
    EXPECT_EQ(bestPass(gaining, 12), 12);
    EXPECT_EQ(bestPass(timePasses(12, [](std::int64_t) { return std::optional<double>(); }), 12), 12) << "nothing was measured";
}

Plan timed(const Graph& graph) {
    PlanOptions options;
    options.choosesByTime = true;
    return compiled(graph, options);
}

TEST(BatchPasses, AreFoundOnceAndKeptForOtherCalls) {
    const OwnKernelTimes own;
    Graph graph = leNet();
    const at::Tensor images = at::randn({24, 1, 32, 32});
    const std::vector<c10::IValue> inputs{images}, one{images.narrow(0, 0, 1)}, fewer{images.narrow(0, 0, 7)};
    ASSERT_TRUE(annotateShapes(graph, one));
    Plan plan = timed(graph);
    EXPECT_EQ(plan.samplesPerPass(inputs), std::nullopt) << "not tried yet";
    const at::Tensor first = runOn(plan, images);
    const auto found = plan.samplesPerPass(inputs);
    EXPECT_TRUE(!found || (*found >= 1 && *found < 24));
    EXPECT_TRUE(at::equal(runOn(plan, images), first)) << "the same way again";
    EXPECT_TRUE(isClose(runOn(plan, fewer[0].toTensor()), first.narrow(0, 0, 7)));
    Plan again = timed(graph);
    (void)runOn(again, images);
    EXPECT_EQ(again.samplesPerPass(inputs), found) << "remembered";
    Plan usual = compiled(graph);
    EXPECT_TRUE(isClose(runOn(usual, images), first));
    EXPECT_EQ(usual.samplesPerPass(inputs), std::nullopt);
}

TEST(BatchPasses, TimesOfInstructionsAreOfAllPasses) {
    const OwnKernelTimes own;
    Graph graph = leNet();
    const std::vector<c10::IValue> inputs{at::randn({16, 1, 32, 32})};
    ASSERT_TRUE(annotateShapes(graph, inputs));
    Plan plan = timed(graph);
    expectTimesOfInstructions(plan, 16);
}

TEST(BatchPasses, WhatIsWrongWithACallIsSaid) {
    const OwnKernelTimes own;
    Graph graph = leNet();
    const std::vector<c10::IValue> inputs{at::randn({4, 1, 32, 32})}, wrong{at::randn({4, 1, 9, 9})};
    ASSERT_TRUE(annotateShapes(graph, inputs));
    Plan plan = timed(graph);
    const auto failed = plan.run(wrong);
    ASSERT_FALSE(failed);
    EXPECT_TRUE(failed.error().text().starts_with("conv2: ")) << failed.error().text();
    EXPECT_TRUE(plan.run(inputs));
}

} // namespace
} // namespace lathe::runtime::testing

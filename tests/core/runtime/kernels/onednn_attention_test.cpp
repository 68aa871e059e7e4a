#include <core/runtime/kernels/attention/onednn_attention.h>

#include <cstdlib>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/runtime/kernels/attention/float_attention.h>
#include <core/runtime/kernels/attention/float_head.h>
#include <tests/core/runtime/graphs.h>
#include <tests/support/known_shape.h>

namespace lathe::runtime::testing {
namespace {

struct Form {
    Ints query, key, value; ///< key: (…, keys, features), transposed in the graph
    Ints mask = {};         ///< empty: none
    bool hasNumber = false;
    std::string scaling = "aten::div.Scalar"; ///< empty: none
};

graph::ValueId tensorInput(Graph& graph, const std::string& name, const Ints& sizes) {
    return support::withShape(graph, graph.addInput(name), sizes);
}

Graph attention(const Form& form) {
    Graph graph;
    const auto query = tensorInput(graph, "q", form.query), key = tensorInput(graph, "k", form.key),
               value = tensorInput(graph, "v", form.value);
    const auto named = [&](const std::string& op, const std::string& name, const std::vector<Operand>& operands, Ints sizes) {
        return support::withShape(graph, graph.addNode(op, name, operands).results[0], sizes);
    };
    Ints turned = form.key, scores = form.query;
    std::swap(turned[turned.size() - 1], turned[turned.size() - 2]);
    scores.back() = turned.back();
    const auto keyT = named("aten::transpose.int", "kT", {key, integer(-2), integer(-1)}, turned);
    auto x = named("aten::matmul", "scores", {query, keyT}, scores);
    if (form.hasNumber)
        x = named("aten::div.Tensor", "scaled", {x, tensorInput(graph, "number", {})}, scores);
    else if (!form.scaling.empty())
        x = named(form.scaling, "scaled", {x, real(2.5)}, scores);
    if (!form.mask.empty()) x = named("aten::add.Tensor", "masked", {x, tensorInput(graph, "mask", form.mask), integer(1)}, scores);
    x = named("aten::softmax.int", "weights", {x, integer(-1), none()}, scores);
    graph.main.outputs.emplace_back(named("aten::matmul", "sums", {x, value}, form.query));
    return graph;
}

std::vector<c10::IValue> inputsOf(const Graph& graph) {
    std::vector<c10::IValue> inputs;
    for (const graph::ValueId id : graph.main.inputs) {
        Ints sizes;
        for (const graph::Dim& dim : *graph.value(id).shape)
            sizes.push_back(dim.size);
        inputs.emplace_back(sizes.empty() ? at::full({}, 1.7F) : at::randn(sizes));
    }
    return inputs;
}

/// oneDNN's products around a softmax, and Lathe's attention head by head.
struct Kernel {
    std::string library, name;
};
class WholeAttention : public ::testing::TestWithParam<Kernel> {
protected:
    void SetUp() override {
        if (GetParam().library == "heads" && floatHeadLoops() == nullptr) GTEST_SKIP() << "this CPU has no AVX2";
    }
    PlanOptions options = preferring(GetParam().library);
};
INSTANTIATE_TEST_SUITE_P(Kernels, WholeAttention,
                         ::testing::Values(Kernel{"onednn", "oneDNN attention"}, Kernel{"heads", "Lathe attention"}),
                         [](const auto& kernel) { return kernel.param.library; });

const Form forms[] = {{{2, 3, 5, 4}, {2, 3, 7, 4}, {2, 3, 7, 6}},
                      {{2, 3, 5, 4}, {2, 3, 7, 4}, {2, 3, 7, 4}, {1, 1, 1, 7}},
                      {{2, 3, 5, 4}, {2, 3, 7, 4}, {2, 3, 7, 4}, {2, 1, 5, 7}, true},
                      {{2, 3, 5, 4}, {2, 3, 7, 4}, {2, 3, 7, 4}, {2, 3, 5, 1}, false, "aten::mul.Scalar"},
                      {{1, 12, 128, 32}, {1, 12, 128, 32}, {1, 12, 128, 32}, {1, 1, 128, 128}, false, ""},
                      {{6, 1, 4}, {6, 9, 4}, {6, 9, 4}, {1, 1, 9}}};

/// The whole attention as one instruction, the same as its nodes give within what float arithmetic allows.
TEST_P(WholeAttention, IsWhatItsNodesCompute) {
    for (const Form& form : forms) {
        const Graph graph = attention(form);
        Plan whole = compiled(graph, options), parts = compiled(graph);
        ASSERT_EQ(whole.instructions().size(), 2U) << "the transposition and the attention";
        EXPECT_EQ(whole.instructions()[1].kernel, GetParam().name);
        EXPECT_EQ(whole.instructions()[1].node, "sums");
        EXPECT_EQ(whole.instructions()[1].covers.front(), "scores");
        std::vector<c10::IValue> inputs = inputsOf(graph);
        const at::Tensor a = whole.runTensor(inputs).value(), b = parts.runTensor(inputs).value();
        EXPECT_TRUE(at::allclose(a, b, 1e-4, 1e-5)) << (a - b).abs().max();
        // As projections give them: heads beside each other in a row.
        for (std::size_t at = 0; at < 3; ++at)
            inputs[at] = inputs[at].toTensor().transpose(0, 1).contiguous().transpose(0, 1);
        EXPECT_TRUE(at::allclose(whole.runTensor(inputs).value(), parts.runTensor(inputs).value(), 1e-4, 1e-5));
    }
}

TEST_P(WholeAttention, OfOneNode) {
    for (const bool hasMask : {false, true}) {
        Graph graph;
        const auto query = tensorInput(graph, "q", {2, 3, 5, 4}), key = tensorInput(graph, "k", {2, 3, 7, 4}),
                   value = tensorInput(graph, "v", {2, 3, 7, 4});
        const Operand mask = hasMask ? Operand(tensorInput(graph, "mask", {1, 1, 5, 7})) : none();
        graph.main.outputs.emplace_back(graph
                                            .addNode("aten::scaled_dot_product_attention", "whole",
                                                     {query, key, value, mask, real(0), boolean(false), none(), boolean(false)})
                                            .results[0]);
        Plan whole = compiled(graph, options), parts = compiled(graph);
        EXPECT_EQ(whole.instructions()[0].kernel, GetParam().name);
        EXPECT_EQ(parts.instructions()[0].kernel, "ATen scaled_dot_product_attention");
        const std::vector<c10::IValue> inputs = inputsOf(graph);
        const at::Tensor a = whole.runTensor(inputs).value(), b = parts.runTensor(inputs).value();
        EXPECT_TRUE(at::allclose(a, b, 1e-4, 1e-5)) << (a - b).abs().max();
    }
}

TEST_P(WholeAttention, OtherSizesThanExpectedGoByTheNodes) {
    const Graph graph = attention(forms[1]);
    Plan whole = compiled(graph, options), parts = compiled(graph);
    // Keys of one head for all queries, and no key at all.
    std::vector<c10::IValue> inputs = {at::randn({2, 3, 5, 4}), at::randn({2, 1, 7, 4}), at::randn({2, 1, 7, 4}), at::randn({1, 1, 1, 7})};
    EXPECT_TRUE(at::allclose(whole.runTensor(inputs).value(), parts.runTensor(inputs).value(), 1e-4, 1e-5));
    inputs = {at::randn({0, 3, 5, 4}), at::randn({0, 3, 7, 4}), at::randn({0, 3, 7, 4}), at::randn({1, 1, 1, 7})};
    EXPECT_EQ(whole.runTensor(inputs).value().sizes(), (Ints{0, 3, 5, 4}));
    inputs = {at::randn({2, 3, 5, 4}), at::randn({2, 3, 7, 9}), at::randn({2, 3, 7, 4}), at::randn({1, 1, 1, 7})};
    EXPECT_FALSE(whole.run(inputs)) << "queries and keys do not fit";
}

TEST(WholeAttentions, OnlyWherePlansMayRoundDifferently) {
    const Plan plan = compiled(attention(forms[1]));
    EXPECT_EQ(plan.instructions().size(), 6U);
    EXPECT_EQ(plan.instructions()[1].kernel.find("ATen matmul"), 0U);
}

/// By what is stored of their times.
TEST(FlashAttention, IsWhatItsNodesCompute) {
    const base::TemporaryFolder folder;
    const auto file = folder.path() / "times.json";
    ASSERT_TRUE(base::writeFile(file, R"({"lathe_kernels": 1, "machine": "elsewhere", "layers": {
        "lathe::attention masked 2x3x5x4 2x3x4x7 2x3x7x4 1x1x1x7": {"aten.attention_parts": 9, "flash.attention": 3, "onednn.attention": 8},
        "lathe::attention masked 6x1x4 6x4x9 6x9x4 1x1x9": {"aten.attention_parts": 9, "flash.attention": 3, "onednn.attention": 8}}})"));
    setenv("LATHE_KERNELS", file.c_str(), 1);
    PlanOptions options;
    options.choosesByTime = true;
    for (const Form& form : {forms[1], forms[5]}) {
        const Graph graph = attention(form);
        Plan whole = compiled(graph, options), parts = compiled(graph);
        EXPECT_EQ(whole.instructions()[1].kernel, "ATen flash attention") << whole.instructions()[1].reason;
        const std::vector<c10::IValue> inputs = inputsOf(graph);
        const at::Tensor a = whole.runTensor(inputs).value(), b = parts.runTensor(inputs).value();
        EXPECT_TRUE(at::allclose(a, b, 1e-4, 1e-5)) << (a - b).abs().max();
    }
    setenv("LATHE_KERNELS", "off", 1);
}

} // namespace
} // namespace lathe::runtime::testing

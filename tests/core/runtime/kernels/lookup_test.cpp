#include <core/runtime/kernels/aten/lookup.h>

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <core/graph/operators/lookup.h>
#include <core/quantization/shared_weight.h>
#include <tests/core/runtime/graphs.h>
#include <tests/support/graphs.h>

namespace lathe::runtime::testing {
namespace {

/// A linear layer whose weight of 6x10 shares eight numbers for each half.
struct Shared {
    quantization::SharedWeight weight{3, {}, fromAten(at::randn({2, 8})), {6, 10}};
    Graph graph;

    Shared() {
        for (int i = 0; i < 60; ++i)
            weight.indices.push_back(static_cast<std::uint8_t>(i * 5 % 8));
        graph.main.outputs.emplace_back(addLinear(graph, "fc", graph.addInput("x"), 10, 6));
        graph::Editor editor(graph);
        quantization::insertLookup(editor, *graph.findValue("fc.weight"), weight);
        editor.finish();
    }
};

TEST(Lookup, GradientsOfEqualIndicesAddUp) {
    const Shared shared;
    auto plan = Plan::compile(shared.graph, {.device = {}, .training = true});
    ASSERT_TRUE(plan) << plan.error().text();
    const auto parameters = plan->parameters();
    ASSERT_TRUE(parameters.contains("fc.weight_codebook"));
    EXPECT_FALSE(parameters.contains("fc.weight")) << "indices are not trained";
    const at::Tensor x = at::randn({4, 10}), target = at::randn({4, 6});

    const at::AutoGradMode gradients(true);
    const at::Tensor loss = ((*plan->runTensor(x) - target) * (*plan->runTensor(x) - target)).sum();
    const at::Tensor found = torch::autograd::grad({loss}, {parameters.at("fc.weight_codebook")}).front();

    // The reference: the gradient of each weight by itself, summed by index.
    const at::Tensor plain = toAten(quantization::restored(shared.weight)).clone().requires_grad_(true);
    const at::Tensor error = at::linear(x, plain, parameters.at("fc.bias")) - target;
    const at::Tensor ofWeights = torch::autograd::grad({(error * error).sum()}, {plain}).front().contiguous();
    std::vector<double> expected(16, 0);
    for (std::size_t i = 0; i < 60; ++i)
        expected[i / 30 * 8 + shared.weight.indices[i]] += static_cast<double>(ofWeights.const_data_ptr<float>()[i]);
    ASSERT_EQ(found.numel(), 16);
    for (std::size_t i = 0; i < 16; ++i)
        EXPECT_NEAR(found.contiguous().const_data_ptr<float>()[i], expected[i], 1e-4) << i;
}

TEST(Lookup, WhatDoesNotFitIsASentence) {
    Shared shared;
    graph::setOperand(*shared.graph.findNode("fc.weight_lookup"), "bits", integer(7));
    const auto plan = Plan::compile(shared.graph, {.device = {}, .training = true});
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().message, "fc.weight_lookup: its indices, codebooks and shape do not fit each other.");
}

} // namespace
} // namespace lathe::runtime::testing

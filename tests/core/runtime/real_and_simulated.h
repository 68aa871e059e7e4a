#pragma once

#include <gtest/gtest.h>

#include <tests/core/runtime/quantized_graphs.h>

namespace lathe::runtime::testing {

/// Real against simulated: bytes may differ by one step where the sums round differently, and hardly ever do.
inline void expectSameWithinAStep(const Graph& graph, const at::Tensor& input, double step, const std::string& library = {}) {
    Plan real = compiled(graph, preferring(library));
    Plan floats = simulated(graph);
    const at::Tensor a = runOn(real, input);
    const at::Tensor b = runOn(floats, input);
    ASSERT_EQ(a.sizes(), b.sizes());
    if (a.numel() == 0) return;
    const at::Tensor difference = (a - b).abs();
    EXPECT_LE(difference.max().item<double>(), step * 1.001);
    EXPECT_GE((difference <= step * 0.01).to(at::kFloat).mean().item<double>(), 0.99);
}

} // namespace lathe::runtime::testing

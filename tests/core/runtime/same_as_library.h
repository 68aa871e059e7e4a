#pragma once

#include <vector>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {

/// Graphs of one float convolution, computed by a library's kernels, give what the same plans give with ATen's: on images of two sizes, on
/// an image without a batch and on none, twice each, with one thread and with two. Inputs stay as they are.
inline void expectSameAsLibrary(const std::vector<Graph>& graphs, const std::string& library, std::int64_t largeSide) {
    const int threadsBefore = at::get_num_threads();
    for (const int threads : {1, 2}) {
        at::set_num_threads(threads);
        for (const Graph& graph : graphs) {
            Plan fast = compiled(graph, preferring(library)), plain = compiled(graph);
            EXPECT_NE(fast.instructions().at(0).kernel, plain.instructions().at(0).kernel);
            const std::int64_t channels = graph.value(graph.main.nodes[0].operands[1].value()).data.shape()[1];
            for (const Ints& sizes :
                 {Ints{1, channels, 9, 11}, Ints{3, channels, largeSide, largeSide - 1}, Ints{channels, 8, 6}, Ints{0, channels, 9, 9}}) {
                const at::Tensor x = at::randn(sizes), before = x.clone();
                for (int call = 0; call < 2; ++call) {
                    const at::Tensor a = runOn(fast, x), b = runOn(plain, x);
                    EXPECT_TRUE(at::allclose(a, b, 1e-4, 1e-4)) << (a - b).abs().max();
                }
                EXPECT_TRUE(at::equal(x, before));
            }
        }
    }
    at::set_num_threads(threadsBefore);
}

} // namespace lathe::runtime::testing

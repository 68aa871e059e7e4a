#include <core/runtime/kernels/pooling/max_pool_torch.h>

#include <limits>

#include <gtest/gtest.h>

#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {
namespace {

Graph pooling(Ints kernel, Ints stride, Ints padding, Ints dilation, bool roundsUp = false) {
    Graph graph;
    graph.main.outputs.emplace_back(graph
                                        .addNode(std::string(graph::op::maxPool2d), "pool",
                                                 {graph.addInput("x"), ints(std::move(kernel)), ints(std::move(stride)),
                                                  ints(std::move(padding)), ints(std::move(dilation)), boolean(roundsUp)})
                                        .results[0]);
    return graph;
}

TEST(MaxPool, GivesTheLibrarysNumbers) {
    constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
    struct Case {
        Ints kernel, stride, padding, dilation;
    };
    for (const Case& test : std::vector<Case>{{{2, 2}, {2, 2}, {0, 0}, {1, 1}},
                                              {{2, 2}, {}, {0, 0}, {1, 1}},
                                              {{3, 3}, {2, 2}, {1, 1}, {1, 1}},
                                              {{3, 2}, {1, 3}, {1, 0}, {2, 1}},
                                              {{1, 5}, {1, 1}, {0, 2}, {1, 1}}}) {
        Plan plan = compiled(pooling(test.kernel, test.stride, test.padding, test.dilation));
        for (const std::int64_t channels : {1, 3, 4, 6, 16, 17, 64, 65}) {
            for (const bool isChannelsLast : {false, true}) {
                at::Tensor x = at::randn({2, channels, 9, 11});
                x[0][0][4][4] = nan;
                x[1][channels - 1].fill_(-infinity);
                x[0][channels - 1][0][0] = infinity;
                if (isChannelsLast) x = x.contiguous(at::MemoryFormat::ChannelsLast);
                const at::Tensor expected = at::max_pool2d(x, test.kernel, test.stride, test.padding, test.dilation);
                const at::Tensor computed = runOn(plan, x);
                EXPECT_TRUE(at::equal(at::nan_to_num(computed), at::nan_to_num(expected))) << channels;
                EXPECT_TRUE(at::equal(computed.isnan(), expected.isnan())) << channels;
                EXPECT_EQ(computed.strides(), expected.strides());
            }
        }
        EXPECT_TRUE(at::equal(runOn(plan, at::ones({4, 9, 11})),
                              at::max_pool2d(at::ones({4, 9, 11}), test.kernel, test.stride, test.padding, test.dilation)));
    }
}

TEST(MaxPool, WhatIsNotUsualIsTheLibrarys) {
    const at::Tensor x = at::randn({2, 8, 9, 11}).contiguous(at::MemoryFormat::ChannelsLast);
    Plan up = compiled(pooling({2, 2}, {2, 2}, {0, 0}, {1, 1}, true)), large = compiled(pooling({12, 12}, {1, 1}, {0, 0}, {1, 1}));
    EXPECT_EQ(runOn(up, x).size(2), 5);
    EXPECT_FALSE(large.runTensor(x));
    EXPECT_FALSE(constantWindow(pooling({2, 2}, {2, 2}, {2, 2}, {1, 1}).main.nodes[0])) << "more padding than half of the window";
    EXPECT_FALSE(constantWindow(pooling({2, 2}, {2, 2}, {0, 0}, {1, 1}, true).main.nodes[0]));
}

} // namespace
} // namespace lathe::runtime::testing

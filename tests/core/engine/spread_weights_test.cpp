#include <core/engine/spread_weights.h>

#include <gtest/gtest.h>

namespace lathe::engine {
namespace {

using tensor::DType;
using tensor::Storage;
using tensor::Tensor;

/// Four bytes, seen as so many floats.
Tensor repeated(std::int64_t count) {
    const Tensor one = Tensor::of<float>({1}, {1});
    return Tensor(DType::Float32, {count}, {0}, one.storage(), 0);
}

TEST(SpreadWeights, ARepetitionOfTerabytesIsRefused) {
    graph::Graph graph;
    graph.addWeight("fc.weight", Tensor::zeros(DType::Float32, {8, 8}));
    graph.addWeight("large", repeated(std::int64_t{1} << 40));
    const auto checked = checkSpread(graph);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, base::ErrorCode::Rejected);
    EXPECT_EQ(checked.error().message, "was not opened: its weights take 4.40 TB when they are written out, but only 260 B are in the "
                                       "file (\"large\" is 1099511627776).");
}

TEST(SpreadWeights, ManyThatShareAreRefusedTogether) {
    graph::Graph graph;
    for (int index = 0; index < 100; ++index)
        graph.addWeight("w" + std::to_string(index), repeated(1 << 20));
    EXPECT_FALSE(checkSpread(graph)); // 400 MiB of a hundred times four bytes
}

TEST(SpreadWeights, WhatModelsShareIsFine) {
    graph::Graph graph;
    EXPECT_TRUE(checkSpread(graph));
    const Tensor table = Tensor::zeros(DType::Float32, {1 << 20, 8});
    for (int index = 0; index < 12; ++index)
        graph.addWeight("layer" + std::to_string(index), table);
    graph.addWeight("position_ids", repeated(512));
    EXPECT_TRUE(checkSpread(graph));
}

} // namespace
} // namespace lathe::engine

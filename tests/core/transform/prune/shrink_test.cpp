#include <core/transform/prune/shrink.h>

#include <gtest/gtest.h>

namespace lathe::transform {
namespace {

using tensor::Tensor;

TEST(Shrink, RemovesRowsAndColumnsAndSumsWhatWent) {
    const Tensor matrix = Tensor::of<float>({3, 4}, {0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23});
    const Shrunk shrunk = shrink(matrix, {{0, {false, true, false}}, {1, {true, false, false, true}}});
    EXPECT_EQ(shrunk.tensor.shape(), (tensor::Shape{2, 2}));
    EXPECT_EQ(shrunk.tensor.toFloats(), (std::vector<float>{1, 2, 21, 22}));
    // Every element that went counts once, also where a row and a column cross.
    EXPECT_EQ(shrunk.removedSquares, 0 + 9 + 100 + 121 + 144 + 169 + 400 + 529);
}

TEST(Shrink, KeepsDtypeBits) {
    const Tensor integers = Tensor::of<std::int64_t>({3}, {1LL << 60, 2, -(1LL << 60) - 1});
    const Tensor kept = shrink(integers, {{0, {false, true, false}}}).tensor;
    EXPECT_EQ(kept.values<std::int64_t>()[0], 1LL << 60);
    EXPECT_EQ(kept.values<std::int64_t>()[1], -(1LL << 60) - 1);
}

TEST(Shrink, WorksOnViewsAndEmptyTensors) {
    const Tensor base = Tensor::of<float>({2, 3}, {0, 1, 2, 3, 4, 5});
    const Tensor transposed(tensor::DType::Float32, {3, 2}, {1, 3}, base.storage(), 0);
    EXPECT_EQ(shrink(transposed, {{0, {false, false, true}}}).tensor.toFloats(), (std::vector<float>{0, 3, 1, 4}));
    EXPECT_EQ(shrink(Tensor::of<float>({0, 2}, {}), {{1, {true, false}}}).tensor.shape(), (tensor::Shape{0, 1}));
    EXPECT_TRUE(shrink(base, {}).tensor.sameContent(base));
}

} // namespace
} // namespace lathe::transform

#include <core/transform/share/share_weight.h>

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include <core/transform/share/k_means.h>
#include <tests/support/graphs.h>

namespace lathe::transform {
namespace {

std::vector<float> randomValues(const tensor::Shape& shape, unsigned seed) { return support::randomTensor(shape, seed).toFloats(); }

TEST(ShareWeight, HasAsManyNumbersAsTheBitsAllow) {
    const tensor::Shape shape{8, 40};
    const auto values = randomValues(shape, 1);
    for (int bits = 2; bits <= 6; ++bits) {
        const quantization::SharedWeight shared = shareWeight(values, shape, {bits, 0});
        const std::vector<float> restored = quantization::restored(shared).toFloats();
        EXPECT_EQ(std::set<float>(restored.begin(), restored.end()).size(), std::size_t{1} << bits);
        EXPECT_EQ(shared.codebooks.shape(), (tensor::Shape{1, 1 << bits}));
    }
}

TEST(ShareWeight, ZerosStayZero) {
    const tensor::Shape shape{4, 32};
    auto values = randomValues(shape, 2);
    for (std::size_t i = 0; i < values.size(); i += 3)
        values[i] = i % 2 == 0 ? 0.0F : -0.0F;
    const std::vector<float> restored = quantization::restored(shareWeight(values, shape, {2, 0})).toFloats();
    for (std::size_t i = 0; i < values.size(); ++i)
        EXPECT_EQ(values[i] == 0, restored[i] == 0) << i;
    const auto nothing = shareWeight(std::vector<float>(6, 0), {2, 3}, {4, 0});
    EXPECT_EQ(quantization::restored(nothing).toFloats(), std::vector<float>(6, 0));
}

TEST(ShareWeight, GroupsHaveCodebooksOfTheirOwn) {
    const tensor::Shape shape{6, 5, 3, 3};
    const auto values = randomValues(shape, 3);
    // As each part alone.
    for (const std::int64_t rows : {1, 2, 3}) {
        const quantization::SharedWeight shared = shareWeight(values, shape, {3, rows});
        EXPECT_EQ(shared.codebooks.shape().front(), 6 / rows);
        std::vector<float> expected;
        for (std::int64_t first = 0; first < 6; first += rows) {
            const auto part = std::span(values).subspan(static_cast<std::size_t>(first * 45), static_cast<std::size_t>(rows * 45));
            const Clusters clusters = kMeans(part, 8);
            for (const std::uint8_t index : clusters.indices)
                expected.push_back(clusters.centroids[index]);
        }
        EXPECT_EQ(quantization::restored(shared).toFloats(), expected);
    }
}

TEST(ShareWeight, GroupsDivideTheRowsEvenly) {
    const auto values = randomValues({6, 10}, 4);
    EXPECT_EQ(shareWeight(values, {6, 10}, {2, 4}).codebooks.shape().front(), 2) << "four do not divide six: three do";
    EXPECT_EQ(shareWeight(values, {6, 10}, {2, 100}).codebooks.shape().front(), 1);
    EXPECT_EQ(shareWeight(randomValues({7, 10}, 4), {7, 10}, {2, 3}).codebooks.shape().front(), 7);
}

TEST(ShareWeight, CodebooksHaveTheWeightsType) {
    const auto values = randomValues({4, 8}, 5);
    const auto shared = shareWeight(values, {4, 8}, {2, 0}, tensor::DType::Float16);
    EXPECT_EQ(shared.codebooks.dtype(), tensor::DType::Float16);
    EXPECT_EQ(quantization::restored(shared).dtype(), tensor::DType::Float16);
}

TEST(ShareWeight, WithoutElements) { EXPECT_EQ(quantization::restored(shareWeight({}, {0, 3}, {4, 0})).elementCount(), 0); }

} // namespace
} // namespace lathe::transform

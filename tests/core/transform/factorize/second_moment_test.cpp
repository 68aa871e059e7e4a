#include <core/transform/factorize/second_moment.h>

#include <limits>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::transform {
namespace {

/// Against sums over all indices, for channels along each axis of [5, 3, 7], in two batches.
TEST(SecondMoment, SumsOverAllPlacesOfEachBatch) {
    for (const std::size_t axis : {0U, 1U, 2U}) {
        const std::vector<std::int64_t> shape{5, 3, 7};
        SecondMoment seen;
        const auto size = static_cast<std::size_t>(shape[axis]);
        std::vector<double> mean(size, 0), products(size * size, 0);
        double count = 0;
        for (const unsigned seed : {1U, 2U}) {
            const tensor::Tensor batch = support::randomTensor(shape, seed);
            seen.add(batch, axis);
            const auto values = batch.values<float>();
            const auto stride = static_cast<std::size_t>(axis == 0 ? 21 : axis == 1 ? 7 : 1);
            for (std::size_t i = 0; i < values.size(); ++i) {
                if (i / stride % size != 0) continue; // a place, at its first channel
                ++count;
                for (std::size_t a = 0; a < size; ++a) {
                    mean[a] += static_cast<double>(values[i + a * stride]);
                    for (std::size_t b = 0; b < size; ++b)
                        products[a * size + b] += static_cast<double>(values[i + a * stride]) * static_cast<double>(values[i + b * stride]);
                }
            }
        }
        EXPECT_EQ(static_cast<double>(seen.count()), count);
        const auto moment = seen.moment(0, shape[axis]), covariance = seen.covariance(0, shape[axis]);
        for (std::size_t a = 0; a < size; ++a) {
            EXPECT_NEAR(seen.mean()[a], mean[a] / count, 1e-6);
            for (std::size_t b = 0; b < size; ++b) {
                EXPECT_NEAR(moment[a * size + b], products[a * size + b] / count, 1e-6);
                EXPECT_NEAR(covariance[a * size + b], products[a * size + b] / count - mean[a] * mean[b] / count / count, 1e-6);
            }
        }
        EXPECT_EQ(seen.moment(1, 2)[1], moment[size + 2]) << "a block of it";
        EXPECT_TRUE(seen.isFinite());
    }
}

TEST(SecondMoment, KnowsWhatIsNotFinite) {
    SecondMoment seen;
    seen.add(tensor::Tensor::of<float>({1, 2}, {1, std::numeric_limits<float>::quiet_NaN()}), 1);
    EXPECT_FALSE(seen.isFinite());
}

} // namespace
} // namespace lathe::transform

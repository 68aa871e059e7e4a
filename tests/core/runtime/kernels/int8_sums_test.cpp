#include <core/runtime/kernels/int8/int8_sums.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace lathe::runtime {
namespace {

/// By its definition, a number at a time.
TEST(Int8Sums, AreCorrectedScaledLimitedAndStored) {
    std::mt19937 engine(5);
    const auto number = [&](double low, double high) { return std::uniform_real_distribution<double>(low, high)(engine); };
    std::vector<Int8Instructions> variants = {Int8Instructions::Portable};
    if (int8Instructions() != Int8Instructions::Portable) variants.push_back(Int8Instructions::Avx2);
    if (int8Instructions() == Int8Instructions::Avx512Vnni) variants.push_back(Int8Instructions::Avx512Vnni);
    for (const Int8Instructions instructions : variants) {
        for (const std::int64_t channels : {1, 7, 8, 15, 16, 17, 40}) {
            for (const bool isPerRow : {false, true}) {
                for (const bool givesBytes : {false, true}) {
                    constexpr std::int64_t rows = 3;
                    const auto all = static_cast<std::size_t>(rows * channels), some = static_cast<std::size_t>(channels);
                    std::vector<std::int32_t> sums(all), channelSums(some + int8ScaleReadAhead), zeroPoints = {3, 128, 255};
                    std::vector<float> factor(some + int8ScaleReadAhead), offset(some + int8ScaleReadAhead), residual(all);
                    const std::vector<float> rowFactor = {0.5F, 2, 0.125F};
                    for (auto& sum : sums)
                        sum = static_cast<std::int32_t>(number(-60'000, 60'000));
                    for (std::size_t channel = 0; channel < some; ++channel) {
                        channelSums[channel] = static_cast<std::int32_t>(number(-500, 500));
                        factor[channel] = static_cast<float>(number(0.0001, 0.003));
                        offset[channel] = static_cast<float>(number(-3, 3));
                    }
                    for (float& value : residual)
                        value = static_cast<float>(number(-5, 5));
                    std::vector<float> floats(all, NAN);
                    std::vector<std::uint8_t> bytes(all, 77);
                    Int8Output output{factor, offset, -50, 60, givesBytes ? 90 : 0};
                    output.residual.floats = residual.data();
                    output.residual.factor = 2;
                    if (isPerRow) output.rowFactor = rowFactor.data();
                    if (!givesBytes) output.floats = floats.data();
                    if (givesBytes) output.bytes = bytes.data();
                    storeSums(sums.data(), rows, channels, channelSums, {17, isPerRow ? zeroPoints.data() : nullptr}, output, instructions);
                    for (std::int64_t row = 0; row < rows; ++row) {
                        for (std::int64_t channel = 0; channel < channels; ++channel) {
                            const auto at = static_cast<std::size_t>(row * channels + channel), c = static_cast<std::size_t>(channel),
                                       r = static_cast<std::size_t>(row);
                            const double sum = sums[at] - static_cast<double>(isPerRow ? zeroPoints[r] : 17) * channelSums[c];
                            const double scale = static_cast<double>(factor[c]) * (isPerRow ? rowFactor[r] : 1);
                            const double wanted = std::clamp(sum * scale + offset[c] + 2 * static_cast<double>(residual[at]), -50.0, 60.0);
                            if (givesBytes)
                                EXPECT_NEAR(bytes[at], std::nearbyint(wanted) + 90,
                                            std::fabs(wanted - std::trunc(wanted)) == 0.5 ? 1 : 0.5);
                            else
                                EXPECT_NEAR(floats[at], wanted, 1e-4) << row << " " << channel;
                        }
                    }
                }
            }
        }
    }
}

} // namespace
} // namespace lathe::runtime

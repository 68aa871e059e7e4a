#include <core/runtime/kernels/simulated/qdq_torch.h>

#include <cmath>
#include <limits>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lathe::runtime {
namespace {

constexpr IntegerRange int8Range{-128, 127, tensor::DType::Int8};
constexpr float infinity = std::numeric_limits<float>::infinity();

TokenGrid gridOf(const std::vector<float>& row) { return chooseTokenGrid(row.data(), static_cast<std::int64_t>(row.size())); }

/// The definition with tensors, as PyTorch writes it.
std::pair<at::Tensor, at::Tensor> byDefinition(const at::Tensor& input) {
    const at::Tensor low = at::amin(input, {-1}, true).clamp_max(0), high = at::amax(input, {-1}, true).clamp_min(0);
    const at::Tensor scale = ((high - low) / 255.0).clamp_min(std::numeric_limits<float>::epsilon());
    const at::Tensor scaledLow = low / scale, scaledHigh = high / scale;
    const at::Tensor fromLow = (-128 + scaledLow) + (127 + scaledHigh) > 0;
    const at::Tensor zeroPoint = at::where(fromLow, -128 - scaledLow, 127 - scaledHigh).clamp(-128, 127).round();
    return {scale.to(at::kDouble), zeroPoint.to(at::kLong)};
}

at::Tensor roundTrip(const at::Tensor& input) {
    const auto [scales, zeroPoints] = chooseParametersPerToken(input);
    return dequantizePerToken(quantizePerToken(input, scales, zeroPoints, int8Range), scales, zeroPoints);
}

TEST(QdqPerToken, GridsAreThoseOfTheDefinition) {
    at::manual_seed(1);
    for (const double size : {1e-6, 0.01, 1.0, 300.0}) {
        for (const double shift : {-3.0, -0.5, 0.0, 0.2, 5.0}) {
            const at::Tensor input = (at::randn({7, 3, 33}) + shift) * size;
            const auto [scales, zeroPoints] = chooseParametersPerToken(input);
            const auto [expectedScales, expectedZeroPoints] = byDefinition(input);
            EXPECT_EQ(scales.sizes(), (std::vector<std::int64_t>{7, 3, 1}));
            EXPECT_TRUE(at::equal(scales, expectedScales)) << size << " " << shift;
            EXPECT_TRUE(at::equal(zeroPoints, expectedZeroPoints)) << size << " " << shift;
        }
    }
}

TEST(QdqPerToken, ARowAsBytesIsTheSameMovedBy128) {
    at::manual_seed(2);
    const at::Tensor input = at::randn({1, 37}) + 0.3;
    const auto [scales, zeroPoints] = chooseParametersPerToken(input);
    const at::Tensor expected = quantizePerToken(input, scales, zeroPoints, int8Range).to(at::kInt) + 128;
    std::vector<std::uint8_t> bytes(37);
    const TokenGrid grid = quantizeToken(input.const_data_ptr<float>(), 37, bytes.data());
    EXPECT_EQ(static_cast<double>(grid.scale), scales.item<double>());
    EXPECT_EQ(grid.zeroPoint, zeroPoints.item<std::int64_t>() + 128);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        EXPECT_EQ(bytes[i], expected[0][static_cast<std::int64_t>(i)].item<int>()) << i;
}

TEST(QdqPerToken, EdgeCasesOfARow) {
    EXPECT_EQ(gridOf({}).scale, std::numeric_limits<float>::epsilon());
    EXPECT_EQ(gridOf({0, 0, 0}).scale, std::numeric_limits<float>::epsilon());
    EXPECT_EQ(gridOf({255}).scale, 1);
    EXPECT_EQ(gridOf({255}).zeroPoint, -128); // only positive: the whole range is above zero
    EXPECT_EQ(gridOf({-255}).zeroPoint, 127);
    EXPECT_EQ(gridOf({-128, 127}).zeroPoint, 0);
    EXPECT_EQ(gridOf({1, std::nanf("")}).scale, 1);
    EXPECT_EQ(gridOf({1, infinity}).scale, 1);
    EXPECT_EQ(gridOf({-3e38F, 3e38F}).scale, 1); // their distance is no float
    const at::Tensor withNan = at::tensor({std::nanf(""), 1.0F}).reshape({1, 2});
    EXPECT_EQ(roundTrip(withNan)[0][0].item<float>(), 0);
    EXPECT_EQ(roundTrip(at::zeros({0, 4})).sizes(), (std::vector<std::int64_t>{0, 4}));
    EXPECT_EQ(roundTrip(at::zeros({2, 0})).sizes(), (std::vector<std::int64_t>{2, 0}));
    EXPECT_THROW(chooseParametersPerToken(at::scalar_tensor(1.0F)), c10::Error);
    EXPECT_THROW((void)quantizePerToken(at::ones({2, 2}), at::ones({3, 1}), at::ones({3, 1}), int8Range), c10::Error);
}

TEST(QdqPerToken, ErrorsAreAtMostHalfAStepOfTheirOwnRow) {
    at::manual_seed(2);
    at::Tensor input = at::randn({16, 64});
    input[3].mul_(1000);
    const at::Tensor scales = chooseParametersPerToken(input).first;
    const at::Tensor error = (roundTrip(input) - input).abs().to(at::kDouble);
    EXPECT_TRUE((error <= scales * 0.5001).all().item<bool>());
    // The gain over one grid for all: a row with large numbers costs the others nothing.
    const auto [scale, zeroPoint] = chooseParameters(input, int8Range, 1e-9, quantization::Scheme::Affine);
    const at::Tensor whole = (dequantize(quantize(input, scale, zeroPoint, int8Range), scale, zeroPoint) - input).abs();
    EXPECT_LT(error[0].max().item<double>() * 100, whole[0].max().item<double>());
}

TEST(QdqPerToken, ZeroIsExact) {
    for (const float other : {-7.3F, 0.001F, 12.0F})
        EXPECT_EQ(roundTrip(at::tensor({0.0F, other}).reshape({1, 2}))[0][0].item<float>(), 0);
}

} // namespace
} // namespace lathe::runtime

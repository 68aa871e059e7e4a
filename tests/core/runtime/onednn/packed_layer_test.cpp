#include <core/runtime/onednn/packed_layer.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

#include <gtest/gtest.h>

namespace lathe::runtime {
namespace {

/// The slow, obvious convolution of bytes with channels last.
std::vector<std::uint8_t> reference(const PackedLayerForm& form, const std::vector<std::int8_t>& weights, const std::vector<float>& bias,
                                    const std::vector<std::int64_t>& in, const std::array<std::int64_t, 4>& out,
                                    const std::vector<std::uint8_t>& input, const std::vector<std::uint8_t>& added) {
    std::vector<std::uint8_t> result(added.size());
    const auto& w = form.weightSizes;
    const std::int64_t outPerGroup = w[0] / form.groups;
    for (std::int64_t n = 0; n < out[0]; ++n)
        for (std::int64_t y = 0; y < out[2]; ++y)
            for (std::int64_t x = 0; x < out[3]; ++x)
                for (std::int64_t channel = 0; channel < out[1]; ++channel) {
                    std::int64_t sum = 0;
                    for (std::int64_t c = 0; c < w[1]; ++c)
                        for (std::int64_t ky = 0; ky < w[2]; ++ky)
                            for (std::int64_t kx = 0; kx < w[3]; ++kx) {
                                const std::int64_t row = y * form.stride[0] - form.padding[0] + ky * form.dilation[0];
                                const std::int64_t column = x * form.stride[1] - form.padding[1] + kx * form.dilation[1];
                                if (row < 0 || row >= in[2] || column < 0 || column >= in[3]) continue;
                                const std::int64_t from = channel / outPerGroup * w[1] + c;
                                const int byte = input[static_cast<std::size_t>(((n * in[2] + row) * in[3] + column) * in[1] + from)];
                                const int weight = weights[static_cast<std::size_t>(((channel * w[1] + c) * w[2] + ky) * w[3] + kx)];
                                sum += (byte - form.inputZeroPoint) * weight;
                            }
                    const auto at = static_cast<std::size_t>(((n * out[2] + y) * out[3] + x) * out[1] + channel);
                    double value =
                        static_cast<double>(sum) * form.scales[static_cast<std::size_t>(channel)] + bias[static_cast<std::size_t>(channel)];
                    if (form.addend) value += form.addend->scale * (added[at] - form.addend->zeroPoint);
                    if (form.function) value = std::clamp<double>(value, form.function->alpha, form.function->beta);
                    result[at] = static_cast<std::uint8_t>(std::clamp(std::nearbyint(value) + form.resultZeroPoint, 0.0, 255.0));
                }
    return result;
}

struct Case {
    std::vector<std::int64_t> weightSizes;
    std::int64_t groups;
    std::array<std::int64_t, 2> stride, padding, dilation;
    std::vector<std::int64_t> input;
    int inputZeroPoint, resultZeroPoint;
    bool adds, clips;
};

TEST(PackedLayer, BytesAgainstAReference) {
    std::mt19937 random(3);
    const auto byte = [&] { return static_cast<std::uint8_t>(random() & 255); };
    for (const Case& test : std::vector<Case>{{{1, 1, 1, 1}, 1, {1, 1}, {0, 0}, {1, 1}, {1, 1, 1, 1}, 0, 0, false, false},
                                              {{5, 3, 3, 2}, 1, {2, 1}, {1, 0}, {1, 1}, {2, 3, 7, 6}, 255, 0, false, true},
                                              {{17, 33, 1, 1}, 1, {1, 1}, {0, 0}, {1, 1}, {1, 33, 5, 3}, 128, 255, true, false},
                                              {{24, 1, 3, 3}, 24, {1, 1}, {1, 1}, {1, 1}, {1, 24, 9, 8}, 3, 0, false, true},
                                              {{24, 1, 5, 5}, 24, {2, 2}, {2, 2}, {1, 1}, {1, 24, 9, 8}, 0, 7, true, false},
                                              {{8, 2, 3, 3}, 4, {1, 1}, {2, 2}, {2, 2}, {1, 8, 9, 8}, 100, 100, true, true},
                                              {{64, 64, 3, 3}, 1, {1, 1}, {1, 1}, {1, 1}, {3, 64, 7, 7}, 127, 13, true, true}}) {
        PackedLayerForm form;
        form.isConvolution = form.isInt8 = form.givesBytes = true;
        form.stride = test.stride;
        form.padding = test.padding;
        form.dilation = test.dilation;
        form.groups = test.groups;
        form.weightSizes = test.weightSizes;
        form.inputZeroPoint = test.inputZeroPoint;
        form.resultZeroPoint = test.resultZeroPoint;
        if (test.adds) form.addend = PackedLayerForm::Addend{0.5F, 77};
        if (test.clips) form.function = Elementwise{Elementwise::Kind::Clip, -20, 60};
        const auto channels = static_cast<std::size_t>(test.weightSizes[0]);
        std::vector<float> bias;
        for (std::size_t channel = 0; channel < channels; ++channel) {
            form.scales.push_back(0.0005F * static_cast<float>(1 + random() % 8));
            bias.push_back(static_cast<float>(random() % 64) - 32);
        }
        std::size_t weightCount = 1, inputCount = 1;
        for (const auto size : test.weightSizes)
            weightCount *= static_cast<std::size_t>(size);
        for (const auto size : test.input)
            inputCount *= static_cast<std::size_t>(size);
        std::vector<std::int8_t> weights(weightCount);
        std::ranges::generate(weights, [&] { return static_cast<std::int8_t>(byte() / 2 - 63); });
        std::vector<std::uint8_t> input(inputCount);
        std::ranges::generate(input, byte);
        PackedLayer layer(form, weights.data(), bias);
        const auto out = layer.resultSizes(test.input);
        std::vector<std::uint8_t> result(static_cast<std::size_t>(out[0] * out[1] * out[2] * out[3]));
        std::ranges::generate(result, byte);
        const auto expected = reference(form, weights, bias, test.input, out, input, result);
        for (const int threads : {1, 2}) {
            auto computed = result;
            ASSERT_TRUE(layer.run(test.input, input.data(), computed.data(), threads));
            int off = 0;
            for (std::size_t index = 0; index < expected.size(); ++index) {
                ASSERT_LE(std::abs(expected[index] - computed[index]), 1) << test.weightSizes[0] << " at " << index;
                off += static_cast<int>(expected[index] != computed[index]);
            }
            EXPECT_LE(off, static_cast<int>(expected.size() / 100)) << "a step apart only where the sum lies between two bytes";
        }
    }
}

TEST(PackedLayer, RowsOfFloatsOfAnyNumber) {
    const std::vector<float> weights{1, 2, 3, 4, 5, 6}, bias{0.5F, -0.5F};
    PackedLayerForm form;
    form.weightSizes = {2, 3};
    form.function = Elementwise{Elementwise::Kind::Relu};
    PackedLayer layer(form, weights.data(), bias);
    for (std::int64_t rows = 1; rows < 20; ++rows) {
        std::vector<float> input(static_cast<std::size_t>(rows * 3)), result(static_cast<std::size_t>(rows * 2));
        for (std::size_t index = 0; index < input.size(); ++index)
            input[index] = static_cast<float>(index % 7) - 3;
        ASSERT_TRUE(layer.run(std::vector<std::int64_t>{rows, 3}, input.data(), result.data(), 1));
        for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
            const float* from = input.data() + row * 3;
            EXPECT_FLOAT_EQ(result[row * 2], std::max(0.0F, from[0] + 2 * from[1] + 3 * from[2] + 0.5F));
            EXPECT_FLOAT_EQ(result[row * 2 + 1], std::max(0.0F, 4 * from[0] + 5 * from[1] + 6 * from[2] - 0.5F));
        }
    }
}

TEST(PackedLayer, WhatDoesNotFitIsSaid) {
    const std::vector<float> weights(9);
    PackedLayerForm form;
    form.isConvolution = true;
    form.weightSizes = {1, 1, 3, 3};
    PackedLayer layer(form, weights.data(), {});
    EXPECT_EQ(layer.resultSizes(std::vector<std::int64_t>{1, 1, 2, 5}), (std::array<std::int64_t, 4>{1, 1, 0, 3}));
    float number = 0;
    const auto failed = layer.run(std::vector<std::int64_t>{1, 2, 3, 3}, &number, &number, 1);
    ASSERT_FALSE(failed);
    EXPECT_NE(failed.error().message.text().find("oneDNN does not compute this layer"), std::string::npos) << failed.error().message;
}

} // namespace
} // namespace lathe::runtime

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include <core/runtime/kernels/int8/int8_kernel.h>
#include <core/runtime/onednn/packed_layer.h>

namespace lathe::runtime::testing {

/// Numbers between −1 and 1.
inline std::vector<float> randomFloats(std::mt19937& engine, std::int64_t count) {
    std::uniform_real_distribution<float> distribution(-1, 1);
    std::vector<float> numbers(static_cast<std::size_t>(count));
    std::ranges::generate(numbers, [&] { return distribution(engine); });
    return numbers;
}

inline double slowFunction(const std::optional<Elementwise>& function, double x) {
    if (!function) return x;
    switch (function->kind) {
    case Elementwise::Kind::Relu:
        return x > 0 ? x : static_cast<double>(function->alpha) * x;
    case Elementwise::Kind::Clip:
        return std::clamp<double>(x, function->alpha, function->beta);
    case Elementwise::Kind::HardSwish:
        return x * std::clamp(x + 3, 0.0, 6.0) / 6;
    case Elementwise::Kind::Swish:
        return x / (1 + std::exp(-x));
    default:
        return 1 / (1 + std::exp(-x));
    }
}

/// A convolution in one group over images with channels last, random but for the sizes.
struct FloatConvolution {
    FloatConvolution(std::mt19937& engine, const ConvolutionShape& itsShape, std::int64_t itsBatch, std::int64_t itsHeight,
                     std::int64_t itsWidth)
        : shape(itsShape), batch(itsBatch), height(itsHeight), width(itsWidth), outHeight(itsShape.window.outHeight(itsHeight)),
          outWidth(itsShape.window.outWidth(itsWidth)) {
        weights = randomFloats(engine, shape.outChannels * shape.productsPerResult());
        bias = randomFloats(engine, shape.outChannels);
        input = randomFloats(engine, batch * height * width * shape.inChannels);
        addend = randomFloats(engine, batch * outHeight * outWidth * shape.outChannels);
    }

    ConvolutionShape shape;
    std::int64_t batch, height, width, outHeight, outWidth;
    std::vector<float> weights, bias, input, addend;
};

/// By the definition, in double precision.
inline std::vector<double> slowConvolution(const FloatConvolution& layer, bool addsResult, const std::optional<Elementwise>& function) {
    const ConvolutionShape& shape = layer.shape;
    const Window& window = shape.window;
    std::vector<double> result;
    for (std::int64_t image = 0; image < layer.batch; ++image) {
        for (std::int64_t row = 0; row < layer.outHeight; ++row) {
            for (std::int64_t column = 0; column < layer.outWidth; ++column) {
                for (std::int64_t out = 0; out < shape.outChannels; ++out) {
                    double sum = layer.bias[static_cast<std::size_t>(out)];
                    for (std::int64_t y = 0; y < window.kernelHeight; ++y) {
                        for (std::int64_t x = 0; x < window.kernelWidth; ++x) {
                            const std::int64_t fromRow = row * window.strideHeight + y * window.dilationHeight - window.paddingHeight;
                            const std::int64_t fromColumn = column * window.strideWidth + x * window.dilationWidth - window.paddingWidth;
                            if (fromRow < 0 || fromRow >= layer.height || fromColumn < 0 || fromColumn >= layer.width) continue;
                            const std::int64_t pixel = (image * layer.height + fromRow) * layer.width + fromColumn;
                            for (std::int64_t in = 0; in < shape.inChannels; ++in)
                                sum += static_cast<double>(layer.weights[shape.weightAt(out, in, y, x)]) *
                                       static_cast<double>(layer.input[static_cast<std::size_t>(pixel * shape.inChannels + in)]);
                        }
                    }
                    if (addsResult) sum += static_cast<double>(layer.addend[result.size()]);
                    result.push_back(slowFunction(function, sum));
                }
            }
        }
    }
    return result;
}

/// NaN where a number is none.
inline double largestDifference(const std::vector<float>& a, const std::vector<double>& b) {
    double largest = 0;
    for (std::size_t index = 0; index < a.size(); ++index) {
        const double difference = std::abs(static_cast<double>(a[index]) - b[index]);
        if (!(difference <= largest)) largest = difference;
    }
    return largest;
}

} // namespace lathe::runtime::testing

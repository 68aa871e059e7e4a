#pragma once

#include <cstdint>
#include <vector>

#include <core/tensor/tensor.h>

/// Uniform quantization: real = scale · (integer − zeroPoint). R. Krishnamoorthi, Quantizing deep convolutional networks for efficient
/// inference, arXiv:1806.08342.
namespace lathe::quantization {

enum class Scheme {
    Symmetric, ///< zero lies in the middle of the integer range
    Affine,    ///< the integer range covers exactly the real one
};

/// What has a scale and zero point of its own.
enum class Granularity {
    Tensor,
    Channel, ///< each index along one dimension
    Token,   ///< each row along the last dimension
};

/// The integers that are used, both ends included, and the element type that holds them.
struct IntegerRange {
    std::int64_t minimum = 0;
    std::int64_t maximum = 255;
    tensor::DType dtype = tensor::DType::UInt8;
    /// Levels minus one.
    [[nodiscard]] std::int64_t steps() const { return maximum - minimum; }
    bool operator==(const IntegerRange&) const = default;
};

/// All integers of an element type. Int8, UInt8 or Int32.
[[nodiscard]] IntegerRange wholeRange(tensor::DType dtype);
/// Of signed integers with `bits` bits (2..16), held by int8 up to 8 bits and by int16 above. Symmetric leaves out the lowest one
/// ([−127, 127]), so that the range has a middle and a product of two never overflows what integer kernels expect; affine uses all.
[[nodiscard]] IntegerRange signedRange(int bits, Scheme scheme);

/// The form of a grid: everything but its scales and zero points.
struct Grid {
    IntegerRange range;
    Scheme scheme = Scheme::Affine;
    Granularity granularity = Granularity::Tensor;
    int axis = 0;             ///< of Granularity::Channel
    bool isDynamic = false;   ///< scale and zero point are chosen from each very input while the model runs
    double smallestScale = 0; ///< of a dynamic grid
    bool operator==(const Grid&) const = default;
};

/// Of dynamic grids: the smallest scale is float32's epsilon, as in PyTorch.
[[nodiscard]] Grid dynamicGrid(IntegerRange range, Scheme scheme = Scheme::Affine);
/// One range for each row along the last dimension, on int8's -128 … 127.
[[nodiscard]] Grid tokenGrid();

/// A static grid of a whole tensor, with its numbers.
struct TensorGrid {
    double scale = 1; ///< > 0
    std::int64_t zeroPoint = 0, minimum = 0, maximum = 255;
    tensor::DType dtype = tensor::DType::UInt8;
    [[nodiscard]] IntegerRange range() const { return {minimum, maximum, dtype}; }
    bool operator==(const TensorGrid&) const = default;
};

/// Scales and zero points of a static grid: one each, or one for each channel.
struct GridNumbers {
    std::vector<float> scales;
    std::vector<std::int64_t> zeroPoints;
    bool operator==(const GridNumbers&) const = default;
};

} // namespace lathe::quantization

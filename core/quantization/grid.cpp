#include <core/quantization/grid.h>

#include <cassert>
#include <limits>

namespace lathe::quantization {

using tensor::DType;

IntegerRange wholeRange(DType dtype) {
    if (dtype == DType::Int8) return {-128, 127, dtype};
    if (dtype == DType::UInt8) return {0, 255, dtype};
    return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max(), DType::Int32};
}

IntegerRange signedRange(int bits, Scheme scheme) {
    assert(bits >= 2 && bits <= 16);
    const std::int64_t half = std::int64_t{1} << (bits - 1);
    return {scheme == Scheme::Symmetric ? 1 - half : -half, half - 1, bits <= 8 ? DType::Int8 : DType::Int16};
}

Grid dynamicGrid(IntegerRange range, Scheme scheme) {
    Grid grid;
    grid.range = range;
    grid.scheme = scheme;
    grid.isDynamic = true;
    grid.smallestScale = static_cast<double>(std::numeric_limits<float>::epsilon());
    return grid;
}

Grid tokenGrid() {
    Grid grid = dynamicGrid(wholeRange(DType::Int8));
    grid.granularity = Granularity::Token;
    return grid;
}

} // namespace lathe::quantization

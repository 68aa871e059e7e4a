#include <core/transform/factorize/filters.h>

#include <cassert>

namespace lathe::transform {

namespace {

/// [blocks, rows, columns, inner] → [blocks, columns, rows, inner].
std::vector<float> swapped(std::span<const float> values, std::int64_t blocks, std::int64_t rows, std::int64_t columns,
                           std::int64_t inner) {
    std::vector<float> result(values.size());
    std::size_t from = 0;
    for (std::int64_t block = 0; block < blocks; ++block) {
        for (std::int64_t row = 0; row < rows; ++row) {
            for (std::int64_t column = 0; column < columns; ++column) {
                const auto to = static_cast<std::size_t>(((block * columns + column) * rows + row) * inner);
                for (std::size_t i = 0; i < static_cast<std::size_t>(inner); ++i)
                    result[to + i] = values[from++];
            }
        }
    }
    return result;
}

} // namespace

std::span<const float> Filters::group(std::int64_t index) const {
    const auto size = static_cast<std::size_t>(outputs * inputs * kernelSize());
    return std::span(values).subspan(static_cast<std::size_t>(index) * size, size);
}

Filters filtersOf(const tensor::Tensor& weight, std::int64_t groups, bool isTransposed) {
    const tensor::Shape& shape = weight.shape();
    assert(shape.size() >= 2 && groups > 0 && shape[0] % groups == 0);
    Filters filters{groups, shape[0] / groups, shape[1], {shape.begin() + 2, shape.end()}, weight.toFloats()};
    if (isTransposed) {
        filters.values = swapped(filters.values, groups, filters.outputs, filters.inputs, filters.kernelSize());
        std::swap(filters.outputs, filters.inputs);
    }
    return filters;
}

tensor::Tensor weightOf(const Filters& filters, bool isTransposed) {
    tensor::Shape shape{filters.groups * filters.outputs, filters.inputs};
    if (isTransposed) shape = {filters.groups * filters.inputs, filters.outputs};
    shape.insert(shape.end(), filters.kernel.begin(), filters.kernel.end());
    if (!isTransposed) return tensor::Tensor::of(shape, filters.values);
    return tensor::Tensor::of(shape, swapped(filters.values, filters.groups, filters.outputs, filters.inputs, filters.kernelSize()));
}

} // namespace lathe::transform

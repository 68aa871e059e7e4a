#include <core/transform/sparsify/weight_rows.h>

#include <utility>

namespace lathe::transform {

std::size_t WeightRows::storedAt(std::int64_t row, std::int64_t column) const {
    const std::int64_t group = row / outputs, output = row % outputs, place = column / inputs, input = column % inputs;
    if (isTransposed) return static_cast<std::size_t>(((group * inputs + input) * outputs + output) * places + place);
    return static_cast<std::size_t>((row * inputs + input) * places + place);
}

WeightRows weightRows(const tensor::Shape& shape, std::int64_t groups, bool isTransposed) {
    assert(shape.size() >= 2 && groups > 0 && shape[0] % groups == 0);
    WeightRows rows{groups, shape[0] / groups, shape[1], tensor::elementCount({shape.begin() + 2, shape.end()}), isTransposed};
    if (isTransposed) std::swap(rows.outputs, rows.inputs);
    return rows;
}

} // namespace lathe::transform

#include <core/quantization/pair_sums.h>

#include <algorithm>
#include <cstdlib>

namespace lathe::quantization {

std::int64_t largestMagnitude(const tensor::Tensor& integers) {
    int largest = 0;
    for (const std::int8_t value : integers.values<std::int8_t>())
        largest = std::max(largest, std::abs(static_cast<int>(value)));
    return largest;
}

} // namespace lathe::quantization

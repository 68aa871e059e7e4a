#pragma once

#include <map>
#include <vector>

#include <core/tensor/tensor.h>

namespace lathe::transform {

/// For each dimension that shrinks, which of its indices go.
using RemovedIndices = std::map<int, std::vector<bool>>;

struct Shrunk {
    tensor::Tensor tensor;
    double removedSquares = 0; ///< sum of the squares of the elements that went
};

/// A contiguous copy without the removed indices; any dtype. Each vector is as long as its dimension.
[[nodiscard]] Shrunk shrink(const tensor::Tensor& tensor, const RemovedIndices& removed);

} // namespace lathe::transform

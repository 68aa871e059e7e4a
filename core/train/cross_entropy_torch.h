#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace lathe::train {

/// Mean cross-entropy of scores with classes along `classAxis` against integer labels [N, …], a class for each sample, token or pixel.
/// Negative labels do not count, nor 255 where there are not as many classes (label maps kept in bytes). `smoothing`: that share of each
/// label is spread over all classes. `weights`: one for each class, and the mean is by weight; undefined: all the same. One class only:
/// scores of yes and no. As torch.nn.functional.cross_entropy.
[[nodiscard]] at::Tensor crossEntropy(const at::Tensor& scores, const at::Tensor& labels, std::int64_t classAxis, double smoothing,
                                      const at::Tensor& weights);

/// Rows [parts, classes] and their labels [parts], without the parts that do not count; of one class two columns, no and yes.
struct CountedParts {
    at::Tensor rows, labels;
};
[[nodiscard]] CountedParts countedParts(const at::Tensor& scores, const at::Tensor& labels, std::int64_t classAxis);

} // namespace lathe::train

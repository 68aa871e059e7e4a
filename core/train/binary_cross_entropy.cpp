#include <optional>

#include <ATen/TensorOperators.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>

#include <core/train/binary_cross_entropy_torch.h>

namespace lathe::train {

at::Tensor binaryCrossEntropy(const at::Tensor& logits, const at::Tensor& labels, double smoothing, const at::Tensor& weights) {
    const at::Tensor rows = logits.reshape({logits.size(0), -1});
    at::Tensor truths = labels.reshape_as(rows).to(rows.scalar_type());
    if (smoothing > 0) truths = truths * (1 - smoothing) + smoothing / 2;
    return at::binary_cross_entropy_with_logits(rows, truths, std::nullopt, weights.defined() ? std::optional(weights) : std::nullopt);
}

} // namespace lathe::train

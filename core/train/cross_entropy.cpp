#include <optional>

#include <ATen/TensorOperators.h>
#include <ATen/core/Reduction.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/zeros_like.h>

#include <core/measure/counted_labels_torch.h>
#include <core/train/cross_entropy_torch.h>

namespace lathe::train {

CountedParts countedParts(const at::Tensor& scores, const at::Tensor& labels, std::int64_t classAxis) {
    if (scores.dim() == 2 && labels.dim() == 1) return {scores, labels};
    at::Tensor rows = scores.movedim(classAxis, -1);
    rows = rows.reshape({-1, rows.size(-1)});
    if (rows.size(1) == 1) rows = at::cat({at::zeros_like(rows), rows}, 1);
    const at::Tensor flat = labels.reshape({-1});
    const at::Tensor kept = measure::countedLabels(flat, rows.size(1));
    if (kept.numel() == flat.numel()) return {rows, flat};
    return {rows.index_select(0, kept), flat.index_select(0, kept)};
}

at::Tensor crossEntropy(const at::Tensor& scores, const at::Tensor& labels, std::int64_t classAxis, double smoothing,
                        const at::Tensor& weights) {
    const CountedParts parts = countedParts(scores, labels, classAxis);
    if (parts.labels.numel() == 0) return scores.sum() * 0;
    const std::optional<at::Tensor> weight = weights.defined() ? std::optional(weights) : std::nullopt;
    return at::cross_entropy_loss(parts.rows, parts.labels, weight, at::Reduction::Mean, -100, smoothing);
}

} // namespace lathe::train

#include <ATen/TensorOperators.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/softmax.h>

#include <core/train/cross_entropy_torch.h>
#include <core/train/dice_loss_torch.h>

namespace lathe::train {

at::Tensor diceLoss(const at::Tensor& scores, const at::Tensor& labels, std::int64_t classAxis) {
    const CountedParts parts = countedParts(scores, labels, classAxis);
    if (parts.labels.numel() == 0) return scores.sum() * 0;
    const at::Tensor probabilities = at::softmax(parts.rows, 1);
    const at::Tensor truths = at::one_hot(parts.labels, parts.rows.size(1)).to(probabilities.scalar_type());
    const at::Tensor found = truths.sum(0);
    const at::Tensor overlap = (probabilities * truths).sum(0) * 2 / (probabilities.sum(0) + found);
    return 1 - overlap.index_select(0, found.nonzero().flatten()).mean();
}

} // namespace lathe::train

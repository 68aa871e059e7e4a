#include <ATen/TensorOperators.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mse_loss.h>

#include <core/train/feature_loss_torch.h>

namespace lathe::train {

namespace {

/// Each row with the length 1.
at::Tensor unitRows(const at::Tensor& rows) {
    constexpr double smallest = 1e-12;
    return rows / rows.norm(2, {1}, true).clamp_min(smallest);
}

at::Tensor attentionMap(const at::Tensor& features, std::int64_t channelAxis) {
    return unitRows(features.pow(2).mean({channelAxis}).reshape({features.size(0), -1}));
}

at::Tensor similarities(const at::Tensor& features) {
    const at::Tensor rows = features.reshape({features.size(0), -1});
    return unitRows(rows.matmul(rows.t()));
}

} // namespace

at::Tensor fitNetsLoss(const at::Tensor& student, const at::Tensor& teacher, std::int64_t channelAxis, const at::Tensor& map) {
    if (!map.defined()) return at::mse_loss(student, teacher);
    return at::mse_loss(at::linear(student.movedim(channelAxis, -1), map), teacher.movedim(channelAxis, -1));
}

at::Tensor attentionLoss(const at::Tensor& student, const at::Tensor& teacher, std::int64_t channelAxis) {
    return at::mse_loss(attentionMap(student, channelAxis), attentionMap(teacher, channelAxis));
}

at::Tensor similarityLoss(const at::Tensor& student, const at::Tensor& teacher) {
    return at::mse_loss(similarities(student), similarities(teacher));
}

} // namespace lathe::train

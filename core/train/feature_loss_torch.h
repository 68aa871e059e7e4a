#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include <core/steps/training_settings.h>

namespace lathe::train {

/// How far two feature maps of the same samples are apart. `channelAxis`: that of the channels, of both. Shapes may differ where the loss
/// does not need them to be the same.

/// Mean squared difference; `map` [channels of the teacher, channels of the student] brings the student's channels to the teacher's and is
/// learned too; undefined where both have as many (Romero et al. 2015, arXiv:1412.6550).
[[nodiscard]] at::Tensor fitNetsLoss(const at::Tensor& student, const at::Tensor& teacher, std::int64_t channelAxis, const at::Tensor& map);

/// Mean squared difference of the attention maps: the mean over the channels of the squares, as one vector of length 1 a sample (Zagoruyko,
/// Komodakis 2017, arXiv:1612.03928). Needs at least one dimension beside samples and channels.
[[nodiscard]] at::Tensor attentionLoss(const at::Tensor& student, const at::Tensor& teacher, std::int64_t channelAxis);

/// Mean squared difference of G·Gᵀ of both, G the samples as rows, each row of the product of length 1 (Tung, Mori 2019, arXiv:1907.09682).
[[nodiscard]] at::Tensor similarityLoss(const at::Tensor& student, const at::Tensor& teacher);

} // namespace lathe::train

#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace lathe::train {

/// Kullback-Leibler divergence of the student's classes from the teacher's, both softmax(scores / temperature) along `classAxis`, mean over
/// the samples (and their parts), times temperature² so that its gradients do not shrink (Hinton, Vinyals, Dean 2015, arXiv:1503.02531).
[[nodiscard]] at::Tensor classDivergence(const at::Tensor& student, const at::Tensor& teacher, std::int64_t classAxis, double temperature);

/// The same of scores that each say yes or no, of which the probability is sigmoid(score / temperature).
[[nodiscard]] at::Tensor truthDivergence(const at::Tensor& student, const at::Tensor& teacher, double temperature);

} // namespace lathe::train

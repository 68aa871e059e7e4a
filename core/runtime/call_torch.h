#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

namespace lathe::runtime {

/// What a call was made with (data::Dataset::call).
struct CalledSamples {
    std::int64_t count = 1;  ///< samples that are of interest: the first ones
    std::int64_t inCall = 1; ///< samples of the call, others are repetitions
    bool hasBatch = true;    ///< false: the model takes and gives one sample, without a dimension for it
};

/// An output of the call as [count, …]: without what belongs to repeated samples, with a dimension for the sample where the model has none.
/// Outputs whose first dimension is not that of the samples (a state, a number) stay.
[[nodiscard]] at::Tensor outputOfSamples(const at::Tensor& output, const CalledSamples& samples);

/// All tensors in what a model gives, in order, out of tuples, lists and dictionaries.
[[nodiscard]] std::vector<at::Tensor> tensorsOf(std::span<const c10::IValue> outputs);

/// Samples [N, …], one tensor for each input, as the arguments of calls with `inCall` of them, which divides N; 0: one at a time, without a
/// dimension for it.
[[nodiscard]] std::vector<std::vector<c10::IValue>> callsOf(std::span<const at::Tensor> inputs, std::int64_t inCall);
/// What such calls gave, one list of tensors each, as that of all samples: one after the other along the first dimension, or with one in
/// front where there is none for samples.
[[nodiscard]] std::vector<at::Tensor> joinedOutputs(const std::vector<std::vector<at::Tensor>>& calls, std::int64_t inCall);

} // namespace lathe::runtime

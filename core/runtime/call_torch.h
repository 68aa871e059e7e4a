#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <core/graph/call_shape.h>

namespace lathe::runtime {

/// What a call was made with (data::Dataset::call).
struct CalledSamples {
    std::int64_t count = 1;  ///< samples that are of interest: the first ones
    std::int64_t inCall = 1; ///< samples of the call, others are repetitions
    graph::CallShape shape = {};
};

/// An output of the call, the number `index` of all (tensorsOf), as [count, …]: the batch in front, without what belongs to repeated
/// samples, and with a dimension for the sample where the model has none. Outputs that have no such dimension (a state, a number) stay.
[[nodiscard]] at::Tensor outputOfSamples(const at::Tensor& output, std::size_t index, const CalledSamples& samples);
/// All of them.
[[nodiscard]] std::vector<at::Tensor> outputsOfSamples(std::span<const c10::IValue> outputs, const CalledSamples& samples);
/// The same of a value within the model. Where the model's inputs have their samples in front, values are taken to have them there as well;
/// others stay as they are, repeated samples too.
[[nodiscard]] at::Tensor valueOfSamples(const at::Tensor& value, const CalledSamples& samples);

/// All tensors in what a model gives, in order, out of tuples, lists and dictionaries.
[[nodiscard]] std::vector<at::Tensor> tensorsOf(std::span<const c10::IValue> outputs);

/// Samples [N, …], one tensor for each input, as the arguments of calls with `inCall` of them, which divides N, along `axes` (as many as
/// inputs, or none: in front); 0: one at a time, without a dimension for it.
[[nodiscard]] std::vector<std::vector<c10::IValue>> callsOf(std::span<const at::Tensor> inputs, std::int64_t inCall,
                                                            std::span<const graph::BatchAxis> axes = {});
/// What such calls gave, one list of tensors each, as that of all samples: one after the other along the first dimension, or with one in
/// front where there is none for samples.
[[nodiscard]] std::vector<at::Tensor> joinedOutputs(const std::vector<std::vector<at::Tensor>>& calls, std::int64_t inCall);

} // namespace lathe::runtime

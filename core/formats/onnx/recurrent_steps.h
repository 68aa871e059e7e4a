#pragma once

#include <core/formats/onnx/call.h>

namespace lathe::formats::onnx {

/// Does the LSTM, GRU or RNN need what PyTorch's operators of that name have not: sequences of different lengths, peepholes, a GRU that
/// resets before the product, coupled gates, a clip, other activations?
[[nodiscard]] bool needsSteps(Call& call);

/// Writes it out step by step: one after the other where the length of the sequence is known and short, in a loop elsewhere. Refuses
/// activations that it does not know.
void lowerInSteps(Call& call);

} // namespace lathe::formats::onnx

#pragma once

#include <core/runtime/lowering/pattern.h>

namespace lathe::runtime {

/// What was rounded to half precision and is float32 again goes when nobody reads the floats: layers and attentions of bfloat16 read the
/// halves.
[[nodiscard]] Outcome lowerWidened(LoweringContext& context, const graph::Node& node);

/// Why what was rounded to `half` is multiplied as float32 by a layer that has no kernel for it.
[[nodiscard]] base::Message whyMultipliedAsFloat(tensor::DType half);

/// The bfloat16 behind a float32 value that was rounded to it; nothing when it was not.
[[nodiscard]] std::optional<graph::ValueId> bfloat16Behind(const LoweringContext& context, graph::ValueId floats);
/// The node that alone reads the value, when it rounds it to bfloat16.
[[nodiscard]] const graph::Node* roundingBehind(const LoweringContext& context, graph::ValueId floats);

/// Lets `reader` read a float32 value of its own, made of the same halves, and returns the node that makes it: what stands for both may
/// then free that value.
[[nodiscard]] graph::Node widenFor(LoweringContext& context, graph::Node& reader, std::size_t operand);

} // namespace lathe::runtime

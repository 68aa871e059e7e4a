#pragma once

#include <optional>
#include <span>

#include <core/graph/editor.h>

namespace lathe::quantization {

/// How half precision (float16, bfloat16) stands in a graph: a value is converted to it and back to float32, a weight is stored in it and
/// converted to float32 (graph::widensWeight). What reads them multiplies rounded numbers and sums in float32, as processors do that
/// multiply halves. So a graph tells its results exactly wherever it runs, and integer and half layers stand side by side.

/// to(half) → to(float32) of one value.
struct HalfRounding {
    const graph::Node* narrow = nullptr;
    const graph::Node* widen = nullptr;
    graph::ValueId input = -1, half = -1;
    tensor::DType dtype = tensor::DType::BFloat16;
};
/// What the value is the end of; nothing when it is something else.
[[nodiscard]] std::optional<HalfRounding> matchHalfRounding(const graph::UseIndex& uses, graph::ValueId widened);

/// Converts a float32 value of the main block to `dtype` and back for these readers. Returns what they read now.
graph::ValueId insertHalfRounding(graph::Editor& editor, graph::ValueId value, tensor::DType dtype,
                                  std::span<const graph::Editor::Use> readers);

/// Stores a float32 weight as `dtype`, and converts it before the first node that reads it. Numbers beyond the dtype's range become its
/// largest: infinity is no weight.
void insertHalfWeight(graph::Editor& editor, graph::ValueId weight, tensor::DType dtype);

} // namespace lathe::quantization

#pragma once

#include <optional>
#include <vector>

#include <core/tensor/tensor.h>

namespace lathe::measure {

/// What a detector found, as views of its outputs.
struct Detections {
    std::vector<float> boxes;  ///< n · 4 corners (x1, y1, x2, y2)
    std::vector<float> labels; ///< n; none when the model gives none
    std::vector<float> scores; ///< n
    [[nodiscard]] std::size_t count() const { return scores.size(); }
};

/// Of a model's outputs: floats [n, 4] are boxes, floats [n] scores, integers [n] labels, each once and in any order, as torchvision's and
/// most detectors give them; other outputs do not count. Nothing for outputs that are not of that form.
[[nodiscard]] std::optional<Detections> detectionsOf(const std::vector<tensor::Tensor>& outputs);

/// The share of detections that both have: of the same label, overlapping by 0.9 or more (intersection over union), with scores that differ
/// by 1 % of the largest at most. Each counts once, those with high scores first. How they are ordered and how many there are is up to
/// rounding: boxes of nearly the same score change places, the last ones come or go. Of the larger number of both; 1 when both are empty.
[[nodiscard]] double matchedShare(const Detections& actual, const Detections& expected);

} // namespace lathe::measure

#pragma once

#include <vector>

#include <core/graph/graph.h>

namespace lathe::transform {

/// Which of these weights could be one: lists of two or more of the same shape and dtype, each in the order of `weights`. First come those
/// with the same content; then each joins the first before it that it is alike: ‖a − b‖ ≤ tolerance · max(‖a‖, ‖b‖). With a tolerance of 0
/// only equal ones are alike. What is NaN or infinite is alike nothing.
[[nodiscard]] std::vector<std::vector<graph::ValueId>> alikeWeights(const graph::Graph& graph, const std::vector<graph::ValueId>& weights,
                                                                    double tolerance);

/// The mean of weights of one shape, which is the nearest to all of them.
[[nodiscard]] std::vector<float> meanWeight(const graph::Graph& graph, const std::vector<graph::ValueId>& weights);

} // namespace lathe::transform

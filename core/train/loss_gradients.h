#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <core/base/job.h>
#include <core/data/dataset.h>
#include <core/graph/graph.h>
#include <core/recipe/evaluation.h>
#include <core/runtime/device.h>

namespace lathe::train {

struct GradientOptions {
    std::int64_t samples = 128; ///< the first ones of the training split, at most
    std::int64_t batchSize = 1;
    runtime::Device device = {};
    recipe::Evaluation evaluation = {}; ///< which output the labels are for, and what they mean
};

/// The gradients of the mean loss (TaskLoss) of each batch by the weights of these names, shown to `observer` in their order, float32 and
/// in the shape of the weight; of weights that the loss does not depend on, or that are no parameters, all zero. The model stays as it is:
/// evaluation mode, no step is taken. Errors: Rejected (no training samples, no labels, outputs that the labels do not fit, a label that is
/// not below the number of outputs); Unsupported (quantized graphs); Cancelled; those of running the model.
[[nodiscard]] base::Result<> lossGradients(const graph::Graph& graph, const std::vector<std::string>& weights, const data::Dataset& dataset,
                                           const GradientOptions& options,
                                           const std::function<void(const std::vector<tensor::Tensor>&)>& observer, const base::Job& job);

} // namespace lathe::train

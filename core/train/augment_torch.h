#pragma once

#include <random>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <core/base/result.h>
#include <core/data/dataset.h>
#include <core/recipe/evaluation.h>
#include <core/steps/training_settings.h>

namespace lathe::train {

/// A batch of training: what the model is called with and what it should give.
struct Batch {
    std::vector<c10::IValue> inputs;
    std::int64_t count = 0;      ///< samples; the inputs may hold more, where the model insists on them
    at::Tensor rows = {};        ///< which samples of the training split they are
    at::Tensor labels = {};      ///< undefined: there are none
    at::Tensor mixedLabels = {}; ///< of the samples that were mixed in; undefined: none were
    double share = 1;            ///< of `labels`; the rest is of mixedLabels
};

/// Can this be done to samples of such data? Rejected, with the reason.
[[nodiscard]] base::Result<> checkAugmentation(const steps::Augmentation& augmentation, const data::Dataset& dataset);

/// Changes the samples of the first input, whose first dimension is theirs, and labels that are maps with them. All that is random comes
/// from `random`, so that the same state gives the same batch.
void augment(Batch& batch, const steps::Augmentation& augmentation, recipe::Task task, std::mt19937_64& random);

} // namespace lathe::train

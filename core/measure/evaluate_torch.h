#pragma once

#include <core/base/job.h>
#include <core/data/dataset.h>
#include <core/measure/result.h>
#include <core/runtime/plan_torch.h>

namespace lathe::measure {

/// Runs the test split through the plan in batches. `originalOutputs`: not used when the data has labels. Errors: Rejected when the sample
/// shape does not fit the model (the sentence holds both shapes) or a label is not below the number of outputs.
[[nodiscard]] base::Result<Quality> evaluate(runtime::Plan& plan, const runtime::Device& device, const data::Dataset& dataset,
                                             std::int64_t batchSize, const base::Job& job);

} // namespace lathe::measure

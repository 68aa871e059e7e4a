#pragma once

#include <optional>

#include <core/base/job.h>
#include <core/base/message.h>
#include <core/data/dataset.h>
#include <core/measure/result.h>
#include <core/measure/task_choice.h>
#include <core/runtime/plan_torch.h>

namespace lathe::measure {

/// Runs the first samples and chooses how quality is measured (task_choice.h). `outputNames`: of all tensors that the model gives, or
/// empty. Errors: those of the other chooseTask; Rejected when the samples do not fit the model, with both shapes.
[[nodiscard]] base::Result<TaskChoice> chooseTask(runtime::Plan& plan, const runtime::Device& device, const data::Dataset& dataset,
                                                  const recipe::Evaluation& wanted, std::span<const std::string> outputNames);

/// Runs the test split through the plan in batches and measures by the task; without a choice one is made with the first batch. Without
/// labels the top-1 is of the first output, where that is a row of at least two numbers for each sample; other outputs (boxes that were
/// found) may be as large as they like. Errors: Rejected when the sample shape does not fit the model (the sentence holds both shapes) or a
/// label is not below the number of outputs.
[[nodiscard]] base::Result<Quality> evaluate(runtime::Plan& plan, const runtime::Device& device, const data::Dataset& dataset,
                                             std::int64_t batchSize, const base::Job& job, const std::optional<TaskChoice>& choice = {});

struct EvaluatedPair {
    Quality original, changed;                                  ///< `changed` also says how far its outputs are from those of the original
    std::int64_t originalPeakMemory = 0, changedPeakMemory = 0; ///< of the process while the model ran, bytes
    /// Where the two do not have as many outputs of the same shapes (a detector finds another number of boxes): then nothing is said of how
    /// far they are apart.
    std::optional<base::Message> whyNotCompared;
};
/// The same for a model and what was made of it, batch by batch in turn, so that the outputs of only one batch are kept. All outputs are
/// compared. Errors as above.
[[nodiscard]] base::Result<EvaluatedPair> evaluatePair(runtime::Plan& original, runtime::Plan& changed, const runtime::Device& device,
                                                       const data::Dataset& dataset, std::int64_t batchSize, const base::Job& job,
                                                       const std::optional<TaskChoice>& choice = {});

} // namespace lathe::measure

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <core/base/result.h>
#include <core/recipe/evaluation.h>
#include <core/tensor/tensor.h>

namespace lathe::measure {

/// What labels look like; shapes with the samples in front.
struct LabelForm {
    tensor::Shape shape;    ///< [N] or [N, …]
    bool areFloats = false; ///< numbers, not classes
    bool areZeroOrOne = false;
    std::int64_t largest = 0; ///< of integers
    bool arePaired = false;   ///< one for each sample, those of samples 0 and 1, 2 and 3, … being the same, and not all of them
};
/// Of Int64 or Float32 labels; nothing where there are none (null).
[[nodiscard]] std::optional<LabelForm> labelForm(const tensor::Tensor& labels);
/// What label maps that are kept in bytes say where there is no label; it counts as one where there are as many classes.
inline constexpr std::int64_t ignoredLabel = 255;

/// How quality is measured.
struct TaskChoice {
    recipe::Task task = recipe::Task::Outputs;
    std::size_t output = 0;               ///< which output the labels are for, or whose top-1 is looked at
    std::int64_t classAxis = 1;           ///< of outputs that are scores of classes
    std::optional<double> threshold = {}; ///< see recipe::Evaluation
    /// Of pairs of embeddings: the output with the other side of each pair; nothing: samples 0 and 1, 2 and 3, … are pairs.
    std::optional<std::size_t> otherSide = {};
    bool operator==(const TaskChoice&) const = default;
};

/// Chooses the task and the output from the forms of labels and outputs: for the first output for which one fits, in this order: one class
/// a sample (outputs [N, C]), tokens ([N, T, C] or [N, C, T] for labels [N, T]), pixels ([N, C, H, W] for [N, H, W] or [N, 1, H, W]; C = 1:
/// yes or no), one truth (as many outputs as samples), several truths, numbers (as many outputs as labels), embeddings ([N, D] for one
/// number a sample: where labels are paired, or another output of the same shape has the other side). `wanted.output` is a position or one
/// of `names`. No labels: Task::Outputs, or similarity where that is wanted. Errors: Rejected when none fits, or not what was asked for;
/// the sentence holds both forms.
[[nodiscard]] base::Result<TaskChoice> chooseTask(const std::optional<LabelForm>& labels, std::span<const tensor::Shape> outputs,
                                                  std::span<const std::string> names, const recipe::Evaluation& wanted,
                                                  const std::string& dataName);

} // namespace lathe::measure

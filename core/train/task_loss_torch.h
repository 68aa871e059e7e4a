#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <core/base/result.h>
#include <core/graph/graph.h>
#include <core/measure/task_choice.h>
#include <core/recipe/evaluation.h>
#include <core/steps/training_settings.h>
#include <core/tensor/tensor.h>

namespace lathe::train {

/// Is each label one of several classes: of samples, tokens or pixels?
[[nodiscard]] bool areClasses(recipe::Task task);
/// Are labels yes or no, one or several of a sample?
[[nodiscard]] bool areTruths(recipe::Task task);

/// What the training of one model on one data set makes small; chosen as its quality is measured (measure::chooseTask).
class TaskLoss {
public:
    /// `outputs`: all tensors that the model gives for `samples` samples; `labels`: of all training samples, null where there are none.
    /// Errors: Rejected when labels and outputs do not fit, with both forms; a label that is no class of the model; a loss that is not for
    /// such labels; class weights of another number than there are classes.
    [[nodiscard]] static base::Result<TaskLoss> choose(const graph::Graph& graph, std::span<const at::Tensor> outputs, std::int64_t samples,
                                                       const tensor::Tensor& labels, const std::string& dataName,
                                                       const recipe::Evaluation& evaluation, const steps::TrainingSettings& settings);

    [[nodiscard]] recipe::Task task() const { return m_choice.task; }
    /// Is there nothing to learn from labels: neither of outputs nor of pairs of embeddings?
    [[nodiscard]] bool hasLoss() const { return task() != recipe::Task::Outputs && task() != recipe::Task::Similarity; }
    [[nodiscard]] std::int64_t classAxis() const { return m_choice.classAxis; }
    /// The output that the labels are for; of models that end in probabilities (softmax, sigmoid) their logarithms and log odds.
    [[nodiscard]] at::Tensor scores(std::span<const at::Tensor> outputs) const;
    /// Of `scores(outputs)` and the labels of the same samples, on the same device.
    [[nodiscard]] at::Tensor of(const at::Tensor& scores, const at::Tensor& labels) const;
    /// How many of these labels the scores have right, of how many that count: classes by the largest score, yes and no by its sign.
    /// 0 of 0 where labels are numbers or not learned.
    struct Right {
        std::int64_t right = 0, all = 0;
    };
    [[nodiscard]] Right rightOf(const at::Tensor& scores, const at::Tensor& labels) const;

private:
    enum class Scores { AsTheyAre, Probabilities, Odds };
    measure::TaskChoice m_choice;
    steps::Loss m_loss = steps::Loss::Auto;
    Scores m_scores = Scores::AsTheyAre;
    double m_smoothing = 0;
    at::Tensor m_weights; ///< of classes or columns; undefined: all the same
};

} // namespace lathe::train

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <core/base/job.h>
#include <core/data/dataset.h>
#include <core/graph/graph.h>
#include <core/runtime/plan_torch.h>
#include <core/train/augment_torch.h>
#include <core/train/codebook_gradients_torch.h>
#include <core/train/finetune.h>
#include <core/train/moving_average_torch.h>
#include <core/train/optimizer_torch.h>
#include <core/train/task_loss_torch.h>
#include <core/train/teacher_torch.h>

namespace lathe::train {

[[nodiscard]] inline double secondsSince(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// One training between its epochs: the plan, its optimizer, its loss, and where it stands. The graph, data, options and job must outlive
/// it.
class Training {
public:
    /// `start`: the weights to begin with, which are those of `original` or of a checkpoint; zeros are those of `original`. Runs a batch to
    /// see what the model gives. Errors: those of finetune().
    [[nodiscard]] static base::Result<std::unique_ptr<Training>> create(const graph::Graph& start, const graph::Graph& original,
                                                                        const data::Dataset& dataset, const FinetuneOptions& options,
                                                                        const base::Job& job);

    /// Trains one epoch (0-based) and returns its mean loss; nothing when it was asked to finish before the first batch.
    [[nodiscard]] base::Result<std::optional<double>> runEpoch(int epoch);
    /// What the samples that were set aside say of the weights of trained().
    struct Validation {
        double loss = 0;                  ///< mean
        std::optional<double> accuracy{}; ///< share of right answers; nothing where labels are numbers or there are none
    };
    [[nodiscard]] base::Result<Validation> validate();
    /// Of the last optimizer step; 0 before the first.
    [[nodiscard]] double learningRate() const { return m_learningRate; }

    /// The graph with what was learned so far: the moving average where there is one.
    [[nodiscard]] graph::Graph trained() const;

    /// What the next epoch depends on, beside the epoch: the weights as they are, and the optimizer's numbers, averages and maps.
    struct State {
        std::map<std::string, tensor::Tensor> weights, others;
    };
    [[nodiscard]] State state() const;
    /// Of a training that was created with the weights of this state.
    void restore(const std::map<std::string, tensor::Tensor>& others);

private:
    using Clock = std::chrono::steady_clock;
    struct Mask {
        at::Tensor parameter, mask;
    };

    Training(runtime::Plan plan, const graph::Graph& original, const data::Dataset& dataset, const FinetuneOptions& options,
             const base::Job& job);
    [[nodiscard]] base::Result<> prepare(const graph::Graph& start);
    void splitSamples();
    /// Where samples are the same in each epoch, so is what the teacher says of them: all of it is asked for once, in an order that does
    /// not depend on the epoch. `first`: what it says of some of them.
    [[nodiscard]] base::Result<> askTeacher(const Answers& first);
    [[nodiscard]] base::Result<Answers> taught(const Batch& batch);
    void keepZeros();

    [[nodiscard]] Batch batchOf(std::span<const std::int64_t> positions) const;
    /// `plan` is the one that is trained or one with its weights.
    [[nodiscard]] base::Result<Answers> answersOf(runtime::Plan& plan, const Batch& batch) const;
    /// What the model gives as the loss of the batch.
    [[nodiscard]] base::Result<at::Tensor> lossOf(const Answers& answers, const Batch& batch);
    /// Adds the gradients of a batch that is `share` of the step, and returns its loss.
    [[nodiscard]] base::Result<double> accumulate(std::span<const std::int64_t> positions, double share, std::mt19937_64& random);
    void step(std::int64_t stepsDone);
    void report(int epoch, std::int64_t batchesDone, double loss);
    /// At most ten times a second, or `atOnce`.
    void tell(bool atOnce = false);

    runtime::Plan m_plan;
    const graph::Graph& m_graph;
    const data::Dataset& m_dataset;
    const FinetuneOptions& m_options;
    const base::Job& m_job;

    std::vector<std::int64_t> m_training, m_validation; ///< positions of samples; m_training is empty where it is the first m_samples
    std::int64_t m_samples = 0;                         ///< to train with
    std::int64_t m_batchSize = 1;                       ///< what was asked for, or what the model insists on
    std::int64_t m_batchesPerEpoch = 0, m_stepsPerEpoch = 0;
    std::int64_t m_batchesHere = 0; ///< since this process began, for the time left
    tensor::Tensor m_labels;        ///< of all samples of the training split that count; null: there are none
    at::Tensor m_labelTensor;

    std::optional<TaskLoss> m_task;
    std::optional<Teacher> m_teacher;
    std::vector<at::Tensor> m_taught; ///< its outputs for all samples; empty: it is asked for each batch
    NamedTensors m_learned;           ///< parameters of the model and of the teacher's maps, by name
    std::vector<at::Tensor> m_leaves; ///< the same, in the order of their names
    std::vector<at::Tensor> m_gradients;
    std::optional<CodebookGradients> m_codebooks;
    std::unique_ptr<Optimizer> m_optimizer;
    std::optional<MovingAverage> m_average;
    std::vector<Mask> m_masks;
    std::vector<at::Tensor> m_scales;      ///< of a quantized model's weights
    std::optional<Validation> m_validated; ///< of the last epoch
    double m_learningRate = 0;
    base::Progress m_progress;
    Clock::time_point m_started = Clock::now();
    Clock::time_point m_reported;
};

} // namespace lathe::train

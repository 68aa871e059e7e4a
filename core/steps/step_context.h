#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <core/base/job.h>
#include <core/base/result.h>
#include <core/graph/graph.h>
#include <core/steps/training_settings.h>

namespace lathe::steps {

/// What a step may ask of the world around the graph. The engine answers with the runtime, the data and the trainer, so that steps need
/// none of these folders and the data keeps its one direction. Used by one thread.
class StepContext {
public:
    /// What is there to look at.
    enum class Data {
        None,
        Random, ///< values without meaning: shapes and times are real, ranges are not
        Real
    };
    /// Gets each observed value of each batch: the values in row-major order, valid during the call only.
    using Observer = std::function<void(graph::ValueId, const tensor::Tensor& values)>;
    /// Gets the gradients of one batch, in the order of the weights that were asked for; valid during the call only.
    using GradientObserver = std::function<void(const std::vector<tensor::Tensor>& gradients)>;

    explicit StepContext(base::Job job) : m_job(std::move(job)) {}
    virtual ~StepContext() = default;
    StepContext(const StepContext&) = delete;
    StepContext& operator=(const StepContext&) = delete;

    /// Progress and cancel.
    [[nodiscard]] const base::Job& job() const { return m_job; }
    /// Is the recipe only being edited? Then there is no data, no training and nothing is computed; a step does to the graph what it can.
    [[nodiscard]] virtual bool isPreview() const = 0;
    [[nodiscard]] virtual Data data() const = 0;
    /// Has the CPU that the model will run on instructions that sum products of bytes in 32 bits?
    [[nodiscard]] virtual bool cpuHasVnni() const = 0;
    /// For all randomness.
    [[nodiscard]] virtual std::int64_t seed() const = 0;
    /// The model that the recipe is for, before its first step; nullptr in a preview. Lives as long as the context.
    [[nodiscard]] virtual const graph::Graph* original() const = 0;

    /// Computes one node whose operands are all weights or literals.
    [[nodiscard]] virtual base::Result<std::vector<tensor::Tensor>> evaluate(const graph::Graph& graph, const graph::Node& node) = 0;
    /// Runs that many samples of the training split (the test split when there is no other) through the float graph in batches and shows
    /// these of its values, the floating-point tensors among them, as float32, in execution order. Each batch is forgotten after the call.
    [[nodiscard]] virtual base::Result<> observe(const graph::Graph& graph, const std::vector<graph::ValueId>& values, std::int64_t samples,
                                                 const Observer& observer) = 0;
    /// The gradients of the mean loss (as quality is measured) of each batch of that many training samples by these weights, float32 and in
    /// their shapes. The graph stays as it is. Unlike observe() this needs labels.
    [[nodiscard]] virtual base::Result<> gradients(const graph::Graph& graph, const std::vector<graph::ValueId>& weights,
                                                   std::int64_t samples, std::int64_t batchSize, const GradientObserver& observer) = 0;
    /// What one call of each of these graphs takes on the device that the model will run on: medians in milliseconds, measured in turns, in
    /// float, on random input of the shapes that their inputs have (a free size is 1).
    [[nodiscard]] virtual base::Result<std::vector<double>> times(const std::vector<graph::Graph>& graphs) = 0;
    /// Trains the parameters of the graph on the training split; the teacher is the original model of the recipe. On an error the graph is
    /// as it was.
    [[nodiscard]] virtual base::Result<TrainingReport> train(graph::Graph& graph, const TrainingSettings& settings) = 0;

private:
    base::Job m_job;
};

/// What the window shows while a recipe is edited: no data, nothing computed.
class PreviewContext final : public StepContext {
public:
    /// `cpuHasVnni`: of the CPU that the recipe will run on.
    PreviewContext(base::Job job, bool cpuHasVnni) : StepContext(std::move(job)), m_cpuHasVnni(cpuHasVnni) {}
    [[nodiscard]] bool isPreview() const override { return true; }
    [[nodiscard]] Data data() const override { return Data::None; }
    [[nodiscard]] bool cpuHasVnni() const override { return m_cpuHasVnni; }
    [[nodiscard]] std::int64_t seed() const override { return 0; }
    [[nodiscard]] const graph::Graph* original() const override { return nullptr; }
    /// These five are Unsupported.
    [[nodiscard]] base::Result<std::vector<tensor::Tensor>> evaluate(const graph::Graph& graph, const graph::Node& node) override;
    [[nodiscard]] base::Result<> observe(const graph::Graph& graph, const std::vector<graph::ValueId>& values, std::int64_t samples,
                                         const Observer& observer) override;
    [[nodiscard]] base::Result<> gradients(const graph::Graph& graph, const std::vector<graph::ValueId>& weights, std::int64_t samples,
                                           std::int64_t batchSize, const GradientObserver& observer) override;
    [[nodiscard]] base::Result<std::vector<double>> times(const std::vector<graph::Graph>& graphs) override;
    [[nodiscard]] base::Result<TrainingReport> train(graph::Graph& graph, const TrainingSettings& settings) override;

private:
    bool m_cpuHasVnni;
};

} // namespace lathe::steps

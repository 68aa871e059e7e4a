#pragma once

#include <filesystem>
#include <optional>

#include <core/engine/run_settings.h>
#include <core/recipe/evaluation.h>
#include <core/steps/step_context.h>

namespace lathe::engine {

/// What steps get when a recipe really runs: constants computed by the runtime, values of the data's samples observed in the simulated
/// float graph, training with checkpoints. Interrupted training of the same graph and weights, data, seed and settings is continued; of two
/// such trainings at the same time the first keeps its state.
class RunContext final : public steps::StepContext {
public:
    /// `evaluation`: of the recipe; `original`: the model that it is for, from which steps may learn (nullptr: they may not), must outlive
    /// this.
    RunContext(const RunSettings& settings, base::Job job, recipe::Evaluation evaluation = {}, const graph::Graph* original = nullptr);

    [[nodiscard]] bool isPreview() const override { return false; }
    [[nodiscard]] Data data() const override;
    [[nodiscard]] bool cpuHasVnni() const override;
    [[nodiscard]] std::int64_t seed() const override { return m_settings.seed; }
    [[nodiscard]] const graph::Graph* original() const override { return m_original; }
    [[nodiscard]] base::Result<std::vector<tensor::Tensor>> evaluate(const graph::Graph& graph, const graph::Node& node) override;
    /// A model that keeps state (graph/state.h) sees the samples one after the other, as frames of one stream that begins with the state in
    /// the file.
    [[nodiscard]] base::Result<> observe(const graph::Graph& graph, const std::vector<graph::ValueId>& values, std::int64_t samples,
                                         const Observer& observer) override;
    [[nodiscard]] base::Result<> gradients(const graph::Graph& graph, const std::vector<graph::ValueId>& weights, std::int64_t samples,
                                           std::int64_t batchSize, const GradientObserver& observer) override;
    [[nodiscard]] base::Result<std::vector<double>> times(const std::vector<graph::Graph>& graphs) override;
    [[nodiscard]] base::Result<steps::TrainingReport> train(graph::Graph& graph, const steps::TrainingSettings& settings) override;

private:
    /// With how many threads the model is faster, as when it is measured later; found once, with the original where there is one.
    base::Result<int> threadsToTime(const graph::Graph& graph);

    RunSettings m_settings;
    recipe::Evaluation m_evaluation;
    const graph::Graph* m_original;
    std::optional<int> m_threads;
};

} // namespace lathe::engine

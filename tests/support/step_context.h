#pragma once

#include <functional>

#include <core/steps/step_context.h>
#include <core/steps/step_definition.h>
#include <core/steps/step_table.h>

namespace lathe::support {

/// A run without runtime, data and trainer: each test says what it wants to be asked and answers it itself; what it says nothing of is
/// Unsupported.
class TestContext final : public steps::StepContext {
public:
    explicit TestContext(base::Job job = {}) : StepContext(std::move(job)) {}

    bool hasVnni = true;
    Data kind = Data::Real;
    const graph::Graph* model = nullptr;
    std::function<base::Result<std::vector<tensor::Tensor>>(const graph::Graph&, const graph::Node&)> onEvaluate;
    std::function<base::Result<>(const graph::Graph&, const std::vector<graph::ValueId>&, std::int64_t, const Observer&)> onObserve;
    std::function<base::Result<>(const graph::Graph&, const std::vector<graph::ValueId>&, std::int64_t, std::int64_t,
                                 const GradientObserver&)>
        onGradients;
    std::function<base::Result<std::vector<double>>(const std::vector<graph::Graph>&)> onTimes;
    std::function<base::Result<steps::TrainingReport>(graph::Graph&, const steps::TrainingSettings&)> onTrain;

    [[nodiscard]] bool isPreview() const override { return false; }
    [[nodiscard]] Data data() const override { return kind; }
    [[nodiscard]] bool cpuHasVnni() const override { return hasVnni; }
    [[nodiscard]] std::int64_t seed() const override { return 0; }
    [[nodiscard]] const graph::Graph* original() const override { return model; }
    [[nodiscard]] base::Result<std::vector<tensor::Tensor>> evaluate(const graph::Graph& graph, const graph::Node& node) override {
        if (!onEvaluate) return unexpected();
        return onEvaluate(graph, node);
    }
    [[nodiscard]] base::Result<> observe(const graph::Graph& graph, const std::vector<graph::ValueId>& values, std::int64_t samples,
                                         const Observer& observer) override {
        if (!onObserve) return unexpected();
        return onObserve(graph, values, samples, observer);
    }
    [[nodiscard]] base::Result<> gradients(const graph::Graph& graph, const std::vector<graph::ValueId>& weights, std::int64_t samples,
                                           std::int64_t batchSize, const GradientObserver& observer) override {
        if (!onGradients) return unexpected();
        return onGradients(graph, weights, samples, batchSize, observer);
    }
    [[nodiscard]] base::Result<std::vector<double>> times(const std::vector<graph::Graph>& graphs) override {
        if (!onTimes) return unexpected();
        return onTimes(graphs);
    }
    [[nodiscard]] base::Result<steps::TrainingReport> train(graph::Graph& graph, const steps::TrainingSettings& settings) override {
        if (!onTrain) return unexpected();
        return onTrain(graph, settings);
    }

private:
    static tl::unexpected<base::Error> unexpected() {
        return base::failure(base::ErrorCode::Unsupported, "The test did not expect to be asked for this.");
    }
};

/// The step's own work, without what applyStep() adds.
inline base::Result<> work(steps::StepOutcome& outcome, const steps::Step& step, steps::StepContext& context) {
    return steps::findStepDefinition(step.op)->apply(outcome, step, context);
}
inline base::Result<> work(steps::StepOutcome& outcome, const steps::Step& step) {
    TestContext context;
    return work(outcome, step, context);
}

} // namespace lathe::support

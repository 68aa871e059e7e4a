#include <core/steps/step_context.h>

namespace lathe::steps {

namespace {

auto onlyInARun() { return base::failure(base::ErrorCode::Unsupported, {"step.previewComputesNothing", {}}); }

} // namespace

base::Result<std::vector<tensor::Tensor>> PreviewContext::evaluate(const graph::Graph& /*graph*/, const graph::Node& /*node*/) {
    return onlyInARun();
}

base::Result<> PreviewContext::observe(const graph::Graph& /*graph*/, const std::vector<graph::ValueId>& /*values*/,
                                       std::int64_t /*samples*/, const Observer& /*observer*/) {
    return onlyInARun();
}

base::Result<> PreviewContext::gradients(const graph::Graph& /*graph*/, const std::vector<graph::ValueId>& /*weights*/,
                                         std::int64_t /*samples*/, std::int64_t /*batchSize*/, const GradientObserver& /*observer*/) {
    return onlyInARun();
}

base::Result<std::vector<double>> PreviewContext::times(const std::vector<graph::Graph>& /*graphs*/) { return onlyInARun(); }

base::Result<TrainingReport> PreviewContext::train(graph::Graph& /*graph*/, const TrainingSettings& /*settings*/) { return onlyInARun(); }

} // namespace lathe::steps

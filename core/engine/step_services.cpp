#include <core/engine/step_services.h>

#include <algorithm>

#include <core/runtime/plan_torch.h>
#include <core/transform/quantize/activation_statistics.h>

namespace lathe::engine {

namespace {

using ActivationMap = std::map<graph::ValueId, transform::ActivationStatistics>;

base::Result<> collect(const data::Dataset& dataset, runtime::Device device, const graph::Graph& graph, ActivationMap& statistics,
                       std::int64_t samples, const base::Job& job) {
    constexpr std::int64_t batchSize = 64;
    const data::Split split = dataset.size(data::Split::Train) > 0 ? data::Split::Train : data::Split::Test;
    const std::int64_t count = std::min(samples, dataset.size(split));

    auto plan = runtime::Plan::compile(graph, {.device = device, .quantization = runtime::QuantizationMode::Simulated});
    if (!plan) return forward(plan, "while preparing calibration");
    for (std::int64_t begin = 0; begin < count; begin += batchSize) {
        if (job.isCancelled()) return base::Job::cancelled();
        const auto inputs = runtime::toInputs(dataset.batch(split, begin, std::min(batchSize, count - begin)), device);
        const auto outputs = plan->runObserved(inputs, [&](graph::ValueId id, const at::Tensor& value) {
            const auto wanted = statistics.find(id);
            if (wanted == statistics.end() || !value.is_floating_point()) return;
            const at::Tensor floats = value.detach().to(at::kCPU, at::kFloat).contiguous();
            wanted->second.add(std::span(floats.const_data_ptr<float>(), static_cast<std::size_t>(floats.numel())));
        });
        if (!outputs) return forward(outputs, "while collecting activation ranges");
        job.report({.phase = "calibrate", .fraction = static_cast<double>(begin + batchSize) / static_cast<double>(count)});
    }
    return {};
}

} // namespace

transform::StepServices stepServices(std::shared_ptr<const data::Dataset> dataset, runtime::Device device) {
    transform::StepServices services;
    services.cpuHasVnni = runtime::cpuHasVnni();
    services.evaluate = [](const graph::Graph& graph, const graph::Node& node) { return runtime::evaluate(graph, node); };
    services.collectActivations = [dataset = std::move(dataset), device](const graph::Graph& graph, ActivationMap& statistics,
                                                                         std::int64_t samples, const base::Job& job) -> base::Result<> {
        if (!dataset)
            return base::failure(base::ErrorCode::InvalidArgument, "Static quantization needs data to find the activation ranges.");
        return collect(*dataset, device, graph, statistics, samples, job);
    };
    return services;
}

} // namespace lathe::engine

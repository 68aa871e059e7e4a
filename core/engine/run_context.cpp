#include <core/engine/run_context.h>

#include <algorithm>
#include <set>
#include <string>
#include <system_error>

#include <core/base/files.h>
#include <core/runtime/plan_torch.h>
#include <core/train/finetune.h>

namespace lathe::engine {

namespace {

/// A name for the state of this very training: same structure of the model so far (the checkpoint itself holds the hash of the weights),
/// same data, seed and settings.
std::filesystem::path checkpointFile(const graph::Graph& graph, const steps::TrainingSettings& training, const RunSettings& settings) {
    if (settings.checkpointFolder.empty()) return {};
    const std::string key = graph::text(graph) + std::to_string(training.epochs) + " " + std::to_string(training.learningRate) + " " +
                            std::to_string(training.momentum) + " " + std::to_string(training.weightDecay) + " " +
                            std::to_string(training.batchSize) + " " + std::to_string(training.maxSamples) + " " +
                            settings.dataset->sha256() + std::to_string(settings.seed);
    return settings.checkpointFolder / (base::sha256(key).substr(0, 32) + ".checkpoint");
}

} // namespace

RunContext::RunContext(const RunSettings& settings, base::Job job) : StepContext(std::move(job)), m_settings(settings) {}

steps::StepContext::Data RunContext::data() const {
    if (!m_settings.dataset) return Data::None;
    return m_settings.dataset->isRandom() ? Data::Random : Data::Real;
}

bool RunContext::cpuHasVnni() const { return runtime::cpuHasVnni(); }

base::Result<std::vector<tensor::Tensor>> RunContext::evaluate(const graph::Graph& graph, const graph::Node& node) {
    return runtime::evaluate(graph, node);
}

base::Result<> RunContext::observe(const graph::Graph& graph, const std::vector<graph::ValueId>& values, std::int64_t samples,
                                   const Observer& observer) {
    if (!m_settings.dataset) return base::failure(base::ErrorCode::InvalidArgument, "There is no data to look at.");
    const data::Dataset& dataset = *m_settings.dataset;
    constexpr std::int64_t batchSize = 64;
    const data::Split split = dataset.size(data::Split::Train) > 0 ? data::Split::Train : data::Split::Test;
    const std::int64_t count = std::min(samples, dataset.size(split));
    const std::set<graph::ValueId> wanted(values.begin(), values.end());

    auto plan = runtime::Plan::compile(graph, {.device = m_settings.device, .quantization = runtime::QuantizationMode::Simulated});
    if (!plan) return forward(plan, "while preparing calibration");
    for (std::int64_t begin = 0; begin < count; begin += batchSize) {
        if (job().isCancelled()) return base::Job::cancelled();
        const auto inputs = runtime::toInputs(dataset.batch(split, begin, std::min(batchSize, count - begin)), m_settings.device);
        const auto outputs = plan->runObserved(inputs, [&](graph::ValueId id, const at::Tensor& value) {
            if (wanted.contains(id) && value.is_floating_point()) observer(id, runtime::fromAten(value.to(at::kFloat)));
        });
        if (!outputs) return forward(outputs, "while collecting activation ranges");
        job().report({.phase = "calibrate", .fraction = static_cast<double>(begin + batchSize) / static_cast<double>(count)});
    }
    return {};
}

base::Result<steps::TrainingReport> RunContext::train(graph::Graph& graph, const steps::TrainingSettings& settings) {
    if (!m_settings.dataset) return base::failure(base::ErrorCode::InvalidArgument, "There is no data to train with.");
    train::FinetuneOptions options;
    options.epochs = settings.epochs;
    options.learningRate = settings.learningRate;
    options.momentum = settings.momentum;
    options.weightDecay = settings.weightDecay;
    options.batchSize = settings.batchSize;
    options.maxSamples = settings.maxSamples;
    options.seed = m_settings.seed;
    options.device = m_settings.device;
    options.checkpoint = checkpointFile(graph, settings, m_settings);
    if (!options.checkpoint.empty()) {
        std::error_code error; // without the folder training only cannot be resumed; the trainer says so
        std::filesystem::create_directories(m_settings.checkpointFolder, error);
        if (error) options.checkpoint.clear();
    }
    auto report = train::finetune(graph, *m_settings.dataset, options, job());
    if (!report) return forward(report);
    return steps::TrainingReport{std::move(report->epochLosses), report->firstEpoch};
}

} // namespace lathe::engine

#include <core/engine/run_context.h>

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <system_error>

#include <core/base/file_lock.h>
#include <core/base/log.h>
#include <core/engine/open_model.h>
#include <core/engine/plan_latency_torch.h>
#include <core/graph/state.h>
#include <core/runtime/call_torch.h>
#include <core/runtime/plan_torch.h>
#include <core/train/checkpoint.h>
#include <core/train/finetune.h>
#include <core/train/loss_gradients.h>

namespace lathe::engine {

namespace {

/// The file for the state of one training, held against other runs of the same: two that wrote to it in turn would each find the other's
/// epochs. Without a file the training cannot be resumed.
class CheckpointFile {
public:
    CheckpointFile(const std::filesystem::path& folder, const std::string& fingerprint) {
        std::error_code error;
        std::filesystem::create_directories(folder, error);
        if (error) {
            base::log(base::LogLevel::Warning, folder.string() + " cannot be made: training that is interrupted starts anew.");
            return;
        }
        const std::filesystem::path file = folder / (fingerprint.substr(0, 32) + ".checkpoint");
        m_lockFile = file.string() + ".lock";
        m_lock = base::FileLock::tryTake(m_lockFile);
        if (m_lock) m_file = file;
    }
    ~CheckpointFile() {
        std::error_code error;
        if (m_lock) std::filesystem::remove(m_lockFile, error);
    }
    CheckpointFile(const CheckpointFile&) = delete;
    CheckpointFile& operator=(const CheckpointFile&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return m_file; }

private:
    std::filesystem::path m_file, m_lockFile;
    std::unique_ptr<base::FileLock> m_lock;
};

/// A model in a sequence of calls, each of which begins with the state that the one before has left: what streams is quantized for what it
/// meets. Models without state are called as they are.
class CallSequence {
public:
    static base::Result<CallSequence> of(const graph::Graph& graph, const runtime::Device& device) {
        std::vector<at::Tensor> first;
        for (const graph::State& state : graph::statesOf(graph))
            first.push_back(runtime::toInputs(std::array{state.data}, device).front().toTensor());
        auto plan = runtime::Plan::compile(first.empty() ? graph : graph::withStateOutside(graph),
                                           {.device = device, .quantization = runtime::QuantizationMode::Simulated});
        if (!plan) return forward(plan);
        return CallSequence(std::move(*plan), std::move(first));
    }

    base::Result<> call(const std::vector<c10::IValue>& inputs, const runtime::Plan::Observer& observer) {
        std::vector<c10::IValue> all = inputs;
        all.insert(all.end(), m_state.begin(), m_state.end());
        auto outputs = m_plan.runObserved(all, observer);
        if (!outputs) return forward(outputs);
        for (std::size_t index = 0; index < m_state.size(); ++index)
            m_state[index] = (*outputs)[outputs->size() - m_state.size() + index].toTensor().clone();
        return {};
    }

private:
    CallSequence(runtime::Plan plan, std::vector<at::Tensor> state) : m_plan(std::move(plan)), m_state(std::move(state)) {}

    runtime::Plan m_plan;
    std::vector<at::Tensor> m_state;
};

/// As what is measured later.
base::Result<runtime::Plan> planToTime(const graph::Graph& graph, const RunSettings& settings) {
    auto plan = runtime::Plan::compile(graph, {.device = settings.device, .choosesByTime = true});
    if (!plan) return forward(plan, {"while.preparingToTime", {{"model", graph.name}}});
    return plan;
}

/// Of the shapes that the inputs have.
std::vector<c10::IValue> randomInputs(const graph::Graph& graph, const RunSettings& settings) {
    std::vector<tensor::Tensor> inputs;
    for (const graph::ValueId id : graph.main.inputs) {
        tensor::Shape shape;
        for (const graph::Dim& dim : graph.value(id).shape.value_or(std::vector<graph::Dim>()))
            shape.push_back(dim.size < 0 ? 1 : dim.size);
        std::mt19937_64 generator(static_cast<std::uint64_t>(settings.seed));
        std::vector<float> values(static_cast<std::size_t>(tensor::elementCount(shape)));
        for (float& value : values)
            value = static_cast<float>(generator() >> 40U) * 0x1p-24F;
        inputs.push_back(tensor::Tensor::of<float>(shape, values).to(graph.value(id).dtype.value_or(tensor::DType::Float32)));
    }
    return runtime::toInputs(inputs, settings.device);
}

} // namespace

RunContext::RunContext(const RunSettings& settings, base::Job job, recipe::Evaluation evaluation, const graph::Graph* original)
    : StepContext(std::move(job)), m_settings(settings), m_evaluation(std::move(evaluation)), m_original(original) {}

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
    if (!m_settings.dataset) return base::failure(base::ErrorCode::InvalidArgument, {"data.noneToLookAt", {}});
    const data::Dataset& dataset = *m_settings.dataset;
    // One after the other where the next call goes on from this one.
    const std::int64_t batchSize = dataset.callSize(graph::statesOf(graph).empty() ? 64 : 1);
    const data::Split split = dataset.size(data::Split::Train) > 0 ? data::Split::Train : data::Split::Test;
    const std::int64_t count = std::min(samples, dataset.size(split));
    const std::set<graph::ValueId> wanted(values.begin(), values.end());

    auto sequence = CallSequence::of(graph, m_settings.device);
    if (!sequence) return forward(sequence, {"while.preparingCalibration", {}});
    for (std::int64_t begin = 0; begin < count; begin += batchSize) {
        if (job().isCancelled()) return base::Job::cancelled();
        const runtime::CalledSamples called{std::min(batchSize, count - begin), batchSize, dataset.callShape()};
        const auto inputs = runtime::toInputs(dataset.call(split, begin, called.count), m_settings.device);
        const auto done = sequence->call(inputs, [&](graph::ValueId id, const at::Tensor& value) {
            if (wanted.contains(id) && value.is_floating_point())
                observer(id, runtime::fromAten(runtime::valueOfSamples(value, called).to(at::kFloat)));
        });
        if (!done) return forward(done, {"while.collectingRanges", {}});
        job().report({.phase = "calibrate", .fraction = static_cast<double>(begin + batchSize) / static_cast<double>(count)});
    }
    return {};
}

base::Result<> RunContext::gradients(const graph::Graph& graph, const std::vector<graph::ValueId>& weights, std::int64_t samples,
                                     std::int64_t batchSize, const GradientObserver& observer) {
    if (!m_settings.dataset) return base::failure(base::ErrorCode::InvalidArgument, {"data.noneForGradients", {}});
    std::vector<std::string> names;
    for (const graph::ValueId weight : weights)
        names.push_back(graph.value(weight).name);
    return train::lossGradients(graph, names, *m_settings.dataset, {samples, batchSize, m_settings.device, m_evaluation}, observer, job());
}

base::Result<int> RunContext::threadsToTime(const graph::Graph& graph) {
    if (m_threads) return *m_threads;
    const graph::Graph& model = m_original != nullptr ? *m_original : graph;
    auto plan = planToTime(model, m_settings);
    if (!plan) return forward(plan);
    std::vector<TimedPlan> one{{model.name, &*plan, randomInputs(model, m_settings), runtime::threads()}};
    const auto seed = static_cast<std::uint64_t>(m_settings.seed);
    const auto chosen = chooseThreads(one, m_settings.device, runtime::threads(), seed, job());
    if (!chosen && chosen.error().code == base::ErrorCode::Cancelled) return forward(chosen);
    m_threads = one.front().threads; // all, where the model does not take what it gets
    return *m_threads;
}

base::Result<std::vector<double>> RunContext::times(const std::vector<graph::Graph>& graphs) {
    if (graphs.empty()) return std::vector<double>();
    const auto threads = threadsToTime(graphs.front());
    if (!threads) return forward(threads);
    std::deque<runtime::Plan> plans;
    std::vector<TimedPlan> timed;
    for (const graph::Graph& graph : graphs) {
        auto plan = planToTime(graph, m_settings);
        if (!plan) return forward(plan);
        plans.push_back(std::move(*plan));
        timed.push_back({graph.name, &plans.back(), randomInputs(graph, m_settings), *threads});
    }
    measure::LatencyOptions options; // many layers: a third of a second for each graph
    options.minCalls = 15;
    options.minSeconds = 0.05;
    options.maxSeconds = 0.3 * static_cast<double>(graphs.size());
    options.maxWarmupSeconds = 0.1;
    options.seed = static_cast<std::uint64_t>(m_settings.seed);
    const auto latencies = measurePlans(timed, m_settings.device, options, job());
    if (!latencies) return forward(latencies);
    std::vector<double> medians;
    for (const measure::Latency& latency : *latencies)
        medians.push_back(latency.p50);
    return medians;
}

base::Result<steps::TrainingReport> RunContext::train(graph::Graph& graph, const steps::TrainingSettings& settings) {
    if (!m_settings.dataset) return base::failure(base::ErrorCode::InvalidArgument, {"data.noneToTrainWith", {}});
    train::FinetuneOptions options;
    static_cast<steps::TrainingSettings&>(options) = settings;
    options.evaluation = m_evaluation;
    options.teacher = m_original;
    std::optional<graph::Graph> other;
    if (const std::string& file = settings.distillation.teacherFile; settings.distillation.isOn() && !file.empty()) {
        auto opened = openModel({.file = file}, job());
        if (!opened) return forward(opened, {"while.openingTeacher", {}});
        options.teacher = &other.emplace(std::move(opened->model.graph));
    }
    options.seed = m_settings.seed;
    options.device = m_settings.device;
    std::optional<CheckpointFile> checkpoint;
    if (!m_settings.checkpointFolder.empty()) {
        checkpoint.emplace(m_settings.checkpointFolder, train::trainingFingerprint(graph, *m_settings.dataset, options));
        options.checkpoint = checkpoint->path();
    }
    return train::finetune(graph, *m_settings.dataset, options, job());
}

} // namespace lathe::engine

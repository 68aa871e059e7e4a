#include <core/engine/model_measurement_torch.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <system_error>
#include <thread>

#include <torch/version.h>

#include <core/engine/activation_error_torch.h>
#include <core/engine/layer_error.h>
#include <core/engine/plan_latency_torch.h>
#include <core/engine/roofline.h>
#include <core/formats/model_file.h>
#include <core/graph/layer_weight.h>
#include <core/graph/layers.h>
#include <core/graph/node_index.h>
#include <core/graph/operators/operator.h>
#include <core/graph/recurrent_weights.h>
#include <core/measure/evaluate_torch.h>
#include <core/measure/latency.h>
#include <core/measure/machine.h>
#include <core/measure/statistics.h>
#include <core/quantization/shared_weight.h>
#include <core/runtime/bounded_spinning.h>
#include <core/runtime/compile_for_call_torch.h>

namespace lathe::engine {

namespace {

using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

std::vector<TimedPlan> timedPlans(Subject& baseline, Subject& optimized, const std::vector<c10::IValue>& inputs) {
    const int threads = runtime::threads();
    return {{"baseline", &baseline.plan, inputs, threads}, {"optimized", &optimized.plan, inputs, threads}};
}

runtime::PlanOptions usualOptions(runtime::Device device) { return {.device = device, .choosesByTime = true}; }

void setThroughput(measure::ModelResult& result, const measure::Latency& latency) {
    result.throughputBatch = latency.batch;
    result.throughputPerS = latency.p50 > 0 ? static_cast<double>(latency.batch) * 1000.0 / latency.p50 : 0;
    result.whyThroughputNotReliable = latency.whyNotReliable;
}

/// What a ratio against this model is a ratio to.
std::string planName(const graph::Graph& graph) {
    bool isFloat32 = true;
    for (const graph::Value& value : graph.values) {
        const bool isOther = value.data.dtype() == tensor::DType::Float16 || value.data.dtype() == tensor::DType::BFloat16;
        if (value.isParameter && isOther) isFloat32 = false;
    }
    graph::forEachNode(graph,
                       [&](const graph::Node& node) { isFloat32 = isFloat32 && !graph::isOfFamily(node.op, graph::Family::Quantization); });
    return isFloat32 ? "Lathe's FP32 plan" : "Lathe's plan of the original";
}

double sparsity(const tensor::Tensor& weight) {
    const std::vector<float> values = weight.toFloats();
    if (values.empty()) return 0;
    return static_cast<double>(std::ranges::count(values, 0.0F)) / static_cast<double>(values.size());
}

} // namespace

void useThreads(int threads) {
    runtime::setThreads(threads > 0 ? threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
}

measure::Environment environment(const runtime::Device& device, const std::string& data) {
    measure::Environment result = measure::machineEnvironment();
    result["torch"] = TORCH_VERSION;
    result["threads"] = std::to_string(runtime::threads());
    result["spin_bound"] = runtime::spinBound();
    result["device"] = runtime::text(device);
    std::error_code error;
    const bool isFile = std::filesystem::exists(data, error);
    result["data_source"] = isFile ? std::filesystem::absolute(data, error).string() : data;
    for (const runtime::DeviceInfo& info : runtime::availableDevices()) {
        if (info.device == device) {
            result["device_name"] = info.name;
            result["device_detail"] = info.detail;
        }
    }
    return result;
}

std::vector<c10::IValue> testCall(const data::Dataset& dataset, runtime::Device device, std::int64_t wanted) {
    const data::Split split = dataset.size(data::Split::Test) > 0 ? data::Split::Test : data::Split::Train;
    const std::int64_t size = dataset.size(split), count = dataset.callSize(wanted);
    if (count <= size) return runtime::toInputs(dataset.call(split, 0, count), device);
    std::vector<std::int64_t> positions(static_cast<std::size_t>(count));
    for (std::size_t at = 0; at < positions.size(); ++at)
        positions[at] = static_cast<std::int64_t>(at) % size;
    return runtime::toInputs(dataset.gatherCall(split, positions), device);
}

base::Result<Subject> prepare(const graph::Graph& graph, runtime::Device device, const std::filesystem::path& folder) {
    const std::filesystem::path file = folder / "model.pt";
    const auto bytes = formats::writeTorchScript(graph, file);
    if (!bytes) return forward(bytes, {"while.exportingForSize", {}});

    const runtime::PlanOptions options = usualOptions(device);
    // What kernels take is found out once and remembered: that is no part of loading.
    if (const auto timed = runtime::Plan::compile(graph, options); !timed) return forward(timed);
    const auto start = Clock::now();
    const auto reopened = formats::openModel(file);
    if (!reopened) return forward(reopened, {"while.reopening", {}});
    auto plan = runtime::Plan::compile(graph, options);
    if (!plan) return forward(plan);
    const double loadMs = millisecondsSince(start);

    Subject subject{graph, std::move(*plan), {}};
    subject.result.loadMs = loadMs;
    subject.result.fileBytes = *bytes;
    subject.result.parameters = graph::parameterCount(graph);
    const graph::MacCount macs = graph::macsPerSample(graph);
    subject.result.macs = macs.known;
    subject.result.macsUnknownLayers = macs.unknownLayers;
    const auto& instructions = subject.plan.instructions();
    const bool isReal = std::ranges::all_of(instructions, [](const runtime::InstructionInfo& info) { return info.isReal; });
    subject.result.kind = isReal ? measure::Truth::Real : measure::Truth::Simulated;
    return subject;
}

base::Result<std::optional<base::Message>> measureQuality(Subject& original, Subject& optimized, runtime::Device device,
                                                          const data::Dataset& dataset, const measure::TaskChoice& task,
                                                          const base::Job& job) {
    auto pair = measure::evaluatePair(original.plan, optimized.plan, device, dataset, qualityBatchSize, job, task);
    if (!pair) return forward(pair);
    original.result.quality = std::move(pair->original);
    original.result.peakMemoryBytes = pair->originalPeakMemory;
    optimized.result.quality = std::move(pair->changed);
    optimized.result.peakMemoryBytes = pair->changedPeakMemory;
    return std::move(pair->whyNotCompared);
}

base::Result<measure::Speedup> measureSpeed(Subject& baseline, Subject& optimized, runtime::Device device, const data::Dataset& dataset,
                                            const SpeedOptions& options, const base::Job& job) {
    measure::LatencyOptions latencyOptions;
    latencyOptions.batch = dataset.callSize(options.latencyBatch);
    latencyOptions.seed = options.seed;
    std::vector<TimedPlan> plans = timedPlans(baseline, optimized, testCall(dataset, device, options.latencyBatch));
    if (const auto chosen = chooseThreads(plans, device, runtime::threads(), options.seed, job); !chosen)
        return forward(chosen, {"while.choosingThreads", {}});
    const auto latency = measurePlans(plans, device, latencyOptions, job);
    if (!latency) return forward(latency, {"while.measuringLatency", {}});

    measure::LatencyOptions throughputOptions = latencyOptions;
    throughputOptions.batch = dataset.callSize(options.throughputBatch);
    throughputOptions.maxSeconds = 4;
    std::vector<TimedPlan> ofMany = timedPlans(baseline, optimized, testCall(dataset, device, options.throughputBatch));
    std::array<std::optional<runtime::Plan>, 2> faster; // lives while it is measured
    for (std::size_t at = 0; at < faster.size(); ++at) {
        const graph::Graph& graph = at == 0 ? baseline.graph : optimized.graph;
        faster[at] = runtime::fasterForCall(*ofMany[at].plan, graph, usualOptions(device), ofMany[at].inputs);
        if (faster[at]) ofMany[at].plan = &*faster[at];
    }
    const auto throughput = measurePlans(ofMany, device, throughputOptions, job);
    if (!throughput) return forward(throughput, {"while.measuringThroughput", {}});

    baseline.result.latency = (*latency)[0];
    optimized.result.latency = (*latency)[1];
    setThroughput(baseline.result, (*throughput)[0]);
    setThroughput(optimized.result, (*throughput)[1]);
    measure::Speedup speedup = measure::compare((*latency)[0], (*latency)[1], options.seed);
    speedup.baseline = planName(baseline.graph);
    return speedup;
}

namespace {

/// What was measured is less than the machine can do when other programs ran meanwhile: a layer that is faster shows that the limit is at
/// least as high as what it reaches.
std::optional<double> limitShare(const runtime::MachineLimits& limits, const std::optional<InstructionWork>& work, double microseconds) {
    if (!work || microseconds <= 0 || work->macs + work->bytes == 0) return std::nullopt;
    return std::min(1.0, limits.leastUs(work->macs, work->bytes, work->products) / microseconds);
}

/// What the graph and the recipe tell of the node behind an instruction.
void describeNode(measure::LayerResult& row, const Subject& subject, const graph::UseIndex& uses, const graph::NodeIndex& nodes,
                  const LayerErrors& errors) {
    const graph::Node* node = nodes.find(row.name);
    row.macs = 0;
    if (node == nullptr) return;
    row.macs = graph::macsPerSample(subject.graph, *node);
    const auto weight = graph::layerWeightOf(subject.graph, uses, *node);
    if (weight) row.bits = quantization::storedBits(subject.graph, *weight);
    errors.writeTo(row, row.name);
    for (const graph::ValueId id : graph::recurrentWeightsOf(subject.graph, uses, *node))
        row.parameters += subject.graph.value(id).data.elementCount();
    if (!weight) return;
    row.parameters = tensor::elementCount(weight->shape) + (weight->bias ? subject.graph.value(*weight->bias).data.elementCount() : 0);
    row.sparsity = sparsity(quantization::storedElements(subject.graph, *weight));
}

} // namespace

base::Result<> measureLayers(Subject& subject, runtime::Device device, const data::Dataset& dataset, const graph::Graph& original,
                             const std::vector<Stage>& stages) {
    constexpr int repetitions = 50;
    const ThreadsScope threads(subject.result.latency.threads);
    const std::vector<c10::IValue> inputs = testCall(dataset, device, subject.result.latency.batch);
    const auto& instructions = subject.plan.instructions();
    std::vector<std::vector<double>> times(instructions.size());
    for (int i = 0; i < repetitions; ++i) {
        const auto run = subject.plan.runTimed(inputs);
        if (!run) return forward(run, {"while.timingLayers", {}});
        for (std::size_t at = 0; at < times.size(); ++at)
            times[at].push_back((*run)[at]);
    }

    const graph::UseIndex uses(subject.graph);
    const graph::NodeIndex nodes(subject.graph);
    const LayerErrors errors(original, stages);
    std::optional<runtime::MachineLimits> limits;
    if (device.kind == runtime::Device::Kind::Cpu) {
        auto measured = runtime::machineLimits(subject.result.latency.threads);
        if (!measured) return forward(measured, {"while.measuringLimits", {}});
        limits = *measured;
    }
    subject.result.layers.clear();
    for (std::size_t at = 0; at < instructions.size(); ++at) {
        const runtime::InstructionInfo& info = instructions[at];
        measure::LayerResult row;
        row.name = info.node;
        row.op = info.op;
        row.kernel = info.kernel;
        row.kind = info.isReal ? measure::Truth::Real : measure::Truth::Simulated;
        row.p50Us = measure::medianInPlace(times[at]);
        row.reason = info.reason;
        std::ranges::remove_copy(info.covers, std::back_inserter(row.covers), info.node);
        describeNode(row, subject, uses, nodes, errors);
        if (limits)
            row.limitShare = limitShare(*limits, workOf(subject.graph, uses, nodes, info.covers, subject.result.latency.batch), *row.p50Us);
        subject.result.layers.push_back(std::move(row));
    }
    return {};
}

base::Result<> measureActivations(Subject& subject, runtime::Plan& simulated, runtime::Device device, const data::Dataset& dataset) {
    constexpr std::int64_t samples = 64;
    const auto sqnr = activationSqnr(simulated, subject.graph, testCall(dataset, device, samples));
    if (!sqnr) return forward(sqnr, {"while.comparingActivations", {}});
    for (measure::LayerResult& row : subject.result.layers) {
        if (const auto found = sqnr->find(row.name); found != sqnr->end()) row.activationsSqnrDb = found->second;
    }
    return {};
}

} // namespace lathe::engine

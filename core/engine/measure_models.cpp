#include <core/engine/measure_models.h>

#include <random>

#include <core/engine/fitted_model.h>
#include <core/engine/model_measurement_torch.h>
#include <core/engine/open_model.h>
#include <core/engine/plan_latency_torch.h>
#include <core/report/run_json.h>
#include <core/runtime/compile_for_call_torch.h>

namespace lathe::engine {

namespace {

/// Standard normal values from a fixed seed, so that two calls measure the same.
at::Tensor randomInput(const tensor::Shape& sampleShape, std::int64_t batch, std::uint64_t seed, runtime::Device device) {
    tensor::Shape shape = sampleShape;
    shape.insert(shape.begin(), batch);
    std::mt19937_64 generator(seed);
    std::normal_distribution<float> normal;
    std::vector<float> values(static_cast<std::size_t>(tensor::elementCount(shape)));
    for (float& value : values)
        value = normal(generator);
    return runtime::toAten(tensor::Tensor::of<float>(shape, values)).to(runtime::torchDevice(device));
}

} // namespace

base::Result<Measurement> measureModels(const MeasureRequest& request, const base::Job& job) {
    if (const auto device = runtime::requireDevice(request.device); !device) return forward(device);
    if (request.data.empty() == request.inputShape.empty()) {
        return base::failure(base::ErrorCode::InvalidArgument, {"data.sayDataOrShape", {}});
    }
    useThreads(request.threads);
    // All files before the first is run: whoever mistyped a name is told at once.
    std::vector<graph::Graph> graphs;
    for (const std::filesystem::path& file : request.files) {
        auto read = openModel({.file = file, .weights = request.weights, .data = request.data}, job);
        if (!read) return forward(read);
        if (const auto fit = formats::requireFit(read->weightDifferences); !fit) return forward(fit);
        graphs.push_back(std::move(read->model.graph));
    }
    std::vector<std::shared_ptr<const data::Dataset>> arranged; // for each model, where there is data
    Measurement measurement;
    for (std::size_t i = 0; i < graphs.size(); ++i) {
        if (!request.data.empty()) {
            auto fitted = fitToData(graphs[i], request.data, {});
            if (!fitted) return forward(fitted);
            arranged.push_back(std::move(fitted->dataset));
            graphs[i] = std::move(fitted->graph);
        }
        measurement.models.push_back({request.files[i], {}});
    }
    for (const std::int64_t batch : request.batches) {
        std::vector<runtime::Plan> plans;
        plans.reserve(graphs.size()); // others point into it
        std::vector<TimedPlan> timed;
        for (std::size_t i = 0; i < graphs.size(); ++i) {
            const std::vector<c10::IValue> inputs =
                !arranged.empty() ? testCall(*arranged[i], request.device, batch)
                                  : std::vector<c10::IValue>{randomInput(request.inputShape, batch, request.seed, request.device)};
            auto plan = runtime::compileForCall(graphs[i], {.device = request.device, .choosesByTime = true}, inputs);
            if (!plan) return forward(plan, {"while.preparing", {{"model", request.files[i].string()}}});
            plans.push_back(std::move(*plan));
            timed.push_back({request.files[i].string(), &plans[i], inputs, 1});
        }
        if (const auto chosen = chooseThreads(timed, request.device, runtime::threads(), request.seed, job); !chosen)
            return forward(chosen);
        measure::LatencyOptions options;
        options.batch = batch;
        options.seed = request.seed;
        const auto latencies = measurePlans(timed, request.device, options, job);
        if (!latencies) return forward(latencies);
        for (std::size_t i = 0; i < latencies->size(); ++i) {
            const ThreadsScope asMeasured((*latencies)[i].threads);
            measurement.models[i].batches.push_back({(*latencies)[i], plans[i].samplesPerPass(timed[i].inputs).value_or(batch)});
            if (i > 0)
                measurement.comparisons.push_back({0, i, batch, measure::compare(latencies->front(), (*latencies)[i], request.seed)});
        }
    }
    return measurement;
}

base::Json toJson(const Measurement& measurement) {
    base::Json models = base::Json::array(), comparisons = base::Json::array();
    for (const MeasuredModel& model : measurement.models) {
        for (const auto& [latency, samplesPerPass] : model.batches) {
            const double perSecond = latency.p50 > 0 ? static_cast<double>(latency.batch) * 1000 / latency.p50 : 0;
            models.push_back({{"file", model.file.string()},
                              {"latency_ms", report::toJson(latency)},
                              {"throughput_per_s", perSecond},
                              {"samples_per_pass", samplesPerPass}});
        }
    }
    for (const MeasuredPair& pair : measurement.comparisons) {
        comparisons.push_back({{"a", measurement.models[pair.a].file.string()},
                               {"b", measurement.models[pair.b].file.string()},
                               {"batch", pair.batch},
                               {"ratio", pair.speedup.ratio},
                               {"low", pair.speedup.low},
                               {"high", pair.speedup.high},
                               {"verdict", report::name(pair.speedup.verdict)},
                               {"reason", pair.speedup.reason.empty() ? base::Json() : base::Json(pair.speedup.reason)}});
    }
    return {{"schema", "lathe.measure/1"}, {"models", models}, {"comparisons", comparisons}};
}

} // namespace lathe::engine

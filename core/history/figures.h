#pragma once

#include <core/measure/result.h>

namespace lathe::history {

/// The rows of table `metric` that tell of speed: visit(name, unit, member). What Measure Again replaces.
template<class Result, class Visit>
void visitSpeed(Result& result, Visit&& visit) {
    auto& latency = result.latency;
    visit("latency_p50", "ms", latency.p50);
    visit("latency_p90", "ms", latency.p90);
    visit("latency_p95", "ms", latency.p95);
    visit("latency_p99", "ms", latency.p99);
    visit("latency_p999", "ms", latency.p999);
    visit("latency_mean", "ms", latency.mean);
    visit("latency_stddev", "ms", latency.stddev);
    visit("latency_calls", "calls", latency.calls);
    visit("latency_batch", "samples", latency.batch);
    visit("latency_threads", "threads", latency.threads);
    visit("latency_warmup_calls", "calls", latency.warmupCalls);
    visit("latency_disturbed", "calls", latency.disturbed);

    visit("throughput", "samples/s", result.throughputPerS);
    visit("throughput_batch", "samples", result.throughputBatch);
}

/// The rows of table `metric`: visit(name, unit, member) for every single figure of a result. Result is ModelResult or const ModelResult; a
/// member is int, int64, double or optional<double>. Storing and reading both go through this list, so neither can forget one.
template<class Result, class Visit>
void visitFigures(Result& result, Visit&& visit) {
    auto& quality = result.quality;
    visit("samples", "samples", quality.samples);
    visit("loss", "nats", quality.loss);
    visit("accuracy", "fraction", quality.accuracy);
    visit("top5", "fraction", quality.top5);
    visit("precision", "fraction", quality.precision);
    visit("recall", "fraction", quality.recall);
    visit("f1", "fraction", quality.f1);
    visit("non_finite", "samples", quality.nonFinite);
    visit("sqnr_db", "dB", quality.sqnrDb);
    visit("cosine", "", quality.cosine);
    visit("max_abs_error", "", quality.maxAbsError);

    visitSpeed(result, visit);

    visit("load", "ms", result.loadMs);
    visit("file_size", "bytes", result.fileBytes);
    visit("parameters", "parameters", result.parameters);
    visit("macs", "MACs", result.macs);
    visit("macs_unknown_layers", "layers", result.macsUnknownLayers);
    visit("peak_memory", "bytes", result.peakMemoryBytes);
}

} // namespace lathe::history

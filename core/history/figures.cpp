#include <core/history/figures.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

#include <core/base/translatable.h>

namespace lathe::history {

namespace {

using base::translatable;
using measure::Comparison;
using measure::Latency;
using measure::ModelResult;
using measure::Quality;

/// `find` names the member: [](auto& owner) -> auto& { return owner.p50; }.
template<class Owner, class Find>
constexpr FigureMember<Owner> member(Find) {
    using Member = std::remove_reference_t<decltype(Find{}(std::declval<Owner&>()))>;
    FigureMember<Owner> figure;
    figure.read = [](const Owner& owner) -> std::optional<double> {
        const Member& value = Find{}(owner);
        if constexpr (std::is_same_v<Member, std::optional<double>>) {
            return value;
        } else {
            return static_cast<double>(value);
        }
    };
    figure.write = [](Owner& owner, double value) { Find{}(owner) = static_cast<Member>(value); };
    if constexpr (std::is_integral_v<Member>) figure.largestCount = static_cast<double>(std::numeric_limits<Member>::max());
    figure.isOptional = std::is_same_v<Member, std::optional<double>>;
    return figure;
}

template<class Find>
constexpr auto ofQuality(Find find) {
    return member<Quality>(find);
}
template<class Find>
constexpr auto ofLatency(Find find) {
    return member<Latency>(find);
}
template<class Find>
constexpr auto ofResult(Find find) {
    return member<ModelResult>(find);
}
template<class Find>
constexpr auto ofComparison(Find find) {
    return member<Comparison>(find);
}

constexpr FigureGroup quality = FigureGroup::Quality, speed = FigureGroup::Speed, size = FigureGroup::Size,
                      against = FigureGroup::Comparison;
constexpr Better higher = Better::Higher, lower = Better::Lower;
using Format = FigureFormat;
constexpr FigureDoubt latencyDoubt = FigureDoubt::Latency, throughputDoubt = FigureDoubt::Throughput, speedupDoubt = FigureDoubt::Speedup;
constexpr ChartUnit ratios{1, "×", ""}, percents{100, "%", "percent"}, microseconds{1000, "µs", "us"}, kilobytes{1e-3, "kB", "kb"},
    megabytes{1e-6, "MB", "mb"};

// One row each; the manual of the fields is in the header.
constexpr Figure all[] = {
    {.name = "accuracy",
     .json = "accuracy",
     .csv = "accuracy",
     .group = quality,
     .words = translatable("Figure", "Accuracy"),
     .unit = "fraction",
     .better = higher,
     .format = Format::Fraction,
     .in = ofQuality([](auto& owner) -> auto& { return owner.accuracy; }),
     .isMain = true,
     .isAlwaysInJson = true,
     .chart = percents},
    {.name = "top5",
     .json = "top5",
     .csv = "top5",
     .group = quality,
     .words = translatable("Figure", "Top-5"),
     .unit = "fraction",
     .better = higher,
     .format = Format::Fraction,
     .in = ofQuality([](auto& owner) -> auto& { return owner.top5; }),
     .isMain = true,
     .isAlwaysInJson = true,
     .chart = percents},
    {.name = "precision",
     .json = "precision",
     .csv = "precision",
     .group = quality,
     .words = translatable("Figure", "Precision (macro)"),
     .unit = "fraction",
     .better = higher,
     .format = Format::Fraction,
     .in = ofQuality([](auto& owner) -> auto& { return owner.precision; }),
     .isMain = true,
     .isAlwaysInJson = true,
     .chart = percents},
    {.name = "recall",
     .json = "recall",
     .csv = "recall",
     .group = quality,
     .words = translatable("Figure", "Recall (macro)"),
     .unit = "fraction",
     .better = higher,
     .format = Format::Fraction,
     .in = ofQuality([](auto& owner) -> auto& { return owner.recall; }),
     .isMain = true,
     .isAlwaysInJson = true,
     .chart = percents},
    {.name = "f1",
     .json = "f1",
     .csv = "f1",
     .group = quality,
     .words = translatable("Figure", "F1 (macro)"),
     .unit = "fraction",
     .better = higher,
     .format = Format::Fraction,
     .in = ofQuality([](auto& owner) -> auto& { return owner.f1; }),
     .isMain = true,
     .isAlwaysInJson = true,
     .chart = percents},
    {.name = "loss",
     .json = "loss",
     .csv = "loss",
     .group = quality,
     .words = translatable("Figure", "Loss"),
     .unit = "nats",
     .better = lower,
     .format = Format::Number,
     .in = ofQuality([](auto& owner) -> auto& { return owner.loss; }),
     .isMain = true,
     .isAlwaysInJson = true},
    {.name = "samples",
     .json = "samples",
     .csv = "samples",
     .group = quality,
     .words = translatable("Figure", "Test samples"),
     .unit = "samples",
     .format = Format::Count,
     .in = ofQuality([](auto& owner) -> auto& { return owner.samples; }),
     .isAlwaysInJson = true,
     .least = 0},
    {.name = "sqnr_db",
     .json = "sqnr_db",
     .csv = "sqnr_db",
     .group = quality,
     .words = translatable("Figure", "SQNR of the outputs"),
     .unit = "dB",
     .better = higher,
     .format = Format::Decibels,
     .in = ofQuality([](auto& owner) -> auto& { return owner.sqnrDb; }),
     .isMain = true,
     .isInfinite = [](const ModelResult& result) { return measure::isIdentical(result.quality); }},
    {.name = "cosine",
     .json = "cosine",
     .csv = "cosine",
     .group = quality,
     .words = translatable("Figure", "Cosine similarity to the original"),
     .better = higher,
     .format = Format::Similarity,
     .in = ofQuality([](auto& owner) -> auto& { return owner.cosine; }),
     .isMain = true,
     .least = -1,
     .most = 1},
    {.name = "max_abs_error",
     .json = "max_abs_error",
     .csv = "max_abs_error",
     .group = quality,
     .words = translatable("Figure", "Largest difference to the original"),
     .better = lower,
     .format = Format::Number,
     .in = ofQuality([](auto& owner) -> auto& { return owner.maxAbsError; }),
     .isMain = true,
     .least = 0},
    {.name = "latency_p50",
     .json = "p50",
     .csv = "p50_ms",
     .group = speed,
     .words = translatable("Figure", "Median latency"),
     .unit = "ms",
     .better = lower,
     .format = Format::Milliseconds,
     .in = ofLatency([](auto& owner) -> auto& { return owner.p50; }),
     .isMain = true,
     .isAlwaysInJson = true,
     .isZeroUnknown = true,
     .doubt = latencyDoubt,
     .least = 0,
     .chart = microseconds},
    {.name = "latency_p90",
     .json = "p90",
     .csv = "p90_ms",
     .group = speed,
     .words = translatable("Figure", "Latency p90"),
     .unit = "ms",
     .better = lower,
     .format = Format::Milliseconds,
     .in = ofLatency([](auto& owner) -> auto& { return owner.p90; }),
     .isAlwaysInJson = true,
     .isZeroUnknown = true,
     .doubt = latencyDoubt,
     .least = 0,
     .chart = microseconds},
    {.name = "latency_p95",
     .json = "p95",
     .csv = "p95_ms",
     .group = speed,
     .words = translatable("Figure", "Latency p95"),
     .unit = "ms",
     .better = lower,
     .format = Format::Milliseconds,
     .in = ofLatency([](auto& owner) -> auto& { return owner.p95; }),
     .isAlwaysInJson = true,
     .isZeroUnknown = true,
     .doubt = latencyDoubt,
     .least = 0,
     .chart = microseconds},
    {.name = "latency_p99",
     .json = "p99",
     .csv = "p99_ms",
     .group = speed,
     .words = translatable("Figure", "Latency p99"),
     .unit = "ms",
     .better = lower,
     .format = Format::Milliseconds,
     .in = ofLatency([](auto& owner) -> auto& { return owner.p99; }),
     .isMain = true,
     .isAlwaysInJson = true,
     .isZeroUnknown = true,
     .doubt = latencyDoubt,
     .least = 0,
     .chart = microseconds},
    {.name = "latency_p999",
     .json = "p999",
     .csv = "p999_ms",
     .group = speed,
     .words = translatable("Figure", "Latency p99.9"),
     .unit = "ms",
     .better = lower,
     .format = Format::Milliseconds,
     .in = ofLatency([](auto& owner) -> auto& { return owner.p999; }),
     .isAlwaysInJson = true,
     .isZeroUnknown = true,
     .doubt = latencyDoubt,
     .least = 0,
     .chart = microseconds},
    {.name = "latency_mean",
     .json = "mean",
     .csv = "mean_ms",
     .group = speed,
     .words = translatable("Figure", "Mean latency"),
     .unit = "ms",
     .better = lower,
     .format = Format::Milliseconds,
     .in = ofLatency([](auto& owner) -> auto& { return owner.mean; }),
     .isAlwaysInJson = true,
     .isZeroUnknown = true,
     .doubt = latencyDoubt,
     .least = 0,
     .chart = microseconds},
    {.name = "latency_stddev",
     .json = "stddev",
     .csv = "stddev_ms",
     .group = speed,
     .words = translatable("Figure", "Standard deviation of the latency"),
     .unit = "ms",
     .better = lower,
     .format = Format::Milliseconds,
     .in = ofLatency([](auto& owner) -> auto& { return owner.stddev; }),
     .isAlwaysInJson = true,
     .isZeroUnknown = false,
     .doubt = latencyDoubt,
     .least = 0,
     .chart = microseconds},
    {.name = "latency_calls",
     .json = "calls",
     .csv = "calls",
     .group = speed,
     .words = translatable("Figure", "Calls"),
     .unit = "calls",
     .format = Format::Count,
     .in = ofLatency([](auto& owner) -> auto& { return owner.calls; }),
     .isAlwaysInJson = true,
     .least = 0},
    {.name = "latency_batch",
     .json = "batch",
     .csv = "batch",
     .group = speed,
     .words = translatable("Figure", "Batch of latency calls"),
     .unit = "samples",
     .format = Format::Count,
     .in = ofLatency([](auto& owner) -> auto& { return owner.batch; }),
     .isAlwaysInJson = true,
     .least = 0},
    {.name = "latency_threads",
     .json = "threads",
     .csv = "threads",
     .group = speed,
     .words = translatable("Figure", "Threads"),
     .unit = "threads",
     .format = Format::Count,
     .in = ofLatency([](auto& owner) -> auto& { return owner.threads; }),
     .isMain = true,
     .isAlwaysInJson = true,
     .least = 0,
     .most = 1'000'000},
    {.name = "throughput",
     .json = "throughput_per_s",
     .csv = "throughput_per_s",
     .group = speed,
     .words = translatable("Figure", "Throughput"),
     .unit = translatable("Figure", "samples/s"),
     .better = higher,
     .format = Format::Rate,
     .in = ofResult([](auto& owner) -> auto& { return owner.throughputPerS; }),
     .isMain = true,
     .isAlwaysInJson = true,
     .isZeroUnknown = true,
     .doubt = throughputDoubt,
     .least = 0},
    {.name = "load",
     .json = "load_ms",
     .csv = "load_ms",
     .group = size,
     .words = translatable("Figure", "Load time"),
     .unit = "ms",
     .better = lower,
     .format = Format::Milliseconds,
     .in = ofResult([](auto& owner) -> auto& { return owner.loadMs; }),
     .isMain = true,
     .isAlwaysInJson = true,
     .isZeroUnknown = true,
     .least = 0},
    {.name = "file_size",
     .json = "file_bytes",
     .csv = "file_bytes",
     .group = size,
     .words = translatable("Figure", "File size"),
     .unit = "bytes",
     .better = lower,
     .format = Format::Bytes,
     .in = ofResult([](auto& owner) -> auto& { return owner.fileBytes; }),
     .isMain = true,
     .isAlwaysInJson = true,
     .isZeroUnknown = true,
     .least = 0,
     .chart = kilobytes},
    {.name = "parameters",
     .json = "parameters",
     .csv = "parameters",
     .group = size,
     .words = translatable("Figure", "Parameters"),
     .unit = "parameters",
     .better = lower,
     .format = Format::Count,
     .in = ofResult([](auto& owner) -> auto& { return owner.parameters; }),
     .isMain = true,
     .isAlwaysInJson = true,
     .isZeroUnknown = true,
     .least = 0,
     .chart = {1e-3, translatable("Figure", "thousands"), "thousands"}},
    {.name = "macs",
     .json = "macs_at_least",
     .csv = "macs",
     .group = size,
     .words = translatable("Figure", "MACs"),
     .unit = "MACs",
     .better = lower,
     .format = Format::Macs,
     .in = ofResult([](auto& owner) -> auto& { return owner.macs; }),
     .isMain = true,
     .isZeroUnknown = true,
     .least = 0,
     .chart = {1e-6, translatable("Figure", "millions"), "millions"},
     .isPart = [](const ModelResult& result) { return result.macsUnknownLayers > 0; }},
    {.name = "peak_memory",
     .json = "peak_memory_bytes",
     .csv = "peak_memory_bytes",
     .group = size,
     .words = translatable("Figure", "Peak memory"),
     .unit = "bytes",
     .better = lower,
     .format = Format::Bytes,
     .in = ofResult([](auto& owner) -> auto& { return owner.peakMemoryBytes; }),
     .isMain = true,
     .isAlwaysInJson = true,
     .isZeroUnknown = true,
     .least = 0,
     .chart = megabytes},
    {.name = "accuracy_drop",
     .json = "accuracy_drop",
     .csv = "accuracy_drop",
     .group = against,
     .words = translatable("Figure", "Accuracy drop"),
     .unit = "points",
     .better = lower,
     .format = Format::Points,
     .in = ofComparison([](auto& owner) -> auto& { return owner.accuracyDrop; }),
     .isAlwaysInJson = true,
     .isColumn = true},
    {.name = "agreement",
     .json = "agreement",
     .csv = "agreement",
     .group = against,
     .words = translatable("Figure", "Same predictions as the original"),
     .unit = "fraction",
     .better = higher,
     .format = Format::Fraction,
     .in = ofComparison([](auto& owner) -> auto& { return owner.agreement; }),
     .isAlwaysInJson = true,
     .isColumn = true,
     .least = 0,
     .most = 1},
    {.name = "size_ratio",
     .json = "size_ratio",
     .csv = "size_ratio",
     .group = against,
     .words = translatable("Figure", "Smaller by"),
     .better = higher,
     .format = Format::Ratio,
     .in = ofComparison([](auto& owner) -> auto& { return owner.sizeRatio; }),
     .isAlwaysInJson = true,
     .isColumn = true,
     .least = 0},
    {.name = "speedup",
     .json = "speedup.ratio",
     .csv = "speedup",
     .group = against,
     .words = translatable("Figure", "Speed against the original"),
     .better = higher,
     .format = Format::Ratio,
     .in = ofComparison([](auto& owner) -> auto& { return owner.speedup.ratio; }),
     .isMain = true,
     .isAlwaysInJson = true,
     .isColumn = true,
     .doubt = speedupDoubt,
     .least = 0,
     .chart = ratios},
    {.name = "speedup_low",
     .json = "speedup.low",
     .csv = "speedup_low",
     .group = against,
     .words = translatable("Figure", "Speed against the original, lower end of the 95 % interval"),
     .better = higher,
     .format = Format::Ratio,
     .in = ofComparison([](auto& owner) -> auto& { return owner.speedup.low; }),
     .isAlwaysInJson = true,
     .isColumn = true,
     .partOf = "speedup",
     .doubt = speedupDoubt,
     .least = 0},
    {.name = "speedup_high",
     .json = "speedup.high",
     .csv = "speedup_high",
     .group = against,
     .words = translatable("Figure", "Speed against the original, upper end of the 95 % interval"),
     .better = higher,
     .format = Format::Ratio,
     .in = ofComparison([](auto& owner) -> auto& { return owner.speedup.high; }),
     .isAlwaysInJson = true,
     .isColumn = true,
     .partOf = "speedup",
     .doubt = speedupDoubt,
     .least = 0},
    {.name = "latency_disturbed",
     .json = "disturbed",
     .csv = "disturbed",
     .group = speed,
     .words = translatable("Figure", "Disturbed calls"),
     .unit = "calls",
     .better = lower,
     .format = Format::Count,
     .in = ofLatency([](auto& owner) -> auto& { return owner.disturbed; }),
     .isAlwaysInJson = true,
     .least = 0},
    {.name = "non_finite",
     .json = "non_finite",
     .csv = "non_finite",
     .group = quality,
     .words = translatable("Figure", "Outputs with NaN or infinity"),
     .unit = "samples",
     .better = lower,
     .format = Format::Count,
     .in = ofQuality([](auto& owner) -> auto& { return owner.nonFinite; }),
     .isAlwaysInJson = true,
     .least = 0},
    {.name = "latency_warmup_calls",
     .json = "warmup_calls",
     .csv = "warmup_calls",
     .group = speed,
     .words = translatable("Figure", "Warm-up calls"),
     .unit = "calls",
     .format = Format::Count,
     .in = ofLatency([](auto& owner) -> auto& { return owner.warmupCalls; }),
     .isAlwaysInJson = true,
     .least = 0},
    {.name = "throughput_batch",
     .json = "throughput_batch",
     .csv = "throughput_batch",
     .group = speed,
     .words = translatable("Figure", "Batch of throughput"),
     .unit = "samples",
     .format = Format::Count,
     .in = ofResult([](auto& owner) -> auto& { return owner.throughputBatch; }),
     .isAlwaysInJson = true,
     .least = 0},
    {.name = "macs_unknown_layers",
     .json = "macs_unknown_layers",
     .csv = "macs_unknown_layers",
     .group = size,
     .words = translatable("Figure", "Layers whose MACs are not known"),
     .unit = "layers",
     .better = lower,
     .format = Format::Count,
     .in = ofResult([](auto& owner) -> auto& { return owner.macsUnknownLayers; }),
     .partOf = "macs",
     .least = 0},
    {.name = "simulated_agreement",
     .json = "simulated_agreement",
     .csv = "simulated_agreement",
     .group = against,
     .words = translatable("Figure", "Real and simulated predictions agree"),
     .unit = "fraction",
     .better = higher,
     .format = Format::Fraction,
     .in = ofComparison([](auto& owner) -> auto& { return owner.simulatedAgreement; }),
     .isAlwaysInJson = true,
     .isColumn = true},
    {.name = "simulated_accuracy",
     .json = "simulated_accuracy",
     .csv = "simulated_accuracy",
     .group = against,
     .words = translatable("Figure", "Simulated accuracy"),
     .unit = "fraction",
     .better = higher,
     .format = Format::Fraction,
     .in = ofComparison([](auto& owner) -> auto& { return owner.simulatedAccuracy; }),
     .isAlwaysInJson = true,
     .isColumn = true},
};

/// Of the two that a figure can be of, what `member` is a member of; null: there is no comparison.
template<class Owner, class Result, class OptionalComparison>
auto* ownerOf(const FigureMember<Owner>&, Result& result, OptionalComparison& comparison) {
    if constexpr (std::is_same_v<Owner, Quality>)
        return &result.quality;
    else if constexpr (std::is_same_v<Owner, Latency>)
        return &result.latency;
    else if constexpr (std::is_same_v<Owner, ModelResult>)
        return &result;
    else
        return comparison ? &*comparison : nullptr;
}

} // namespace

std::span<const Figure> figures() { return all; }

const Figure* figureNamed(std::string_view name) {
    const auto* const found = std::ranges::find(all, name, &Figure::name);
    return found == std::end(all) ? nullptr : found;
}

std::optional<double> storedValue(const Figure& figure, const ModelResult& result, const std::optional<Comparison>& comparison) {
    return std::visit(
        [&](const auto& in) -> std::optional<double> {
            const auto* owner = ownerOf(in, result, comparison);
            return owner == nullptr ? std::nullopt : in.read(*owner);
        },
        figure.in);
}

std::optional<double> valueOf(const Figure& figure, const RunRow& run) {
    if (run.state != RunState::Complete) return std::nullopt;
    if (figure.isInfinite != nullptr && figure.isInfinite(run.result)) return std::numeric_limits<double>::infinity();
    if (figure.isPart != nullptr && figure.isPart(run.result)) return std::nullopt;
    const std::optional<double> value = storedValue(figure, run.result, run.comparison);
    return value && *value == 0 && figure.isZeroUnknown ? std::nullopt : value;
}

std::string doubtOf(const Figure& figure, const RunRow& run) {
    switch (figure.doubt) {
    case FigureDoubt::None:
        break;
    case FigureDoubt::Latency:
        return run.result.latency.whyNotReliable;
    case FigureDoubt::Throughput:
        return run.result.whyThroughputNotReliable;
    case FigureDoubt::Speedup:
        if (run.comparison && run.comparison->speedup.verdict == measure::Verdict::NotReliable) return run.comparison->speedup.reason;
        break;
    }
    return {};
}

bool setValue(const Figure& figure, double value, ModelResult& result, std::optional<Comparison>& comparison) {
    return std::visit(
        [&](const auto& in) {
            // Written so that NaN fails it too: converting such a number would be undefined.
            if (in.largestCount > 0 && !(std::abs(value) < in.largestCount)) return false;
            if (auto* owner = ownerOf(in, result, comparison); owner != nullptr) in.write(*owner, value);
            return true;
        },
        figure.in);
}

} // namespace lathe::history

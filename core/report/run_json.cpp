#include <core/report/run_json.h>

#include <core/base/json_reader.h>
#include <core/base/message_json.h>
#include <core/report/figure_json.h>

namespace lathe::report {

namespace {

using base::finiteOrNull;
using base::Json;
using base::JsonReader;
using measure::Truth;
using measure::Verdict;

constexpr std::string_view schema = "lathe.run/1";
constexpr std::size_t maxSamples = 100'000'000;

constexpr std::pair<std::string_view, Truth> truths[] = {{"real", Truth::Real}, {"simulated", Truth::Simulated}};
constexpr std::pair<std::string_view, Verdict> verdicts[] = {{"faster", Verdict::Faster},
                                                             {"slower", Verdict::Slower},
                                                             {"no significant difference", Verdict::NoSignificantDifference},
                                                             {"not reliable", Verdict::NotReliable}};

Json orNull(const std::optional<double>& value) { return value ? finiteOrNull(*value) : Json(nullptr); }
Json orNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json numbersJson(const std::vector<double>& numbers) {
    Json json = Json::array();
    for (const double number : numbers) {
        json.push_back(finiteOrNull(number));
    }
    return json;
}

// What lists hold, declared before the template that needs them.
using report::toJson;
Json toJson(const measure::LayerResult& layer);
Json toJson(const measure::Flip& flip);

template<class T>
Json listJson(const std::vector<T>& items) {
    Json json = Json::array();
    for (const T& item : items) {
        json.push_back(toJson(item));
    }
    return json;
}

std::int64_t readCount(const JsonReader& in) { return in.integer(0); }

/// A sentence that documents of older versions do not have.
std::string readSentence(const JsonReader& in, const char* key) { return in.has(key) ? in[key].text() : std::string(); }

double readNumberOrZero(const JsonReader& in) { return in.numberOrNull().value_or(0); }

std::int32_t readClass(const JsonReader& in) { return static_cast<std::int32_t>(in.integer(-1, std::numeric_limits<std::int32_t>::max())); }

// Quality

Json toJson(const measure::Quality& quality, Detail detail) {
    Json json = Json::object();
    writeFigures(json, quality);
    json["class_precision"] = numbersJson(quality.classPrecision);
    json["class_recall"] = numbersJson(quality.classRecall);
    json["class_f1"] = numbersJson(quality.classF1);
    json["confusion"] = quality.confusion;
    if (detail == Detail::RawSamples) json["predictions"] = quality.predictions;
    return json;
}

measure::Quality readQuality(const JsonReader& in) {
    measure::Quality quality;
    readFigures(in, quality);
    quality.classPrecision = in["class_precision"].list(readNumberOrZero);
    quality.classRecall = in["class_recall"].list(readNumberOrZero);
    quality.classF1 = in["class_f1"].list(readNumberOrZero);
    quality.confusion = in["confusion"].list([](const JsonReader& row) { return row.list(readCount, 10'000); }, 10'000);
    for (const auto& row : quality.confusion) {
        if (row.size() != quality.confusion.size()) in["confusion"].fail("is not square");
    }
    if (in.has("predictions")) quality.predictions = in["predictions"].list(readClass, maxSamples);
    return quality;
}

// Layers

Json toJson(const measure::LayerResult& layer) {
    Json json = {{"name", layer.name},       {"op", layer.op},         {"kernel", layer.kernel},
                 {"kind", name(layer.kind)}, {"covers", layer.covers}, {"reason", layer.reason}};
    writeFigures<measure::LayerFigures>(json, layer);
    return json;
}

measure::LayerResult readLayer(const JsonReader& in) {
    measure::LayerResult layer;
    layer.name = in["name"].text();
    layer.op = in["op"].text();
    layer.kernel = in["kernel"].text();
    layer.kind = in["kind"].choice<Truth>(truths);
    readFigures<measure::LayerFigures>(in, layer);
    layer.reason = in["reason"].text();
    if (in.has("covers")) layer.covers = in["covers"].texts(100'000);
    return layer;
}

measure::Latency readLatency(const JsonReader& in) {
    measure::Latency latency;
    readFigures(in, latency);
    latency.noise = in["noise"].text(64);
    latency.whyNotReliable = readSentence(in, "not_reliable");
    if (in.has("samples_ms")) latency.samplesMs = in["samples_ms"].numbers();
    if (in.has("marks")) {
        latency.marks = in["marks"].list([](const JsonReader& mark) { return static_cast<std::uint8_t>(mark.integer(0, 1)); }, maxSamples);
        if (latency.marks.size() != latency.samplesMs.size()) in["marks"].fail("has not one entry for each sample");
    }
    return latency;
}

measure::ModelResult readModelResult(const JsonReader& in) {
    measure::ModelResult result;
    result.kind = in["kind"].choice<Truth>(truths);
    result.quality = readQuality(in["quality"]);
    result.latency = readLatency(in["latency_ms"]);
    readFigures(in, result);
    result.whyThroughputNotReliable = readSentence(in, "throughput_not_reliable");
    readMacs(in, result.macs, result.macsUnknownLayers);
    result.layers = in["layers"].list(readLayer, 100'000);
    return result;
}

measure::StepResult readStep(const JsonReader& in) {
    measure::StepResult step;
    step.op = in["op"].text();
    step.seconds = in["seconds"].number(0);
    step.peakMemoryBytes = readCount(in["peak_memory_bytes"]);
    for (const auto& [key, value] : in["figures"].members([](const JsonReader& figure) { return figure.numberOrNull(); })) {
        if (value) step.figures.emplace(key, *value);
    }
    step.epochLosses = in["epoch_losses"].list(readNumberOrZero);
    step.notes = base::readMessages(in, "notes");
    if (in.has("warnings")) step.warnings = base::readMessages(in, "warnings");
    return step;
}

// Comparison

Json toJson(const measure::Flip& flip) {
    return {{"sample", flip.sample}, {"label", flip.label}, {"before", flip.before}, {"after", flip.after}};
}

measure::Flip readFlip(const JsonReader& in) {
    return {readCount(in["sample"]), readClass(in["label"]), readClass(in["before"]), readClass(in["after"])};
}

measure::Comparison readComparison(const JsonReader& in) {
    measure::Comparison comparison;
    readFigures(in, comparison);
    const JsonReader speedup = in["speedup"];
    comparison.speedup.verdict = speedup["verdict"].choice<Verdict>(verdicts);
    comparison.speedup.reason = readSentence(speedup, "reason");
    comparison.speedup.baseline = readSentence(speedup, "baseline");
    comparison.flips = in["flips"].list(readFlip);
    return comparison;
}

/// The recipe as JSON inside the document; a text that is not JSON (which only a damaged history could hold) becomes null.
Json recipeJson(const std::string& text) {
    base::Result<Json> json = base::parseJson(text);
    return json ? std::move(*json) : Json(nullptr);
}

} // namespace

const char* name(Truth truth) { return truth == Truth::Real ? "real" : "simulated"; }

const char* name(Verdict verdict) {
    switch (verdict) {
    case Verdict::Faster:
        return "faster";
    case Verdict::Slower:
        return "slower";
    case Verdict::NotReliable:
        return "not reliable";
    case Verdict::NoSignificantDifference:
        break;
    }
    return "no significant difference";
}

Json toJson(const measure::Latency& latency, Detail detail) {
    Json json = Json::object();
    writeFigures(json, latency);
    json["noise"] = latency.noise;
    json["not_reliable"] = orNull(latency.whyNotReliable);
    if (detail == Detail::RawSamples) {
        json["samples_ms"] = numbersJson(latency.samplesMs);
        if (!latency.marks.empty()) json["marks"] = latency.marks;
    }
    return json;
}

Json toJson(const measure::ModelResult& result, Detail detail) {
    Json json = {{"kind", name(result.kind)}, {"quality", toJson(result.quality, detail)}, {"latency_ms", toJson(result.latency, detail)}};
    writeFigures(json, result);
    writeMacs(json, result.macs, result.macsUnknownLayers);
    json["throughput_not_reliable"] = orNull(result.whyThroughputNotReliable);
    json["layers"] = listJson(result.layers);
    json["layers_rest_us"] = orNull(measure::restUs(result));
    return json;
}

Json toJson(const measure::StepResult& step) {
    Json figures = Json::object();
    for (const auto& [key, value] : step.figures) {
        figures[key] = finiteOrNull(value);
    }
    Json json = {{"op", step.op},
                 {"seconds", finiteOrNull(step.seconds)},
                 {"peak_memory_bytes", step.peakMemoryBytes},
                 {"figures", std::move(figures)},
                 {"epoch_losses", numbersJson(step.epochLosses)}};
    base::writeMessages(json, "notes", step.notes);
    base::writeMessages(json, "warnings", step.warnings);
    return json;
}

Json toJson(const measure::Comparison& comparison) {
    Json json = Json::object();
    writeFigures(json, comparison);
    Json& speedup = json["speedup"];
    speedup["verdict"] = name(comparison.speedup.verdict);
    speedup["reason"] = orNull(comparison.speedup.reason);
    speedup["baseline"] = orNull(comparison.speedup.baseline);
    json["flips"] = listJson(comparison.flips);
    return json;
}

Json toJson(const measure::RunDocument& document, Detail detail) {
    return {
        {"schema", schema},
        {"model", {{"file", document.modelFile}, {"sha256", document.modelSha256}, {"format", document.modelFormat}}},
        {"data", {{"name", document.dataName}, {"sha256", document.dataSha256}, {"samples", document.dataSamples}}},
        {"environment", document.environment},
        {"seed", document.seed},
        {"recipe", recipeJson(document.recipeJson)},
        {"steps", listJson(document.steps)},
        {"baseline", toJson(document.baseline, detail)},
        {"optimized", toJson(document.optimized, detail)},
        {"comparison", toJson(document.comparison)},
        {"history", {{"file", document.historyFile.empty() ? Json(nullptr) : Json(document.historyFile)}, {"ids", document.historyIds}}}};
}

base::Result<measure::RunDocument> runDocumentFromJson(const Json& json) {
    const JsonReader in(json, "The run document");
    measure::RunDocument document;
    if (in["schema"].text() != schema) in.fail("is not of schema " + std::string(schema));
    const JsonReader model = in["model"];
    document.modelFile = model["file"].text();
    document.modelSha256 = model["sha256"].text(64);
    document.modelFormat = model["format"].text();
    const JsonReader data = in["data"];
    document.dataName = data["name"].text();
    document.dataSha256 = data["sha256"].text(64);
    document.dataSamples = readCount(data["samples"]);
    document.environment = in["environment"].members([](const JsonReader& entry) { return entry.text(); }, 1000);
    document.seed = in["seed"].integer();
    if (in.has("recipe")) document.recipeJson = in["recipe"].object().dump(2, ' ', false, Json::error_handler_t::replace);
    document.steps = in["steps"].list(readStep, 10'000);
    document.baseline = readModelResult(in["baseline"]);
    document.optimized = readModelResult(in["optimized"]);
    document.comparison = readComparison(in["comparison"]);
    const JsonReader history = in["history"];
    if (history.has("file")) document.historyFile = history["file"].text();
    document.historyIds = history["ids"].texts(2);
    return in.finish(std::move(document));
}

base::Result<measure::ModelResult> modelResultFromJson(const Json& json) {
    const JsonReader in(json, "The result");
    return in.finish(readModelResult(in));
}

base::Result<measure::StepResult> stepResultFromJson(const Json& json) {
    const JsonReader in(json, "The step");
    return in.finish(readStep(in));
}

base::Result<measure::Comparison> comparisonFromJson(const Json& json) {
    const JsonReader in(json, "The comparison");
    return in.finish(readComparison(in));
}

base::Result<measure::Latency> latencyFromJson(const Json& json) {
    const JsonReader in(json, "The latency");
    return in.finish(readLatency(in));
}

} // namespace lathe::report

#include <core/client/protocol.h>

#include <limits>

#include <core/base/json_reader.h>
#include <core/base/message_json.h>
#include <core/report/figure_json.h>

namespace lathe::client {

namespace {

using base::finiteOrNull;
using base::Json;
using base::JsonReader;
using report::readCountOrNull;
using report::readLossParts;
using report::readMacs;
using report::writeMacs;
using steps::ParameterKind;

constexpr std::size_t maxLayers = 100'000;

constexpr std::pair<std::string_view, ParameterKind> parameterKinds[] = {{"boolean", ParameterKind::Boolean},
                                                                         {"integer", ParameterKind::Integer},
                                                                         {"number", ParameterKind::Number},
                                                                         {"choice", ParameterKind::Choice},
                                                                         {"text", ParameterKind::Text}};

Json orNull(const std::optional<double>& value) { return value ? finiteOrNull(*value) : Json(nullptr); }

/// "" is nothing.
Json textOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

// What lists hold, declared before the template that needs them.
using client::toJson;
Json toJson(const DeviceEntry& entry);
Json toJson(const DataEntry& entry);
Json toJson(const steps::ParameterSpec& spec);
Json toJson(const steps::StepSpec& spec);
Json toJson(const OperatorUse& use);
Json toJson(const ImportIssue& issue);
Json toJson(const StageInfo& stage);
Json toJson(const LayerNote& note);
Json toJson(const ChannelRange& channel);
Json toJson(const SpectrumPoint& point);

template<class T>
Json listJson(const std::vector<T>& items) {
    Json json = Json::array();
    for (const T& item : items) {
        json.push_back(toJson(item));
    }
    return json;
}

std::optional<std::string> readTextOrNull(const JsonReader& in) {
    if (in.isNull()) return std::nullopt;
    return in.text();
}

std::int64_t readCount(const JsonReader& in) { return in.integer(0); }

Json toJson(const LayerNote& note) {
    Json json = {{"step", note.step}, {"text", note.message.text()}};
    if (Json code = base::codeJson(note.message); !code.is_null()) json["code"] = std::move(code);
    return json;
}

LayerNote readLayerNote(const JsonReader& in) {
    const std::string text = in["text"].text();
    return {static_cast<int>(in["step"].integer(0, 10'000)),
            in.has("code") ? base::messageFromJson(text, in["code"]) : base::Message(text)};
}

tensor::Shape readShape(const JsonReader& in) {
    return in.list([](const JsonReader& dim) { return dim.integer(-1); }, 64);
}

// hello

Json toJson(const DeviceEntry& entry) {
    return {{"device", entry.device}, {"name", entry.name}, {"detail", entry.detail}, {"memory_bytes", entry.memoryBytes}};
}

DeviceEntry readDevice(const JsonReader& in) {
    return {in["device"].text(), in["name"].text(), in["detail"].text(), readCount(in["memory_bytes"])};
}

Json toJson(const DataEntry& entry) {
    return {{"name", entry.name}, {"description", entry.description}, {"available", entry.isAvailable}, {"shape", entry.shape}};
}

DataEntry readData(const JsonReader& in) {
    return {in["name"].text(), in["description"].text(), in["available"].boolean(), readShape(in["shape"])};
}

Json toJson(const steps::ParameterSpec& spec) {
    Json json = {{"key", spec.key}};
    for (const auto& [name, kind] : parameterKinds) {
        if (kind == spec.kind) json["kind"] = name;
    }
    json["default"] = spec.defaultValue;
    json["minimum"] = finiteOrNull(spec.minimum);
    json["maximum"] = finiteOrNull(spec.maximum);
    json["choices"] = spec.choices;
    json["per_layer"] = spec.perLayer;
    return json;
}

/// A value that a control of the inspector can show: never a list or an object.
Json readScalar(const JsonReader& in) {
    if (in.json().is_structured()) in.fail("is not a single value");
    return in.isGood() ? in.json() : Json(nullptr);
}

steps::ParameterSpec readParameter(const JsonReader& in) {
    steps::ParameterSpec spec;
    spec.key = in["key"].text();
    spec.kind = in["kind"].choice<ParameterKind>(parameterKinds);
    spec.defaultValue = readScalar(in["default"]);
    constexpr double unbounded = std::numeric_limits<double>::infinity();
    spec.minimum = in["minimum"].numberOrNull().value_or(-unbounded);
    spec.maximum = in["maximum"].numberOrNull().value_or(unbounded);
    spec.choices = in["choices"].list(readScalar, 1000);
    spec.perLayer = in["per_layer"].boolean();
    return spec;
}

Json toJson(const steps::StepSpec& spec) { return {{"op", spec.op}, {"parameters", listJson(spec.parameters)}}; }

steps::StepSpec readStep(const JsonReader& in) { return {in["op"].text(), in["parameters"].list(readParameter, 1000)}; }

// open

LayerInfo readLayer(const JsonReader& in) {
    LayerInfo layer;
    layer.name = in["name"].text();
    layer.op = in["op"].text();
    layer.weightShape = readShape(in["weight_shape"]);
    report::readFigures<measure::LayerFigures>(in, layer);
    layer.keepFloat = in["keep_float"].boolean();
    layer.group = in["group"].isNull() ? -1 : static_cast<int>(in["group"].integer(0, maxLayers));
    layer.notes = in["notes"].list(readLayerNote, 10'000);
    return layer;
}

LayerGroup readGroup(const JsonReader& in) { return in.texts(maxLayers); }

/// Layers and the groups that they point into.
template<class Reply>
void readLayers(const JsonReader& in, Reply& reply) {
    reply.layers = in["layers"].list(readLayer, maxLayers);
    reply.groups = in["groups"].list(readGroup, maxLayers);
    for (const LayerInfo& layer : reply.layers) {
        if (layer.group >= static_cast<int>(reply.groups.size())) in["groups"].fail("has no group " + std::to_string(layer.group));
    }
}

Json toJson(const OperatorUse& use) { return {{"op", use.op}, {"count", use.count}, {"supported", use.isSupported}}; }

OperatorUse readOperator(const JsonReader& in) { return {in["op"].text(), readCount(in["count"]), in["supported"].boolean()}; }

Json toJson(const ImportIssue& issue) {
    return {{"op", issue.op}, {"scope", issue.scope}, {"source", issue.source}, {"reason", issue.reason}};
}

ImportIssue readIssue(const JsonReader& in) { return {in["op"].text(), in["scope"].text(), in["source"].text(), in["reason"].text()}; }

// preview

Json toJson(const StageInfo& stage) {
    Json json = {{"step", stage.step},
                 {"op", stage.op},
                 {"parameters", stage.parameters},
                 {"weight_bytes", stage.weightBytes},
                 {"loss_total", orNull(stage.lossTotal)},
                 {"loss_parts", report::toJson(stage.lossParts)},
                 {"changed", stage.changed ? Json(*stage.changed) : Json(nullptr)}};
    base::writeMessages(json, "notes", stage.notes);
    base::writeMessages(json, "warnings", stage.warnings);
    writeMacs(json, stage.macs, stage.macsUnknownLayers);
    return json;
}

StageInfo readStage(const JsonReader& in) {
    StageInfo stage;
    stage.step = static_cast<int>(in["step"].integer(0, 10'000));
    stage.op = in["op"].text();
    stage.parameters = readCount(in["parameters"]);
    readMacs(in, stage.macs, stage.macsUnknownLayers);
    stage.weightBytes = readCount(in["weight_bytes"]);
    stage.lossTotal = in["loss_total"].numberOrNull();
    stage.lossParts = readLossParts(in["loss_parts"]);
    if (in.has("changed")) stage.changed = in["changed"].boolean();
    stage.notes = base::readMessages(in, "notes", maxLayers);
    stage.warnings = base::readMessages(in, "warnings", maxLayers);
    return stage;
}

// weights

Json toJson(const ChannelRange& channel) {
    return {{"minimum", finiteOrNull(channel.minimum)}, {"maximum", finiteOrNull(channel.maximum)}};
}

/// A statistic of weights that hold NaN is null; the window draws nothing then.
double numberOrZero(const JsonReader& in) { return in.numberOrNull().value_or(0); }

ChannelRange readChannel(const JsonReader& in) { return {numberOrZero(in["minimum"]), numberOrZero(in["maximum"])}; }

Json toJson(const Histogram& histogram) {
    return {{"from", finiteOrNull(histogram.from)}, {"to", finiteOrNull(histogram.to)}, {"counts", histogram.counts}};
}

Histogram readHistogram(const JsonReader& in) {
    Histogram histogram{numberOrZero(in["from"]), numberOrZero(in["to"]), in["counts"].list(readCount, 4096)};
    if (histogram.from > histogram.to) in.fail("ends before it begins");
    return histogram;
}

Json toJson(const QuantizedWeights& quantized) {
    return {{"bits", quantized.bits},
            {"levels_low", quantized.levelsLow},
            {"levels_high", quantized.levelsHigh},
            {"loss", orNull(quantized.loss)},
            {"sqnr_db", orNull(quantized.sqnrDb)}};
}

QuantizedWeights readQuantized(const JsonReader& in) {
    QuantizedWeights quantized;
    quantized.bits = static_cast<int>(in["bits"].integer(1, 64));
    quantized.levelsLow = in["levels_low"].integer();
    quantized.levelsHigh = in["levels_high"].integer();
    quantized.loss = in["loss"].numberOrNull();
    quantized.sqnrDb = in["sqnr_db"].numberOrNull();
    return quantized;
}

Json toJson(const CodebookInfo& codebook) {
    return {{"bits", codebook.bits}, {"codebooks", codebook.codebooks}, {"numbers", codebook.numbers}};
}

CodebookInfo readCodebook(const JsonReader& in) {
    return {static_cast<int>(in["bits"].integer(1, 16)), in["codebooks"].integer(1), in["numbers"].numbers(256)};
}

Json toJson(const SpectrumPoint& point) {
    return {{"rank", point.rank},
            {"energy", point.energy},
            {"parameters", point.parameters},
            {"macs", point.macs ? Json(*point.macs) : Json(nullptr)}};
}

SpectrumPoint readPoint(const JsonReader& in) {
    SpectrumPoint point{in["rank"].integer(0), in["energy"].number(-1, 2), readCount(in["parameters"]), {}};
    if (in.has("macs")) point.macs = readCount(in["macs"]);
    return point;
}

Json toJson(const SpectrumInfo& spectrum) {
    return {{"step", spectrum.step}, {"rank", spectrum.rank}, {"before", toJson(spectrum.before)}, {"points", listJson(spectrum.points)}};
}

SpectrumInfo readSpectrum(const JsonReader& in) {
    return {static_cast<int>(in["step"].integer(0, 100'000)), in["rank"].integer(0), readPoint(in["before"]),
            in["points"].list(readPoint, 4096)};
}

// export

/// true, false, or null where it is not judged.
Json verdictJson(history::ExportVerdict verdict) {
    if (verdict == history::ExportVerdict::NotJudged) return nullptr;
    return verdict == history::ExportVerdict::Same;
}

history::ExportVerdict readVerdict(const JsonReader& in) {
    if (in.isNull()) return history::ExportVerdict::NotJudged;
    return in.boolean() ? history::ExportVerdict::Same : history::ExportVerdict::Different;
}

history::ExportCheck readCheck(const JsonReader& in) {
    history::ExportCheck check;
    check.judge = in["by"].text();
    check.version = readTextOrNull(in["version"]).value_or("");
    check.verdict = readVerdict(in["ok"]);
    check.maxAbsError = in["max_abs_error"].numberOrNull();
    check.maxRelError = in["max_rel_error"].numberOrNull();
    check.agreement = in["agreement"].numberOrNull();
    check.loadMs = in["load_ms"].numberOrNull();
    check.reason = readTextOrNull(in["reason"]).value_or("");
    return check;
}

} // namespace

Json toJson(const HelloReply& reply) {
    return {{"version", reply.version},
            {"torch", reply.torch},
            {"cpu", reply.cpu},
            {"cpu_detail", reply.cpuDetail},
            {"threads", reply.threads},
            {"noise", reply.noise},
            {"isolation", reply.isolation},
            {"devices", listJson(reply.devices)},
            {"data", listJson(reply.data)},
            {"steps", listJson(reply.steps)}};
}

base::Result<HelloReply> helloReplyFromJson(const Json& json) {
    const JsonReader in(json, "The engine's answer to \"hello\"");
    HelloReply reply;
    reply.version = in["version"].text();
    reply.torch = in["torch"].text();
    reply.cpu = in["cpu"].text();
    reply.cpuDetail = in["cpu_detail"].text();
    reply.threads = static_cast<int>(in["threads"].integer(1, 4096));
    reply.noise = in["noise"].text();
    reply.isolation = in["isolation"].text();
    reply.devices = in["devices"].list(readDevice, 1000);
    reply.data = in["data"].list(readData, 1000);
    reply.steps = in["steps"].list(readStep, 1000);
    return in.finish(std::move(reply));
}

Json toJson(const LayerInfo& layer) {
    Json json = {{"name", layer.name},
                 {"op", layer.op},
                 {"weight_shape", layer.weightShape},
                 {"keep_float", layer.keepFloat},
                 {"group", layer.group < 0 ? Json(nullptr) : Json(layer.group)},
                 {"notes", listJson(layer.notes)}};
    report::writeFigures<measure::LayerFigures>(json, layer);
    return json;
}

Json toJson(const InspectReport& report) {
    Json json = {{"schema", "lathe.inspect/1"},
                 {"format", report.format},
                 {"inputs", report.inputs},
                 {"outputs", report.outputs},
                 {"state", report.state},
                 {"parameters", report.parameters},
                 {"nodes", report.nodes},
                 {"operators", listJson(report.operators)},
                 {"runs", report.runs},
                 {"isolation", report.isolation},
                 {"problems", listJson(report.problems)}};
    base::writeMessages(json, "notes", report.notes);
    writeMacs(json, report.macs, report.macsUnknownLayers);
    return json;
}

base::Result<InspectReport> inspectReportFromJson(const Json& json) {
    const JsonReader in(json, "The import report");
    InspectReport report;
    report.format = in["format"].text();
    report.inputs = in["inputs"].texts(10'000);
    report.outputs = in["outputs"].texts(10'000);
    report.state = in["state"].texts(10'000);
    report.parameters = readCount(in["parameters"]);
    readMacs(in, report.macs, report.macsUnknownLayers);
    report.nodes = readCount(in["nodes"]);
    report.operators = in["operators"].list(readOperator, 100'000);
    report.runs = in["runs"].boolean();
    report.isolation = in["isolation"].text();
    report.problems = in["problems"].list(readIssue, 100'000);
    if (in.has("notes")) report.notes = base::readMessages(in, "notes");
    return in.finish(std::move(report));
}

Json toJson(const OpenReply& reply) {
    Json json = {{"model", reply.model},
                 {"file", reply.file},
                 {"name", reply.name},
                 {"sha256", reply.sha256},
                 {"format", reply.format},
                 {"file_bytes", reply.fileBytes},
                 {"weight_bytes", reply.weightBytes},
                 {"parameters", reply.parameters},
                 {"input_shapes", reply.inputShapes},
                 {"report", toJson(reply.report)},
                 {"drawing", layout::toJson(reply.drawing)},
                 {"layers", listJson(reply.layers)},
                 {"groups", reply.groups}};
    writeMacs(json, reply.macs, reply.macsUnknownLayers);
    return json;
}

base::Result<OpenReply> openReplyFromJson(const Json& json) {
    const JsonReader in(json, "The engine's answer to \"open\"");
    OpenReply reply;
    reply.model = in["model"].integer(0);
    reply.file = in["file"].text();
    reply.name = in["name"].text();
    reply.sha256 = in["sha256"].text(64);
    reply.format = in["format"].text();
    reply.fileBytes = readCount(in["file_bytes"]);
    reply.parameters = readCount(in["parameters"]);
    readMacs(in, reply.macs, reply.macsUnknownLayers);
    reply.weightBytes = readCount(in["weight_bytes"]);
    reply.inputShapes = in["input_shapes"].list(readShape, 10'000);
    reply.report = in.take(inspectReportFromJson(in["report"].json()));
    reply.drawing = in.take(layout::drawingFromJson(in["drawing"].json()));
    readLayers(in, reply);
    return in.finish(std::move(reply));
}

Json toJson(const PreviewReply& reply) {
    Json json = {{"stages", listJson(reply.stages)}, {"layers", listJson(reply.layers)}, {"groups", reply.groups}, {"error", nullptr}};
    if (reply.error) base::writeMessage(json, "error", *reply.error);
    return json;
}

base::Result<PreviewReply> previewReplyFromJson(const Json& json) {
    const JsonReader in(json, "The engine's answer to \"preview\"");
    PreviewReply reply;
    reply.stages = in["stages"].list(readStage, 10'000);
    readLayers(in, reply);
    if (in.has("error")) reply.error = base::readMessage(in, "error");
    return in.finish(std::move(reply));
}

Json toJson(const DrawingReply& reply) { return {{"drawing", layout::toJson(reply.drawing)}}; }

base::Result<DrawingReply> drawingReplyFromJson(const Json& json) {
    const JsonReader in(json, "The engine's answer to \"drawing\"");
    DrawingReply reply;
    reply.drawing = in.take(layout::drawingFromJson(in["drawing"].json()));
    return in.finish(std::move(reply));
}

Json toJson(const FindReply& reply) { return {{"nodes", reply.nodes}, {"count", reply.count}}; }

base::Result<FindReply> findReplyFromJson(const Json& json) {
    const JsonReader in(json, "The engine's answer to \"find\"");
    FindReply reply;
    reply.nodes = in["nodes"].texts(maxFound);
    reply.count = in["count"].integer(0);
    return in.finish(std::move(reply));
}

Json toJson(const WeightsReply& reply) {
    return {{"layer", reply.layer},
            {"shape", reply.shape},
            {"count", reply.count},
            {"minimum", finiteOrNull(reply.minimum)},
            {"maximum", finiteOrNull(reply.maximum)},
            {"mean", finiteOrNull(reply.mean)},
            {"stddev", finiteOrNull(reply.stddev)},
            {"zeros", reply.zeros},
            {"histogram", toJson(reply.histogram)},
            {"quantized", reply.quantized ? toJson(*reply.quantized) : Json(nullptr)},
            {"channels", listJson(reply.channels)},
            {"codebook", reply.codebook ? toJson(*reply.codebook) : Json(nullptr)},
            {"spectrum", reply.spectrum ? toJson(*reply.spectrum) : Json(nullptr)}};
}

base::Result<WeightsReply> weightsReplyFromJson(const Json& json) {
    const JsonReader in(json, "The engine's answer to \"weights\"");
    WeightsReply reply;
    reply.layer = in["layer"].text();
    reply.shape = readShape(in["shape"]);
    reply.count = readCount(in["count"]);
    reply.minimum = numberOrZero(in["minimum"]);
    reply.maximum = numberOrZero(in["maximum"]);
    reply.mean = numberOrZero(in["mean"]);
    reply.stddev = numberOrZero(in["stddev"]);
    reply.zeros = readCount(in["zeros"]);
    reply.histogram = readHistogram(in["histogram"]);
    if (in.has("quantized")) reply.quantized = readQuantized(in["quantized"]);
    if (in.has("codebook")) reply.codebook = readCodebook(in["codebook"]);
    if (in.has("spectrum")) reply.spectrum = readSpectrum(in["spectrum"]);
    reply.channels = in["channels"].list(readChannel);
    return in.finish(std::move(reply));
}

Json toJson(const SamplesReply& reply) {
    Json samples = Json::array();
    for (const SampleView& sample : reply.samples) {
        samples.push_back({{"label", sample.label},
                           {"minimum", finiteOrNull(sample.minimum)},
                           {"maximum", finiteOrNull(sample.maximum)},
                           {"shape", sample.shape},
                           {"levels", sample.levels}});
    }
    return {{"data", reply.data},
            {"dtype", reply.dtype},
            {"shape", reply.shape},
            {"classes", reply.classes},
            {"train_samples", reply.trainSamples},
            {"test_samples", reply.testSamples},
            {"kind", reply.kind},
            {"samples", std::move(samples)}};
}

base::Result<SamplesReply> samplesReplyFromJson(const Json& json) {
    const JsonReader in(json, "The engine's answer to \"samples\"");
    SamplesReply reply;
    reply.data = in["data"].text();
    reply.dtype = in["dtype"].text();
    reply.shape = readShape(in["shape"]);
    reply.classes = in["classes"].texts();
    reply.trainSamples = readCount(in["train_samples"]);
    reply.testSamples = readCount(in["test_samples"]);
    reply.kind = in["kind"].text();
    reply.samples = in["samples"].list(
        [](const JsonReader& sample) {
            SampleView view;
            view.label = sample["label"].integer(-1);
            view.minimum = numberOrZero(sample["minimum"]);
            view.maximum = numberOrZero(sample["maximum"]);
            view.shape = readShape(sample["shape"]);
            view.levels = sample["levels"].integers(1'000'000);
            if (tensor::elementCount(view.shape) != static_cast<std::int64_t>(view.levels.size()))
                sample["levels"].fail("does not fit its shape");
            for (const std::int64_t level : view.levels) {
                if (level < 0 || level > 255) sample["levels"].fail("must be between 0 and 255");
            }
            return view;
        },
        64);
    return in.finish(std::move(reply));
}

Json toJson(const history::ExportCheck& check) {
    return {{"by", check.judge},
            {"version", textOrNull(check.version)},
            {"ok", verdictJson(check.verdict)},
            {"max_abs_error", orNull(check.maxAbsError)},
            {"max_rel_error", orNull(check.maxRelError)},
            {"agreement", orNull(check.agreement)},
            {"load_ms", orNull(check.loadMs)},
            {"reason", textOrNull(check.reason)}};
}

Json toJson(const ExportReply& reply) {
    Json json = {{"schema", "lathe.export/1"},
                 {"file", reply.file},
                 {"bytes", reply.bytes},
                 {"original_bytes", reply.originalBytes ? Json(*reply.originalBytes) : Json(nullptr)},
                 {"size_ratio", orNull(reply.sizeRatio())},
                 {"load_ms", reply.checks.empty() ? Json(nullptr) : orNull(reply.checks.front().loadMs)},
                 {"run", textOrNull(reply.runId)},
                 {"checks", listJson(reply.checks)}};
    base::writeMessages(json, "notes", reply.notes);
    return json;
}

base::Result<ExportReply> exportReplyFromJson(const Json& json) {
    const JsonReader in(json, "The engine's answer to \"export\"");
    ExportReply reply;
    reply.file = in["file"].text();
    reply.bytes = readCount(in["bytes"]);
    if (in.has("original_bytes")) reply.originalBytes = readCount(in["original_bytes"]);
    reply.runId = readTextOrNull(in["run"]).value_or("");
    reply.checks = in["checks"].list(readCheck, 100);
    if (in.has("notes")) reply.notes = base::readMessages(in, "notes", 1000);
    return in.finish(std::move(reply));
}

Json toJson(const ProgressNote& note) {
    const base::Progress& progress = note.progress;
    Json values = Json::object();
    for (const auto& [key, value] : progress.values) {
        values[key] = finiteOrNull(value);
    }
    return {{"id", note.id},
            {"phase", progress.phase},
            {"step", progress.step},
            {"steps", progress.steps},
            {"fraction", progress.fraction < 0 ? Json(nullptr) : finiteOrNull(progress.fraction)},
            {"seconds_left", orNull(progress.secondsLeft)},
            {"values", std::move(values)}};
}

base::Result<ProgressNote> progressNoteFromJson(const Json& json) {
    const JsonReader in(json, "The engine's progress");
    ProgressNote note;
    note.id = in["id"].integer();
    note.progress.phase = in["phase"].text(200);
    note.progress.step = static_cast<int>(in["step"].integer(0, 1'000'000));
    note.progress.steps = static_cast<int>(in["steps"].integer(0, 1'000'000));
    note.progress.fraction = in["fraction"].isNull() ? -1 : in["fraction"].number(0, 1);
    note.progress.secondsLeft = in["seconds_left"].numberOrNull();
    for (const auto& [key, value] : in["values"].members([](const JsonReader& figure) { return figure.numberOrNull(); }, 100)) {
        if (value) note.progress.values.emplace(key, *value);
    }
    return in.finish(std::move(note));
}

} // namespace lathe::client

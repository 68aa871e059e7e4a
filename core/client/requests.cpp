#include <core/client/requests.h>

#include <array>
#include <string_view>
#include <utility>

#include <core/base/json_reader.h>

namespace lathe::client {

namespace {

using base::Json;
using base::JsonReader;

/// What is wrong with parameters is the caller's mistake, not that of a file.
template<class T>
base::Result<T> finish(const JsonReader& in, T request) {
    base::Result<T> result = in.finish(std::move(request));
    if (!result) result.error().code = base::ErrorCode::InvalidArgument;
    return result;
}

JsonReader reader(const Json& json) { return {json, "The parameters"}; }

ModelHandle readModel(const JsonReader& in) { return in["model"].integer(0); }

std::string optionalText(const JsonReader& in, std::string_view key, std::string otherwise = {}) {
    return in.has(key) ? in[key].text() : otherwise;
}

std::string readFormat(const JsonReader& in) {
    std::vector<std::pair<std::string_view, std::string_view>> ids;
    for (const base::ModelFormat& format : base::modelFormats())
        ids.emplace_back(format.id, format.id);
    return std::string(in.choice<std::string_view>(ids));
}

int readStep(const JsonReader& in) { return static_cast<int>(in["step"].integer(-1, 10'000)); }

/// "fitting", "all", or the paths themselves.
Json openJson(const graph::OpenModules& open) {
    if (open.kind == graph::OpenModules::Kind::Chosen) return open.paths;
    return open.kind == graph::OpenModules::Kind::All ? "all" : "fitting";
}

graph::OpenModules readOpen(const JsonReader& in) {
    using Kind = graph::OpenModules::Kind;
    constexpr std::size_t maxModules = 200'000;
    if (in.json().is_array()) return {Kind::Chosen, in.texts(maxModules)};
    constexpr std::array kinds{std::pair{std::string_view("fitting"), Kind::Fitting}, std::pair{std::string_view("all"), Kind::All}};
    return {in.choice<Kind>(kinds)};
}

std::int64_t readSeed(const JsonReader& in) { return in.has("seed") ? in["seed"].integer() : 0; }

} // namespace

Json toJson(const OpenRequest& request) {
    Json json = {{"file", request.file}};
    if (!request.data.empty()) json["data"] = request.data;
    if (!request.recipe.is_null()) json["recipe"] = request.recipe;
    return json;
}

Json toJson(const CloseRequest& request) { return {{"model", request.model}}; }

Json toJson(const PreviewRequest& request) { return {{"model", request.model}, {"recipe", request.recipe}}; }

Json toJson(const DrawingRequest& request) {
    return {{"model", request.model}, {"recipe", request.recipe}, {"step", request.step}, {"open", openJson(request.open)}};
}

Json toJson(const FindRequest& request) {
    return {{"model", request.model}, {"recipe", request.recipe}, {"step", request.step}, {"text", request.text}};
}

Json toJson(const WeightsRequest& request) {
    return {{"model", request.model}, {"recipe", request.recipe}, {"layer", request.layer}, {"bins", request.bins}};
}

Json toJson(const SamplesRequest& request) {
    Json json{{"data", request.data}, {"recipe", request.recipe}, {"first", request.first}, {"count", request.count}};
    if (request.model != 0) json["model"] = request.model;
    return json;
}

Json toJson(const RunRequest& request) {
    return {{"model", request.model},
            {"recipe", request.recipe},
            {"data", request.data},
            {"device", request.device},
            {"threads", request.threads},
            {"seed", request.seed},
            {"history", request.history ? Json(*request.history) : Json(nullptr)},
            {"name", request.name},
            {"tags", request.tags}};
}

Json toJson(const MeasureRequest& request) { return {{"history", request.history}, {"run", request.run}, {"data", request.data}}; }

Json toJson(const ExportRequest& request) {
    Json json = {
        {"model", request.model}, {"recipe", request.recipe}, {"data", request.data}, {"device", request.device}, {"seed", request.seed}};
    json["to"] = request.to;
    json["file"] = request.file;
    json["verify"] = request.verify;
    json["python"] = request.python;
    json["history"] = request.history ? Json(*request.history) : Json(nullptr);
    return json;
}

Json toJson(const CancelRequest& request) { return {{"id", request.id}}; }

base::Result<OpenRequest> openRequestFromJson(const Json& json) {
    const JsonReader in = reader(json);
    OpenRequest request;
    request.file = in["file"].text();
    request.data = optionalText(in, "data");
    if (in.has("recipe")) request.recipe = in["recipe"].object();
    return finish(in, std::move(request));
}

base::Result<CloseRequest> closeRequestFromJson(const Json& json) {
    const JsonReader in = reader(json);
    return finish(in, CloseRequest{readModel(in)});
}

base::Result<PreviewRequest> previewRequestFromJson(const Json& json) {
    const JsonReader in = reader(json);
    PreviewRequest request;
    request.model = readModel(in);
    request.recipe = in["recipe"].object();
    return finish(in, std::move(request));
}

base::Result<DrawingRequest> drawingRequestFromJson(const Json& json) {
    const JsonReader in = reader(json);
    DrawingRequest request;
    request.model = readModel(in);
    request.recipe = in["recipe"].object();
    request.step = readStep(in);
    if (in.has("open")) request.open = readOpen(in["open"]);
    return finish(in, std::move(request));
}

base::Result<FindRequest> findRequestFromJson(const Json& json) {
    const JsonReader in = reader(json);
    FindRequest request;
    request.model = readModel(in);
    request.recipe = in["recipe"].object();
    request.step = readStep(in);
    request.text = in["text"].text(4096);
    return finish(in, std::move(request));
}

base::Result<WeightsRequest> weightsRequestFromJson(const Json& json) {
    const JsonReader in = reader(json);
    WeightsRequest request;
    request.model = readModel(in);
    request.recipe = in["recipe"].object();
    request.layer = in["layer"].text();
    if (in.has("bins")) request.bins = static_cast<int>(in["bins"].integer(1, 4096));
    return finish(in, std::move(request));
}

base::Result<SamplesRequest> samplesRequestFromJson(const Json& json) {
    const JsonReader in = reader(json);
    SamplesRequest request;
    request.data = in["data"].text();
    request.recipe = in["recipe"].object();
    request.first = in["first"].integer(0);
    request.count = static_cast<int>(in["count"].integer(1, 64));
    if (in.has("model")) request.model = readModel(in);
    return finish(in, std::move(request));
}

base::Result<RunRequest> runRequestFromJson(const Json& json) {
    const JsonReader in = reader(json);
    RunRequest request;
    request.model = readModel(in);
    request.recipe = in["recipe"].object();
    request.data = in["data"].text();
    request.device = optionalText(in, "device", "cpu");
    if (in.has("threads")) request.threads = static_cast<int>(in["threads"].integer(0, 4096));
    request.seed = readSeed(in);
    if (in.has("history")) request.history = in["history"].text();
    request.name = optionalText(in, "name");
    if (in.has("tags")) request.tags = in["tags"].texts(1000);
    return finish(in, std::move(request));
}

base::Result<MeasureRequest> measureRequestFromJson(const Json& json) {
    const JsonReader in = reader(json);
    MeasureRequest request;
    request.history = in["history"].text();
    request.run = in["run"].text();
    request.data = optionalText(in, "data");
    return finish(in, std::move(request));
}

base::Result<ExportRequest> exportRequestFromJson(const Json& json) {
    const JsonReader in = reader(json);
    ExportRequest request;
    request.model = readModel(in);
    request.recipe = in["recipe"].object();
    request.data = optionalText(in, "data");
    request.device = optionalText(in, "device", "cpu");
    request.seed = readSeed(in);
    request.to = readFormat(in["to"]);
    request.file = in["file"].text();
    if (in.has("verify")) request.verify = in["verify"].boolean();
    request.python = optionalText(in, "python");
    if (in.has("history")) request.history = in["history"].text();
    return finish(in, std::move(request));
}

base::Result<CancelRequest> cancelRequestFromJson(const Json& json) {
    const JsonReader in = reader(json);
    return finish(in, CancelRequest{in["id"].integer()});
}

} // namespace lathe::client

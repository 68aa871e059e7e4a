#include <core/engine/model_requests.h>

#include <algorithm>
#include <thread>

#include <torch/version.h>

#include <core/base/files.h>
#include <core/base/sandbox.h>
#include <core/data/dataset.h>
#include <core/data/model_fit.h>
#include <core/engine/comparison.h>
#include <core/engine/export_model.h>
#include <core/engine/inspection.h>
#include <core/engine/measure_again.h>
#include <core/engine/open_model.h>
#include <core/engine/sample_views.h>
#include <core/graph/layers.h>
#include <core/layout/drawing.h>
#include <core/layout/node_search.h>
#include <core/measure/machine.h>
#include <core/report/run_json.h>
#include <core/steps/step_table.h>

namespace lathe::engine {

namespace {

/// Validates a recipe that came as an object of a request.
base::Result<recipe::Recipe> recipeFrom(const base::Json& json) { return recipe::parse(json.dump()); }

const char* kindName(data::DataKind kind) {
    switch (kind) {
    case data::DataKind::Images:
        return "images";
    case data::DataKind::Sound:
        return "sound";
    case data::DataKind::Table:
        return "table";
    case data::DataKind::Arrays:
        break;
    }
    return "arrays";
}

std::vector<tensor::Shape> inputShapes(const graph::Graph& graph) {
    std::vector<tensor::Shape> shapes;
    for (const graph::ValueId id : graph.main.inputs) {
        tensor::Shape shape;
        if (const auto& known = graph.value(id).shape) {
            for (const graph::Dim& dim : *known)
                shape.push_back(dim.size);
        }
        shapes.push_back(std::move(shape));
    }
    return shapes;
}

} // namespace

base::Result<base::Json> ModelRequests::hello() const {
    client::HelloReply reply;
    reply.version = LATHE_VERSION;
    reply.torch = TORCH_VERSION;
    reply.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    for (const runtime::DeviceInfo& info : runtime::availableDevices()) {
        reply.devices.push_back({runtime::text(info.device), info.name, info.detail, info.memoryBytes});
    }
    reply.cpu = reply.devices.front().name;
    reply.cpuDetail = reply.devices.front().detail;
    measure::NoiseWatch watch;
    std::this_thread::sleep_for(std::chrono::milliseconds(100)); // what a share of CPU time needs to mean something
    reply.noise = measure::NoiseWatch::level(watch.read());
    reply.isolation = base::name(base::availableIsolation());
    for (const data::BuiltinDataset& entry : data::builtinDatasets())
        reply.data.push_back({entry.name, entry.description, entry.isAvailable, entry.shape});
    reply.steps = steps::stepSpecs();
    return client::toJson(reply);
}

base::Result<base::Json> ModelRequests::open(const client::OpenRequest& request, const base::Job& job) {
    job.report({.phase = "open", .step = 1, .steps = 2});
    // A model that this data does not fit can still be looked at; running it says what is wrong.
    const base::Result<recipe::Recipe> recipe = request.recipe.is_null() ? recipe::Recipe{} : recipeFrom(request.recipe);
    if (!recipe) return forward(recipe);
    auto read = openModel({.file = request.file, .data = request.data, .preprocessing = recipe->preprocessing}, job);
    if (!read) return forward(read);
    formats::OpenedModel* const opened = &read->model;
    job.report({.phase = "layers", .step = 2, .steps = 2});

    client::OpenReply reply;
    reply.file = request.file;
    reply.name = opened->graph.name;
    reply.sha256 = opened->sha256;
    reply.format = opened->report.format;
    reply.fileBytes = opened->fileBytes;
    reply.parameters = graph::parameterCount(opened->graph);
    const graph::MacCount macs = graph::macsPerSample(opened->graph);
    reply.macs = macs.known;
    reply.macsUnknownLayers = macs.unknownLayers;
    reply.weightBytes = weightBytes(opened->graph);
    reply.inputShapes = inputShapes(opened->graph);
    reply.report = inspectReport(*opened);
    if (job.isCancelled()) return base::Job::cancelled();
    reply.drawing = layout::drawing(opened->graph, {graph::OpenModules::Kind::Fitting});
    if (job.isCancelled()) return base::Job::cancelled();
    reply.layers = layerInfos(opened->graph, job);
    reply.groups = groupLayers(reply.layers, opened->graph, job);
    // Whoever cancels does not know the handle, and could not close it.
    if (job.isCancelled()) return base::Job::cancelled();

    const std::scoped_lock lock(m_mutex);
    reply.model = ++m_lastHandle;
    m_models.emplace(reply.model, std::make_shared<const OpenModel>(OpenModel{request.file, std::move(*opened)}));
    return client::toJson(reply);
}

base::Result<base::Json> ModelRequests::close(const client::CloseRequest& request) {
    m_stages.forget(known(request.model).model + "\n");
    const std::scoped_lock lock(m_mutex);
    if (m_models.erase(request.model) == 0) return base::failure(base::ErrorCode::NotFound, {"model.isNotOpen", {}});
    return base::Json::object();
}

base::Result<std::shared_ptr<const ModelRequests::OpenModel>> ModelRequests::model(client::ModelHandle handle) const {
    const std::scoped_lock lock(m_mutex);
    const auto found = m_models.find(handle);
    if (found == m_models.end()) return base::failure(base::ErrorCode::NotFound, {"model.isNotOpen", {}});
    return found->second;
}

KnownStages ModelRequests::known(client::ModelHandle handle) const { return {&m_stages, "model " + std::to_string(handle)}; }

base::Result<base::Json> ModelRequests::preview(const client::PreviewRequest& request, const base::Job& job) const {
    const auto opened = model(request.model);
    if (!opened) return forward(opened);
    const auto recipe = recipeFrom(request.recipe);
    if (!recipe) return forward(recipe);
    const client::PreviewReply reply = engine::preview((*opened)->model.graph, *recipe, job, known(request.model));
    if (job.isCancelled()) return base::Job::cancelled();
    return client::toJson(reply);
}

base::Result<graph::Graph> ModelRequests::stage(client::ModelHandle handle, const base::Json& recipe, int step,
                                                const base::Job& job) const {
    const auto opened = model(handle);
    if (!opened) return forward(opened);
    const auto steps = recipeFrom(recipe);
    if (!steps) return forward(steps);
    auto graph = graphAfter((*opened)->model.graph, *steps, step, job, known(handle));
    if (graph && job.isCancelled()) return base::Job::cancelled();
    return graph;
}

base::Result<base::Json> ModelRequests::drawing(const client::DrawingRequest& request, const base::Job& job) const {
    const auto graph = stage(request.model, request.recipe, request.step, job);
    if (!graph) return forward(graph);
    const client::DrawingReply reply{layout::drawing(*graph, request.open)};
    if (job.isCancelled()) return base::Job::cancelled();
    return client::toJson(reply);
}

base::Result<base::Json> ModelRequests::find(const client::FindRequest& request, const base::Job& job) const {
    const auto graph = stage(request.model, request.recipe, request.step, job);
    if (!graph) return forward(graph);
    client::FindReply reply;
    const layout::NodeSearch search(request.text);
    for (const layout::DrawNode& node : layout::drawing(*graph).nodes) {
        if (job.isCancelled()) return base::Job::cancelled();
        if (!search.finds(node)) continue;
        if (reply.nodes.size() < client::maxFound) reply.nodes.push_back(node.id);
        ++reply.count;
    }
    return client::toJson(reply);
}

base::Result<base::Json> ModelRequests::weights(const client::WeightsRequest& request, const base::Job& job) const {
    const auto opened = model(request.model);
    if (!opened) return forward(opened);
    const auto recipe = recipeFrom(request.recipe);
    if (!recipe) return forward(recipe);
    const auto reply = engine::weights((*opened)->model.graph, *recipe, request.layer, request.bins, job, known(request.model));
    if (job.isCancelled()) return base::Job::cancelled();
    if (!reply) return forward(reply);
    return client::toJson(*reply);
}

base::Result<base::Json> ModelRequests::samples(const client::SamplesRequest& request, const base::Job& job) const {
    job.report({.phase = "samples"});
    const auto recipe = recipeFrom(request.recipe);
    if (!recipe) return forward(recipe);
    base::Result<std::shared_ptr<const data::Dataset>> dataset = nullptr;
    if (request.model != 0) {
        const auto opened = model(request.model);
        if (!opened) return forward(opened);
        dataset = data::openFor((*opened)->model.graph, request.data, recipe->preprocessing);
    } else {
        dataset = data::openDataset(request.data, recipe->preprocessing);
    }
    if (!dataset) return forward(dataset);
    client::SamplesReply reply = sampleViews(**dataset, request.first, request.count);
    reply.kind = kindName(data::dataKind(request.data));
    return client::toJson(reply);
}

base::Result<base::Json> ModelRequests::run(const client::RunRequest& request, const base::Job& job) const {
    const auto opened = model(request.model);
    if (!opened) return forward(opened);
    auto recipe = recipeFrom(request.recipe);
    if (!recipe) return forward(recipe);
    const auto device = runtime::parseDevice(request.device);
    if (!device) return forward(device);
    ComparisonRequest comparison;
    comparison.modelFile = (*opened)->file;
    comparison.recipe = std::move(*recipe);
    comparison.data = request.data;
    comparison.device = *device;
    comparison.threads = request.threads;
    comparison.seed = request.seed;
    if (request.history) comparison.history = *request.history;
    comparison.name = request.name;
    comparison.tags = request.tags;
    comparison.stages = &m_stages;
    const auto document = runComparison(comparison, (*opened)->model, job);
    if (!document) return forward(document);
    return report::toJson(*document, report::Detail::RawSamples);
}

base::Result<base::Json> ModelRequests::measure(const client::MeasureRequest& request, const base::Job& job) const {
    const auto document = measureAgain({request.history, request.run, request.data}, job);
    if (!document) return forward(document);
    return report::toJson(*document, report::Detail::RawSamples);
}

base::Result<base::Json> ModelRequests::exportModel(const client::ExportRequest& request, const base::Job& job) const {
    const auto opened = model(request.model);
    if (!opened) return forward(opened);
    auto recipe = recipeFrom(request.recipe);
    if (!recipe) return forward(recipe);
    const auto device = runtime::parseDevice(request.device);
    if (!device) return forward(device);
    ModelExportRequest wanted;
    wanted.file = request.file;
    wanted.to = request.to;
    wanted.modelFile = (*opened)->file;
    wanted.recipe = std::move(*recipe);
    wanted.data = request.data;
    wanted.device = *device;
    wanted.seed = request.seed;
    wanted.verification = request.verify ? Verification::Run : Verification::Skip;
    wanted.python = request.python;
    wanted.stages = &m_stages;
    if (request.history) wanted.history = *request.history;
    const auto reply = engine::exportModel(wanted, (*opened)->model, job);
    if (!reply) return forward(reply);
    return client::toJson(*reply);
}

} // namespace lathe::engine

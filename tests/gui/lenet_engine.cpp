#include <tests/gui/lenet_engine.h>

#include <cmath>

#include <core/base/files.h>
#include <core/client/requests.h>
#include <core/client/rpc.h>
#include <core/graph/layers.h>
#include <core/history/step_curve.h>
#include <core/layout/node_search.h>
#include <core/report/run_json.h>
#include <core/steps/step_table.h>
#include <tests/support/transformer.h>

namespace lathe::views::test {

namespace {

const steps::Step* findStep(const recipe::Recipe& recipe, std::string_view prefix) {
    for (const steps::Step& step : recipe.steps) {
        if (step.enabled && step.op.starts_with(prefix)) return &step;
    }
    return nullptr;
}

int stepOf(const recipe::Recipe& recipe, const steps::Step* step) { return static_cast<int>(step - recipe.steps.data()); }

std::vector<client::LayerInfo> layersOfBlocks() {
    std::vector<client::LayerInfo> layers;
    for (const graph::Layer& layer : graph::layers(LenetEngine::blocks())) {
        client::LayerInfo& info = layers.emplace_back();
        info.name = layer.name;
        info.op = layer.op;
        info.weightShape = layer.weightShape;
        info.parameters = layer.parameters;
        info.bits = 32;
    }
    return layers;
}

base::Message lastKeepsItsChannels() {
    const base::Message reason("prune.isOutput", {{"node", "output"}});
    return {"prune.keepsChannels", {{"layer", "fc3"}, {"channels", 10}, {"reason", reason}}};
}

struct Shape {
    const char* name;
    const char* op;
    tensor::Shape weight;
    std::int64_t positions; ///< how often each weight is used for one sample
};
const std::vector<Shape>& shapes() {
    static const std::vector<Shape> all{{"conv1", "aten::conv2d", {6, 1, 5, 5}, 784},
                                        {"conv2", "aten::conv2d", {16, 6, 5, 5}, 100},
                                        {"fc1", "aten::linear", {120, 400}, 1},
                                        {"fc2", "aten::linear", {84, 120}, 1},
                                        {"fc3", "aten::linear", {10, 84}, 1}};
    return all;
}

std::vector<client::LayerInfo> layers(const recipe::Recipe& recipe) {
    const steps::Step* prune = findStep(recipe, "prune.structured");
    const steps::Step* quantize = findStep(recipe, "quantize.");
    std::vector<client::LayerInfo> layers;
    for (std::size_t index = 0; index < shapes().size(); ++index) {
        const Shape& shape = shapes()[index];
        client::LayerInfo layer;
        layer.name = shape.name;
        layer.op = shape.op;
        layer.weightShape = shape.weight;
        const bool isLast = index + 1 == shapes().size();
        if (prune && !isLast && prune->parameter("skip", layer.name) != true) {
            const double kept = 1 - prune->parameter("ratio", layer.name).get<double>();
            layer.weightShape[0] = std::max<std::int64_t>(1, std::llround(static_cast<double>(layer.weightShape[0]) * kept));
        }
        if (!isLast) layer.group = static_cast<int>(index);
        const std::int64_t weights = tensor::elementCount(layer.weightShape);
        layer.parameters = weights + layer.weightShape[0];
        layer.macs = weights * shape.positions;
        if (prune) layer.lossParts.pruned = 0.5 * static_cast<double>(index + 1);
        if (quantize && quantize->parameter("keep", layer.name) != "float") {
            layer.bits = quantize->parameter("weights.bits", layer.name).get<int>();
            layer.lossParts.weights = 0.01 * static_cast<double>(index + 1) * std::pow(4.0, 8 - layer.bits);
            layer.sqnrDb = 6.02 * layer.bits - 4 - static_cast<double>(index);
        }
        if (prune || layer.bits < 32) layer.loss = layer.lossParts.pruned.value_or(0) + layer.lossParts.weights.value_or(0);
        layer.keepFloat = quantize && layer.bits == 32;
        if (prune && isLast) layer.notes = {{stepOf(recipe, prune), lastKeepsItsChannels()}};
        layers.push_back(layer);
    }
    return layers;
}

std::vector<client::LayerGroup> groups() {
    std::vector<client::LayerGroup> groups;
    for (std::size_t index = 0; index + 1 < shapes().size(); ++index)
        groups.push_back({shapes()[index].name, shapes()[index + 1].name});
    return groups;
}

std::int64_t parametersOf(const std::vector<client::LayerInfo>& layers) {
    std::int64_t sum = 0;
    for (const client::LayerInfo& layer : layers)
        sum += layer.parameters;
    return sum;
}
std::int64_t macsOf(const std::vector<client::LayerInfo>& layers) {
    std::int64_t sum = 0;
    for (const client::LayerInfo& layer : layers)
        sum += layer.macs.value_or(0);
    return sum;
}

recipe::Recipe firstSteps(recipe::Recipe recipe, std::size_t count) {
    recipe.steps.resize(std::min(count, recipe.steps.size()));
    return recipe;
}

} // namespace

client::HelloReply LenetEngine::hello() {
    client::HelloReply reply;
    reply.version = "0.1.0";
    reply.torch = "2.11.0";
    reply.cpu = "AMD EPYC";
    reply.cpuDetail = "AVX2";
    reply.threads = 2;
    reply.devices = {{"cpu", "AMD EPYC", "AVX2", std::int64_t{16} << 30}};
    reply.data = {{"fashion-mnist", "Fashion-MNIST: 70,000 pictures of clothing", true, {1, 32, 32}}};
    reply.steps = steps::stepSpecs();
    return reply;
}

client::OpenReply LenetEngine::open(const std::string& file, client::ModelHandle handle) {
    client::OpenReply reply;
    reply.model = handle;
    reply.file = file;
    reply.name = "lenet5";
    // Of the sample the one that its runs have.
    reply.sha256 = file.find("lenet5") != std::string::npos ? std::string(64, 'a') : base::sha256(file);
    reply.format = "torchscript";
    reply.fileBytes = 251'000;
    reply.layers = layers({});
    reply.groups = groups();
    reply.parameters = parametersOf(reply.layers);
    reply.macs = macsOf(reply.layers);
    reply.weightBytes = reply.parameters * 4;
    reply.inputShapes = {{1, 1, 32, 32}};
    reply.report.format = "torchscript";
    reply.report.inputs = {"x: float32[1,1,32,32]"};
    reply.report.nodes = 12;
    reply.report.parameters = reply.parameters;
    reply.report.macs = reply.macs;
    reply.report.operators = {{"aten::conv2d", 2, true}, {"aten::linear", 3, true}};
    reply.drawing = drawing({}, -1);
    return reply;
}

client::PreviewReply LenetEngine::preview(const recipe::Recipe& recipe) {
    client::PreviewReply reply;
    for (std::size_t index = 0; index < recipe.steps.size(); ++index) {
        if (!recipe.steps[index].enabled) continue;
        const std::vector<client::LayerInfo> now = layers(firstSteps(recipe, index + 1));
        client::StageInfo stage;
        stage.step = static_cast<int>(index);
        stage.op = recipe.steps[index].op;
        stage.parameters = parametersOf(now);
        stage.macs = macsOf(now);
        for (const client::LayerInfo& layer : now) {
            stage.weightBytes += layer.parameters * layer.bits / 8;
            if (layer.loss) stage.lossTotal = stage.lossTotal.value_or(0) + *layer.loss;
            if (layer.lossParts.pruned) stage.lossParts.pruned = stage.lossParts.pruned.value_or(0) + *layer.lossParts.pruned;
            if (layer.lossParts.weights) stage.lossParts.weights = stage.lossParts.weights.value_or(0) + *layer.lossParts.weights;
        }
        stage.changed = true;
        if (stage.op == "fuse.conv_bn") {
            stage.changed = false;
            stage.warnings = {"Nothing to fold: no batch normalization stands directly behind a convolution or linear layer of its own."};
        }
        if (stage.op == "prune.structured") stage.notes = {lastKeepsItsChannels()};
        reply.stages.push_back(stage);
    }
    reply.layers = layers(recipe);
    reply.groups = groups();
    return reply;
}

const graph::Graph& LenetEngine::blocks() {
    static const graph::Graph graph = support::transformer(131);
    return graph;
}

layout::Drawing LenetEngine::drawing(const recipe::Recipe& recipe, int stepsApplied) {
    const recipe::Recipe applied = stepsApplied < 0 ? recipe::Recipe{} : firstSteps(recipe, static_cast<std::size_t>(stepsApplied));
    const bool isFused = findStep(applied, "fuse.") != nullptr;
    const std::vector<client::LayerInfo> now = layers(applied);
    layout::Drawing drawing;
    drawing.name = "lenet5";
    const auto add = [&](layout::DrawNode node) {
        if (!drawing.nodes.empty()) drawing.edges.push_back({drawing.nodes.back().id, node.id, drawing.nodes.back().shape});
        drawing.nodes.push_back(std::move(node));
    };
    layout::DrawNode input;
    input.id = "input:x";
    input.label = "x";
    input.op = "input";
    input.shape = "1x1x32x32";
    input.dtype = "float32";
    add(input);
    const char* outputs[] = {"1x6x28x28", "1x16x10x10", "1x120", "1x84", "1x10"};
    for (std::size_t index = 0; index < now.size(); ++index) {
        const client::LayerInfo& layer = now[index];
        const bool isConvolution = index < 2, isLast = index + 1 == now.size();
        layout::DrawNode node;
        node.id = node.label = node.scope = layer.name;
        node.op = layer.op;
        node.source = "lenet5.py:" + std::to_string(20 + index);
        node.shape = outputs[index];
        node.dtype = layer.bits < 32 ? "int8" : "float32";
        node.detail =
            std::string(isConvolution ? "conv2d" : "linear") + (isFused && !isLast ? " + relu" : "") + (isConvolution ? " · 5×5" : "");
        node.parameters = layer.parameters;
        node.macs = layer.macs.value_or(0);
        node.isLayer = true;
        add(node);
        if (isLast) break;
        layout::DrawNode follower;
        follower.shape = node.shape;
        follower.dtype = node.dtype;
        if (!isFused) {
            follower.id = follower.label = "relu" + std::to_string(index + 1);
            follower.op = "aten::relu";
            follower.detail = "relu";
            add(follower);
        }
        if (!isConvolution) continue;
        follower.id = follower.label = "pool" + std::to_string(index + 1);
        follower.op = "aten::max_pool2d";
        follower.detail = "max_pool2d · 2×2";
        follower.shape = index == 0 ? "1x6x14x14" : "1x16x5x5";
        add(follower);
        if (index == 0) continue;
        follower.id = follower.label = "flatten";
        follower.op = "aten::flatten";
        follower.detail = "flatten";
        follower.shape = "1x400";
        add(follower);
    }
    layout::DrawNode output;
    output.id = "output:0";
    output.label = "output";
    output.op = "output";
    output.shape = "1x10";
    output.dtype = "float32";
    add(output);
    return drawing;
}

client::WeightsReply LenetEngine::weights(const recipe::Recipe& recipe, const std::string& layer, int bins) {
    client::WeightsReply reply;
    reply.layer = layer;
    reply.shape = {16, 6, 5, 5};
    reply.count = 2400;
    reply.minimum = -0.42;
    reply.maximum = 0.47;
    reply.stddev = 0.11;
    reply.histogram.from = reply.minimum;
    reply.histogram.to = reply.maximum;
    for (int bin = 0; bin < bins; ++bin) {
        const double x = (bin + 0.5) / bins * 6 - 3;
        reply.histogram.counts.push_back(std::llround(150 * std::exp(-x * x / 1.4)));
    }
    reply.channels = {{reply.minimum, reply.maximum}};
    if (findStep(recipe, "share.codebook") != nullptr) reply.codebook = client::CodebookInfo{2, 1, {-0.3, -0.1, 0.1, 0.3}};
    if (const steps::Step* factorize = findStep(recipe, "factorize")) {
        client::SpectrumInfo spectrum{stepOf(recipe, factorize), 2, {4, 1, 2400, 240'000}, {}};
        if (factorize->parameter("target", layer) == "rank") spectrum.rank = factorize->parameter("rank", layer).get<std::int64_t>();
        for (std::int64_t rank = 1; rank <= 4; ++rank)
            spectrum.points.push_back({rank, 1 - std::pow(0.5, rank), 700 * rank, 70'000 * rank});
        reply.spectrum = spectrum;
    }
    return reply;
}

measure::RunDocument LenetEngine::run(const recipe::Recipe& recipe) {
    measure::RunDocument run;
    run.modelFile = "lenet5.pt";
    run.modelSha256 = std::string(64, 'a');
    run.modelFormat = "torchscript";
    run.dataName = "fashion-mnist";
    run.dataSamples = 10'000;
    run.recipeJson = recipe::write(recipe);
    run.baseline.quality.samples = run.optimized.quality.samples = 10'000;
    run.baseline.quality.accuracy = 0.9110;
    run.optimized.quality.accuracy = 0.9081;
    run.baseline.latency.p50 = 0.118;
    run.optimized.latency.p50 = 0.035;
    run.baseline.fileBytes = 251'000;
    run.optimized.fileBytes = 41'000;
    for (const client::LayerInfo& layer : layers(recipe)) {
        measure::LayerResult result;
        result.name = layer.name;
        result.op = layer.op;
        result.kernel = layer.bits < 32 ? "FBGEMM int8" : "oneDNN float32";
        result.p50Us = 2 + static_cast<double>(layer.macs.value_or(0)) / 50'000;
        result.bits = layer.bits;
        result.macs = layer.macs;
        result.parameters = layer.parameters;
        result.loss = layer.loss;
        result.lossParts = layer.lossParts;
        if (layer.name == "conv1") result.covers = {"relu1"};
        if (layer.bits < 32) result.activationsSqnrDb = 31.5;
        run.optimized.layers.push_back(result);
        if (layer.name != "conv1" && layer.name != "conv2") continue;
        // An operator without weights takes time too.
        measure::LayerResult pool;
        pool.name = layer.name == "conv1" ? "pool1" : "pool2";
        pool.op = "aten::max_pool2d";
        pool.kernel = "ATen max_pool2d";
        pool.p50Us = 2.5;
        run.optimized.layers.push_back(pool);
    }
    run.baseline.layers = run.optimized.layers;
    for (measure::LayerResult& layer : run.baseline.layers)
        layer.p50Us = *layer.p50Us * 3;
    for (const steps::Step& step : recipe.steps) {
        if (!step.enabled) continue;
        measure::StepResult result;
        result.op = step.op;
        result.seconds = 0.5;
        if (step.op == "finetune") history::setCurve(result, {{0.8, 0.5, 0.4}, {0.1, 0.05, 0.001}, {0.7, 0.6, 0.55}, {0.75, 0.8, 0.825}});
        run.steps.push_back(result);
    }
    run.comparison.accuracyDrop = 0.0029;
    run.comparison.agreement = 0.985;
    run.comparison.sizeRatio = 6.1;
    run.comparison.speedup = {3.37, 3.31, 3.42, measure::Verdict::Faster, "", "Lathe's FP32 plan"};
    return run;
}

client::SamplesReply LenetEngine::samples(std::int64_t first) {
    constexpr std::int64_t all = 14;
    client::SamplesReply reply{"fashion-mnist", "float32", {1, 32, 32}, {"shirt", "<b>boot</b>"}, 100, all, {}, "images"};
    for (std::int64_t at = first; at < std::min(first + 12, all); ++at) {
        client::SampleView view{at % 2, 0, 1, {1, 32, 32}, std::vector<std::int64_t>(1024)};
        view.levels[1] = 255;
        reply.samples.push_back(std::move(view));
    }
    return reply;
}

std::string LenetEngine::answer(const std::string& requestText) {
    const auto message = client::parseMessage(requestText);
    if (!message || !message->id) return {};
    const base::Json& parameters = message->content;
    const auto recipeOf = [&] { return recipe::parse(parameters.at("recipe").dump()); };
    base::Json result = base::Json::object();
    if (message->method == client::method::hello) {
        result = client::toJson(hello());
    } else if (message->method == client::method::open) {
        const std::string file = parameters.at("file").get<std::string>();
        if (file.find("broken") != std::string::npos) {
            return client::errorText(
                message->id,
                {client::rpc_code::failed,
                 {base::ErrorCode::Rejected, file + " is not a TorchScript file: it is not a zip archive.", {"while reading " + file}}});
        }
        client::OpenReply reply = open(file, ++m_lastHandle);
        m_hasBlocks = file.find("transformer") != std::string::npos;
        if (m_hasBlocks) {
            reply.name = "transformer";
            reply.drawing = layout::drawing(blocks(), {graph::OpenModules::Kind::Chosen, {}});
            reply.layers = layersOfBlocks();
            reply.groups.clear();
        }
        // As a trace does: its shapes are only known with data.
        if (file.find("traced") != std::string::npos && !parameters.contains("data")) reply.inputShapes = {{}};
        result = client::toJson(reply);
    } else if (parameters.contains("recipe") && !recipeOf()) {
        return client::errorText(message->id, {client::rpc_code::failed, recipeOf().error()});
    } else if (message->method == client::method::preview) {
        client::PreviewReply reply = preview(*recipeOf());
        if (m_hasBlocks) {
            reply.layers = layersOfBlocks();
            reply.groups.clear();
        }
        result = client::toJson(reply);
    } else if (message->method == client::method::drawing) {
        const auto request = client::drawingRequestFromJson(parameters);
        result = client::toJson(
            client::DrawingReply{m_hasBlocks ? layout::drawing(blocks(), request->open) : drawing(*recipeOf(), request->step)});
    } else if (message->method == client::method::find) {
        const layout::NodeSearch search(client::findRequestFromJson(parameters)->text);
        client::FindReply reply;
        for (const layout::DrawNode& node : layout::drawing(blocks()).nodes)
            if (search.finds(node)) reply.nodes.push_back(node.id);
        reply.count = static_cast<std::int64_t>(reply.nodes.size());
        result = client::toJson(reply);
    } else if (message->method == client::method::weights) {
        result = client::toJson(weights(*recipeOf(), parameters.at("layer").get<std::string>(), parameters.at("bins").get<int>()));
    } else if (message->method == client::method::samples) {
        const std::string data = parameters.at("data").get<std::string>();
        if (data == "broken") {
            return client::errorText(message->id, {client::rpc_code::failed,
                                                   {base::ErrorCode::NotFound, "There is no data set, folder or file \"broken\".", {}}});
        }
        result = client::toJson(samples(parameters.at("first").get<std::int64_t>()));
    } else if (message->method == client::method::run) {
        result = report::toJson(run(*recipeOf()));
    } else if (message->method == client::method::measure) {
        result = report::toJson(run({}));
    } else if (message->method == client::method::exportModel) {
        client::ExportReply reply;
        reply.file = parameters.at("file").get<std::string>();
        reply.bytes = 41'000;
        reply.originalBytes = 250'100;
        reply.checks = {{"libtorch", "2.11.0", history::ExportVerdict::Same, 1e-6, 1e-7, 1.0, 4.2, ""}};
        if (!parameters.at("python").get<std::string>().empty())
            reply.checks.push_back({"torch", "2.11.0", history::ExportVerdict::Same, 1e-6, 1e-7, 1.0, 9.5, ""});
        result = client::toJson(reply);
    }
    return client::resultText(*message->id, result);
}

} // namespace lathe::views::test

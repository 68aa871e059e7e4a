#include <core/engine/export_model.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>

#include <torch/script.h>

#include <core/base/child_process.h>
#include <core/base/files.h>
#include <core/data/model_fit.h>
#include <core/data/npz.h>
#include <core/engine/batch_symbol.h>
#include <core/engine/comparison.h>
#include <core/engine/model_measurement_torch.h>
#include <core/engine/recipe_runner.h>
#include <core/formats/content_kind.h>
#include <core/graph/layers.h>

namespace lathe::engine {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t checkedSamples = 512;
constexpr double requiredAgreement = 0.99;
/// Of the largest output: two or three steps of eight-bit rounding. So close, another top-1 only tells that two classes were a tie.
constexpr double negligibleError = 0.01;

struct Outputs {
    tensor::Tensor values;
    double loadMs = 0;
};

/// The outputs that a new process gets from the file.
base::Result<Outputs> outputsInNewProcess(const fs::path& file, std::span<const c10::IValue> batch, const base::Job& job) {
    const base::TemporaryFolder scratch;
    const fs::path inputs = scratch.path() / "input.npz";
    const fs::path outputs = scratch.path() / "output.npz";
    std::map<std::string, tensor::Tensor> arrays;
    for (std::size_t index = 0; index < batch.size(); ++index)
        arrays.emplace("input" + std::to_string(index), runtime::fromAten(batch[index].toTensor()));
    if (const auto written = data::writeNpz(inputs, arrays); !written) return forward(written);
    const std::vector<std::string> arguments{commandLineProgram().string(), "check-export", file.string(), inputs.string(),
                                             outputs.string()};
    const auto run = base::runChildProcess({.arguments = arguments, .input = {}, .stop = job.stop, .limitSeconds = 120});
    if (!run) return forward(run, "while checking the exported file");
    if (!run->isSuccess()) {
        const std::string reason = run->signal != 0 ? "it was ended by signal " + std::to_string(run->signal) : run->firstMessage;
        return base::failure(base::ErrorCode::Failed, "The exported file could not be checked in a new process: " + reason);
    }
    const auto answer = data::readNpz(outputs);
    if (!answer) return forward(answer, "while checking the exported file");
    const auto loadMs = answer->at("load_ms").toFloats();
    return Outputs{answer->at("output"), loadMs.empty() ? 0 : loadMs.front()};
}

std::size_t top1(std::span<const float> row) { return static_cast<std::size_t>(std::ranges::max_element(row) - row.begin()); }

client::ExportCheck compare(std::string by, const tensor::Tensor& expected, const tensor::Tensor& actual) {
    client::ExportCheck check;
    check.by = std::move(by);
    if (expected.shape() != actual.shape() || expected.shape().size() < 2) return check;
    const std::vector<float> a = expected.toFloats();
    const std::vector<float> b = actual.toFloats();
    const auto rows = static_cast<std::size_t>(expected.shape().front());
    const std::size_t columns = rows > 0 ? a.size() / rows : 0;
    double largest = 0, largestOutput = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        largest = std::max(largest, static_cast<double>(std::fabs(a[i] - b[i])));
        largestOutput = std::max(largestOutput, static_cast<double>(std::fabs(a[i])));
    }
    std::size_t equal = 0;
    for (std::size_t row = 0; row < rows && columns > 0; ++row) {
        equal += top1(std::span(a).subspan(row * columns, columns)) == top1(std::span(b).subspan(row * columns, columns)) ? 1 : 0;
    }
    const bool isFinite = std::ranges::all_of(b, [](float value) { return std::isfinite(value); });
    check.maxAbsError = largest;
    check.agreement = rows > 0 ? static_cast<double>(equal) / static_cast<double>(rows) : 1;
    check.ok = isFinite && (*check.agreement >= requiredAgreement || largest <= negligibleError * largestOutput);
    return check;
}

using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

base::Result<> writeOutputs(const fs::path& file, const at::Tensor& output, double loadMs) {
    return data::writeNpz(file, {{"output", runtime::fromAten(output)}, {"load_ms", tensor::Tensor::of<double>({1}, {loadMs})}});
}

/// With our own reader and runtime.
base::Result<> writeOutputsOfPlan(const fs::path& file, const std::vector<c10::IValue>& inputs, const fs::path& outputs) {
    const auto start = Clock::now();
    const auto model = formats::openModel(file);
    if (!model) return forward(model);
    auto plan = runtime::Plan::compile(model->graph, {});
    if (!plan) return forward(plan);
    const double loadMs = millisecondsSince(start);
    const auto output = plan->runTensor(inputs);
    if (!output) return forward(output);
    return writeOutputs(outputs, *output, loadMs);
}

base::Result<std::int64_t> write(client::ExportTarget to, const graph::Graph& graph, const fs::path& file) {
    switch (to) {
    case client::ExportTarget::ExportedProgram:
        return formats::writeExportedProgram(graph, file);
    case client::ExportTarget::Onnx:
        return formats::writeOnnx(graph, file);
    case client::ExportTarget::TorchScript:
        break;
    }
    return formats::writeTorchScript(graph, file);
}

} // namespace

base::Result<client::ExportReply> exportModel(const ModelExportRequest& request, const formats::OpenedModel& model, const base::Job& job) {
    if (const auto device = runtime::requireDevice(request.device); !device) return forward(device);
    std::vector<std::string> layerNames;
    for (const graph::Layer& layer : graph::layers(model.graph))
        layerNames.push_back(layer.name);
    if (const auto layers = recipe::checkLayers(request.recipe, layerNames); !layers) return forward(layers);

    graph::Graph original = model.graph;
    std::shared_ptr<const data::Dataset> dataset;
    if (!request.data.empty()) {
        auto opened = data::openDataset(request.data, request.recipe.preprocessing);
        if (!opened) return forward(opened);
        dataset = data::arrangedFor(std::move(*opened), model.graph);
        if (const auto shapes = annotate(original, *dataset); !shapes) return forward(shapes);
    }
    const auto stages = runRecipe(original, request.recipe, {dataset, request.device, request.seed, defaultCheckpointFolder()}, job);
    if (!stages) return forward(stages);
    graph::Graph result = stages->empty() ? original : stages->back().graph;

    job.report({.phase = "export"});
    client::ExportReply reply;
    if (request.to == client::ExportTarget::ExportedProgram && dataset) {
        if (const auto shapes = annotateWithBatchSymbol(result, *dataset); !shapes) return forward(shapes);
    }
    const auto bytes = write(request.to, result, request.file);
    if (!bytes) return forward(bytes);
    reply.file = request.file.string();
    reply.bytes = *bytes;
    reply.sizeRatio = *bytes > 0 ? static_cast<double>(model.fileBytes) / static_cast<double>(*bytes) : 0;
    if (request.verification == Verification::Skip || !dataset) return reply;

    job.report({.phase = "verify"});
    const std::vector<c10::IValue> inputs = testBatch(*dataset, {}, checkedSamples);
    const auto there = outputsInNewProcess(request.file, inputs, job);
    if (!there) return forward(there);
    auto plan = runtime::Plan::compile(result, {});
    if (!plan) return forward(plan);
    const auto here = plan->runTensor(inputs);
    if (!here) return forward(here);
    reply.loadMs = there->loadMs;
    const bool isTorchScript = request.to == client::ExportTarget::TorchScript;
    reply.checks.push_back(compare(isTorchScript ? "libtorch" : "lathe", runtime::fromAten(*here), there->values));
    return reply;
}

base::Result<> writeOutputsOfExport(const fs::path& file, const fs::path& inputs, const fs::path& outputs) {
    const auto arrays = data::readNpz(inputs);
    if (!arrays) return forward(arrays);
    std::vector<c10::IValue> batch;
    for (auto found = arrays->find("input0"); found != arrays->end(); found = arrays->find("input" + std::to_string(batch.size())))
        batch.emplace_back(runtime::toAten(found->second));
    if (batch.empty()) return base::failure(base::ErrorCode::Rejected, "The input file has no array \"input0\".");
    const auto start = Clock::now();
    const auto kind = formats::detectContent(file);
    if (!kind) return forward(kind);
    if (*kind != formats::ContentKind::TorchScript) return writeOutputsOfPlan(file, batch, outputs);
    try {
        const c10::InferenceMode inference;
        torch::jit::Module module = torch::jit::load(file.string());
        module.eval();
        const double loadMs = millisecondsSince(start);
        return writeOutputs(outputs, module.forward(batch).toTensor(), loadMs);
    } catch (const c10::Error& error) {
        return base::failure(base::ErrorCode::Rejected, "LibTorch cannot run the file: " + std::string(error.what_without_backtrace()));
    } catch (const std::exception& error) {
        return base::failure(base::ErrorCode::Rejected, "LibTorch cannot run the file: " + std::string(error.what()));
    }
}

fs::path commandLineProgram() {
    if (const char* chosen = std::getenv("LATHE_CLI"); chosen != nullptr && *chosen != '\0') return chosen;
    std::error_code ignored; // then the name is looked up in PATH
    const fs::path self = fs::read_symlink("/proc/self/exe", ignored);
    if (self.filename() == "lathe-cli") return self;
    const fs::path beside = self.parent_path() / "lathe-cli";
    return fs::exists(beside, ignored) ? beside : fs::path("lathe-cli");
}

} // namespace lathe::engine

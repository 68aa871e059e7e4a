#include <core/engine/export_judges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <map>

#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/version.h>

#include <core/base/child_process.h>
#include <core/base/files.h>
#include <core/base/json_reader.h>
#include <core/data/npz.h>
#include <core/data/resource_folder.h>
#include <core/engine/model_measurement_torch.h>
#include <core/formats/content_kind.h>
#include <core/formats/format_table.h>
#include <core/formats/model_file.h>
#include <core/graph/layer_weight.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/quantization.h>
#include <core/measure/detection_match.h>
#include <core/measure/quality.h>
#include <core/quantization/pair_sums.h>
#include <core/runtime/call_torch.h>

namespace lathe::engine {

namespace {

namespace fs = std::filesystem;
using history::ExportCheck;
using history::ExportVerdict;

constexpr double requiredAgreement = 0.99, requiredMatch = 0.98;
/// Of the largest output: two or three steps of eight-bit rounding. So close, another top-1 only tells that two classes were a tie.
constexpr double negligibleError = 0.01;
/// The judge that is LibTorch's interpreter.
constexpr std::string_view libtorch = "libtorch";
/// Of our own process.
constexpr double ownLimitSeconds = 120;

/// The largest of each row; nothing where the output is no row of scores for each sample.
measure::Quality predictionsOf(const tensor::Shape& shape, std::span<const float> values) {
    measure::Quality quality;
    if (shape.size() != 2 || shape[1] < 2) return quality;
    const auto columns = static_cast<std::size_t>(shape[1]);
    for (std::size_t begin = 0; begin + columns <= values.size(); begin += columns) {
        const auto row = values.subspan(begin, columns);
        quality.predictions.push_back(static_cast<std::int32_t>(std::ranges::max_element(row) - row.begin()));
    }
    return quality;
}

/// How far outputs are apart.
struct Distance {
    double largest = 0;  ///< difference
    double relative = 0; ///< the largest difference of an output, in units of its largest number
    double squares = 0;  ///< sum over all
    std::size_t numbers = 0;
    bool isFinite = true;
};

void add(Distance& distance, const std::vector<float>& expected, const std::vector<float>& actual) {
    double largest = 0, largestOutput = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        distance.squares += std::pow(static_cast<double>(expected[i]) - static_cast<double>(actual[i]), 2);
        largest = std::max(largest, static_cast<double>(std::fabs(expected[i] - actual[i])));
        largestOutput = std::max(largestOutput, static_cast<double>(std::fabs(expected[i])));
    }
    distance.numbers += expected.size();
    distance.largest = std::max(distance.largest, largest);
    if (largest > 0) distance.relative = std::max(distance.relative, largestOutput > 0 ? largest / largestOutput : largest);
    distance.isFinite = distance.isFinite && std::ranges::all_of(actual, [](float value) { return std::isfinite(value); });
}

/// Fills in how detections compare. They are no less the same in another order, and one more or less of many is no failure.
void compareDetections(const ExportTrial& trial, const measure::Detections& expected, const measure::Detections& actual,
                       ExportCheck& check) {
    const double share = measure::matchedShare(actual, expected);
    check.agreement = share;
    if (share >= requiredMatch || share >= trial.recipeMatch.value_or(1)) check.verdict = ExportVerdict::Same;
}

/// Fills in how `actual`, all outputs of the file, compares with what is expected.
void compare(const ExportTrial& trial, const std::vector<tensor::Tensor>& actual, ExportCheck& check) {
    check.verdict = ExportVerdict::Different;
    if (trial.expected.size() != actual.size()) {
        check.reason = "It has " + std::to_string(actual.size()) + " outputs, not " + std::to_string(trial.expected.size()) + ".";
        return;
    }
    const auto detections = measure::detectionsOf(trial.expected), found = measure::detectionsOf(actual);
    if (detections && found) return compareDetections(trial, *detections, *found, check);
    Distance distance;
    for (std::size_t at = 0; at < actual.size(); ++at) {
        const tensor::Tensor &expected = trial.expected[at], &given = actual[at];
        if (expected.shape() != given.shape()) {
            const std::string which =
                actual.size() == 1 ? "Its outputs have shape " : "Its output " + std::to_string(at + 1) + " has shape ";
            check.reason = which + tensor::text(given.shape()) + ", not " + tensor::text(expected.shape()) + ".";
            return;
        }
        const std::vector<float> a = expected.toFloats(), b = given.toFloats();
        add(distance, a, b);
        // Of a value, a box or a text, the largest number says nothing: that it is in the same place must not pass for the same.
        if (at == 0) check.agreement = measure::agreement(predictionsOf(expected.shape(), a), predictionsOf(expected.shape(), b));
    }
    check.maxAbsError = distance.largest;
    check.maxRelError = distance.relative;
    const bool agrees = actual.size() == 1 && check.agreement.value_or(0) >= requiredAgreement;
    if (!distance.isFinite) {
        check.reason = "Some of its outputs are not numbers (NaN or infinity).";
    } else if (agrees || distance.relative <= negligibleError ||
               std::sqrt(distance.squares / static_cast<double>(std::max<std::size_t>(1, distance.numbers))) < trial.recipeChange) {
        check.verdict = ExportVerdict::Same;
    } else if (trial.mayJudgesSaturate) {
        check.reason = "This CPU has no VNNI: integer kernels of PyTorch and ONNX Runtime saturate on 8-bit activations. Set "
                       "the integer range to \"Reduced (7 bits)\" or \"Automatic\" to keep them exact.";
    }
}

/// Quantizes activations to one grid, or chooses it.
bool quantizesPerTensor(std::string_view op) {
    return op == graph::op::quantizePerTensor || op == graph::op::quantizePerTensorDynamic || op == graph::op::chooseQparams ||
           op == graph::op::chooseQparamsSymmetric;
}

/// Input and output of one judge, removed with it.
struct Scratch {
    base::TemporaryFolder folder;
    fs::path inputs = folder.path() / "input.npz";
    fs::path outputs = folder.path() / "output.npz";
};

constexpr const char *bfloat16Ending = ".bfloat16", *samplesInCallName = "samples_in_call", *batchAxesName = "batch_axes";

/// The arrays "NAME0", "NAME1", …
std::vector<tensor::Tensor> numbered(const std::map<std::string, tensor::Tensor>& arrays, const std::string& name) {
    std::vector<tensor::Tensor> found;
    for (auto at = arrays.find(name + "0"); at != arrays.end(); at = arrays.find(name + std::to_string(found.size())))
        found.push_back(at->second);
    return found;
}

base::Result<> writeInputs(const ExportTrial& trial, const Scratch& scratch) {
    std::map<std::string, tensor::Tensor> arrays;
    for (std::size_t index = 0; index < trial.inputs.size(); ++index) {
        const bool isBFloat16 = trial.inputs[index].dtype() == tensor::DType::BFloat16; // which .npz files have not
        arrays.emplace("input" + std::to_string(index) + (isBFloat16 ? bfloat16Ending : ""), trial.inputs[index]);
    }
    arrays.emplace(samplesInCallName, tensor::Tensor::of<std::int64_t>({1}, {trial.samplesInCall}));
    std::vector<std::int64_t> axes;
    for (const graph::BatchAxis& axis : trial.batchAxes)
        axes.push_back(axis ? static_cast<std::int64_t>(*axis) : -1);
    if (!axes.empty()) arrays.emplace(batchAxesName, tensor::Tensor::of<std::int64_t>({static_cast<std::int64_t>(axes.size())}, axes));
    return data::writeNpz(scratch.inputs, arrays);
}

std::string endOf(const base::ChildProcessResult& run) {
    if (run.signal != 0) return "it was ended by signal " + std::to_string(run.signal) + ".";
    return run.firstMessage.empty() ? "it ended with code " + std::to_string(run.exitCode) + "." : run.firstMessage;
}

/// What resources/python/run_export.py prints.
struct PythonAnswer {
    std::string version, problem;
    std::optional<double> loadMs;
};

base::Result<PythonAnswer> pythonAnswerFrom(const std::string& text) {
    const auto json = base::parseJson(text);
    if (!json) return forward(json);
    const base::JsonReader in(*json, "The answer");
    PythonAnswer answer;
    answer.version = in["version"].text(100);
    answer.loadMs = in["load_ms"].numberOrNull();
    if (in.has("problem")) answer.problem = in["problem"].text();
    return in.finish(std::move(answer));
}

/// Starts `python` and fills in what came of it. Errors: Cancelled; anything else is why it could not judge.
base::Result<> askPython(const ExportTrial& trial, const std::string& python, double limitSeconds, const base::Job& job,
                         ExportCheck& check) {
    const Scratch scratch;
    if (const auto written = writeInputs(trial, scratch); !written) return written;
    // Isolated (-I): nothing is imported from the current folder or the user's own, and no PYTHON… variable counts. File names are UTF-8
    // whatever the locale says.
    const std::vector<std::string> arguments{python,
                                             "-I",
                                             "-X",
                                             "utf8",
                                             (data::resourceFolder() / "python" / "run_export.py").string(),
                                             trial.format,
                                             trial.file.string(),
                                             scratch.inputs.string(),
                                             scratch.outputs.string()};
    const auto run = base::runChildProcess({.arguments = arguments, .input = {}, .stop = job.stop, .limitSeconds = limitSeconds});
    if (!run) return forward(run);
    const std::string program = "\"" + python + "\"";
    if (!run->isSuccess()) return base::failure(base::ErrorCode::Failed, {"judge.failed", {{"program", program}, {"reason", endOf(*run)}}});
    const auto answer = pythonAnswerFrom(run->output);
    if (!answer)
        return base::failure(base::ErrorCode::Failed,
                             {"judge.answerCannotBeRead", {{"program", program}, {"reason", answer.error().message}}});
    check.version = answer->version;
    check.loadMs = answer->loadMs;
    if (!answer->problem.empty()) return base::failure(base::ErrorCode::Failed, answer->problem);
    const auto arrays = data::readNpz(scratch.outputs);
    if (!arrays)
        return base::failure(base::ErrorCode::Failed,
                             {"judge.outputsCannotBeRead", {{"program", program}, {"reason", arrays.error().message}}});
    const std::vector<tensor::Tensor> outputs = numbered(*arrays, "output");
    if (outputs.empty()) return base::failure(base::ErrorCode::Failed, program + " wrote no array \"output0\".");
    compare(trial, outputs, check);
    return {};
}

using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

/// The arguments of all calls.
struct Calls {
    std::vector<std::vector<c10::IValue>> arguments;
    std::int64_t samplesInCall = 0;
};

base::Result<Calls> readCalls(const fs::path& file) {
    const auto arrays = data::readNpz(file);
    if (!arrays) return forward(arrays);
    std::vector<at::Tensor> inputs;
    while (true) {
        const std::string name = "input" + std::to_string(inputs.size());
        if (const auto plain = arrays->find(name); plain != arrays->end())
            inputs.push_back(runtime::toAten(plain->second));
        else if (const auto half = arrays->find(name + bfloat16Ending); half != arrays->end())
            inputs.push_back(runtime::toAten(half->second).to(at::kBFloat16));
        else
            break;
    }
    if (inputs.empty()) return base::failure(base::ErrorCode::Rejected, "The input file has no array \"input0\".");
    const auto stored = arrays->find(samplesInCallName);
    if (stored == arrays->end() || stored->second.dtype() != tensor::DType::Int64 || stored->second.elementCount() != 1)
        return base::failure(base::ErrorCode::Rejected, "The input file does not say how many samples are in a call.");
    Calls calls;
    calls.samplesInCall = stored->second.values<std::int64_t>()[0];
    std::vector<graph::BatchAxis> axes;
    if (const auto written = arrays->find(batchAxesName); written != arrays->end()) {
        const bool areAxes = written->second.dtype() == tensor::DType::Int64 &&
                             std::ranges::all_of(written->second.values<std::int64_t>(), [](std::int64_t axis) { return axis >= -1; });
        if (!areAxes || written->second.elementCount() != static_cast<std::int64_t>(inputs.size()))
            return base::failure(base::ErrorCode::Rejected, "The input file has no batch axis for each input.");
        for (const std::int64_t axis : written->second.values<std::int64_t>()) {
            if (axis >= inputs[axes.size()].dim()) return base::failure(base::ErrorCode::Rejected, "An input has no such batch axis.");
            axes.push_back(axis < 0 ? std::nullopt : graph::BatchAxis(static_cast<std::size_t>(axis)));
        }
    }
    calls.arguments = runtime::callsOf(inputs, calls.samplesInCall, axes);
    return calls;
}

base::Result<> writeOutputs(const fs::path& file, const Calls& calls, const std::vector<std::vector<at::Tensor>>& outputs, double loadMs) {
    std::map<std::string, tensor::Tensor> arrays{{"load_ms", tensor::Tensor::of<double>({1}, {loadMs})}};
    std::size_t index = 0;
    for (const at::Tensor& output : runtime::joinedOutputs(outputs, calls.samplesInCall))
        arrays.emplace("output" + std::to_string(index++), runtime::fromAten(output));
    return data::writeNpz(file, arrays);
}

/// With our own reader and runtime.
base::Result<> writeOutputsOfPlan(const fs::path& file, const Calls& calls, const fs::path& outputs) {
    const auto start = Clock::now();
    const auto model = formats::openModel(file);
    if (!model) return forward(model);
    auto plan = runtime::Plan::compile(model->graph, {});
    if (!plan) return forward(plan);
    const double loadMs = millisecondsSince(start);
    std::vector<std::vector<at::Tensor>> given;
    for (const std::vector<c10::IValue>& arguments : calls.arguments) {
        const auto output = plan->run(arguments);
        if (!output) return forward(output);
        given.push_back(runtime::tensorsOf(*output));
    }
    return writeOutputs(outputs, calls, given, loadMs);
}

} // namespace

bool mayOtherKernelsSaturate(const graph::Graph& graph, std::string_view format, bool cpuHasVnni) {
    if (cpuHasVnni || formats::formatSpec(format).integerKernels == formats::IntegerKernels::None) return false;
    std::int64_t highest = 0, largest = 0;
    const graph::UseIndex uses(graph);
    for (const graph::Node& node : graph.main.nodes) {
        if (quantizesPerTensor(node.op)) highest = std::max(highest, graph::QdqCall(node).maximum().value_or(0));
        const auto weight = graph::isWeighted(node.op) ? graph::layerWeightOf(graph, uses, node) : std::nullopt;
        const tensor::Tensor* integers = weight && weight->dequantize ? &graph.value(weight->weight).data : nullptr;
        if (integers != nullptr && integers->dtype() == tensor::DType::Int8)
            largest = std::max(largest, quantization::largestMagnitude(*integers));
    }
    return quantization::pairSumsSaturate(highest, largest);
}

base::Result<ExportCheck> judgeByLathe(const ExportTrial& trial, const base::Job& job) {
    ExportCheck check;
    check.judge = formats::formatSpec(trial.format).judge;
    check.version = check.judge == libtorch ? TORCH_VERSION : LATHE_VERSION;
    const Scratch scratch;
    if (const auto written = writeInputs(trial, scratch); !written) return forward(written);
    const std::vector<std::string> arguments{commandLineProgram().string(), "check-export", trial.file.string(), scratch.inputs.string(),
                                             scratch.outputs.string()};
    const auto run = base::runChildProcess({.arguments = arguments, .input = {}, .stop = job.stop, .limitSeconds = ownLimitSeconds});
    if (!run) return forward(run, {"while.checkingExport", {}});
    if (!run->isSuccess()) return base::failure(base::ErrorCode::Failed, {"judge.processFailed", {{"reason", endOf(*run)}}});
    const auto arrays = data::readNpz(scratch.outputs);
    if (!arrays) return forward(arrays, {"while.checkingExport", {}});
    check.loadMs = arrays->at("load_ms").toFloats().front();
    compare(trial, numbered(*arrays, "output"), check);
    return check;
}

base::Result<ExportCheck> judgeByPython(const ExportTrial& trial, const std::string& python, double limitSeconds, const base::Job& job) {
    ExportCheck check;
    check.judge = formats::formatSpec(trial.format).pythonJudge;
    if (const auto asked = askPython(trial, python, limitSeconds, job, check); !asked) {
        if (asked.error().code == base::ErrorCode::Cancelled) return forward(asked);
        check.verdict = ExportVerdict::NotJudged;
        check.reason = asked.error().message.text();
    }
    return check;
}

base::Result<> writeOutputsOfExport(const fs::path& file, const fs::path& inputs, const fs::path& outputs) {
    const auto calls = readCalls(inputs);
    if (!calls) return forward(calls);
    const auto start = Clock::now();
    const auto content = formats::detectContent(file);
    if (!content) return forward(content);
    if (content->format == nullptr || content->format->judge != libtorch) return writeOutputsOfPlan(file, *calls, outputs);
    try {
        const c10::InferenceMode inference;
        torch::jit::Module module = torch::jit::load(file.string());
        module.eval();
        const double loadMs = millisecondsSince(start);
        std::vector<std::vector<at::Tensor>> given;
        // Samples do not depend on each other: a model that changes itself begins each call anew.
        const bool keepsState = !torch::jit::findAllNodes(*module.get_method("forward").graph(), c10::prim::SetAttr, true).empty();
        for (const std::vector<c10::IValue>& arguments : calls->arguments) {
            torch::jit::Module fresh = keepsState ? module.deepcopy() : module;
            given.push_back(runtime::tensorsOf(std::vector<c10::IValue>{fresh.forward(arguments)}));
        }
        return writeOutputs(outputs, *calls, given, loadMs);
    } catch (const c10::Error& error) {
        return base::failure(base::ErrorCode::Rejected,
                             {"judge.torchCannotRun", {{"reason", std::string(error.what_without_backtrace())}}});
    } catch (const std::exception& error) {
        return base::failure(base::ErrorCode::Rejected, {"judge.torchCannotRun", {{"reason", error.what()}}});
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

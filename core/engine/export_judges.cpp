#include <core/engine/export_judges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <map>

#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/api/module.h>
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
#include <core/graph/operators/names.h>
#include <core/graph/operators/quantization.h>
#include <core/measure/quality.h>

namespace lathe::engine {

namespace {

namespace fs = std::filesystem;
using history::ExportCheck;
using history::ExportVerdict;

constexpr double requiredAgreement = 0.99;
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

/// Fills in how `actual` compares with `expected`.
void compare(const ExportTrial& trial, const tensor::Tensor& actual, ExportCheck& check) {
    const tensor::Tensor& expected = trial.expected;
    check.verdict = ExportVerdict::Different;
    if (expected.shape() != actual.shape()) {
        check.reason = "Its outputs have shape " + tensor::text(actual.shape()) + ", not " + tensor::text(expected.shape()) + ".";
        return;
    }
    const std::vector<float> a = expected.toFloats();
    const std::vector<float> b = actual.toFloats();
    double largest = 0, largestOutput = 0, squares = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        squares += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
        largest = std::max(largest, static_cast<double>(std::fabs(a[i] - b[i])));
        largestOutput = std::max(largestOutput, static_cast<double>(std::fabs(a[i])));
    }
    check.maxAbsError = largest;
    if (largestOutput > 0) check.maxRelError = largest / largestOutput;
    // Of a value, a box or a text, the largest number says nothing: that it is in the same place must not pass for the same.
    check.agreement = measure::agreement(predictionsOf(expected.shape(), a), predictionsOf(expected.shape(), b));
    if (!std::ranges::all_of(b, [](float value) { return std::isfinite(value); })) {
        check.reason = "Some of its outputs are not numbers (NaN or infinity).";
    } else if (check.agreement.value_or(0) >= requiredAgreement || largest <= negligibleError * largestOutput ||
               std::sqrt(squares / static_cast<double>(std::max<std::size_t>(1, a.size()))) < trial.recipeChange) {
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

base::Result<> writeInputs(const ExportTrial& trial, const Scratch& scratch) {
    std::map<std::string, tensor::Tensor> arrays;
    for (std::size_t index = 0; index < trial.inputs.size(); ++index)
        arrays.emplace("input" + std::to_string(index), trial.inputs[index]);
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
    if (!run->isSuccess()) return base::failure(base::ErrorCode::Failed, program + " failed: " + endOf(*run));
    const auto answer = pythonAnswerFrom(run->output);
    if (!answer) return base::failure(base::ErrorCode::Failed, program + " gave no answer that can be read: " + answer.error().message);
    check.version = answer->version;
    check.loadMs = answer->loadMs;
    if (!answer->problem.empty()) return base::failure(base::ErrorCode::Failed, answer->problem);
    const auto arrays = data::readNpz(scratch.outputs);
    if (!arrays) return base::failure(base::ErrorCode::Failed, program + " wrote no outputs that can be read: " + arrays.error().message);
    const auto output = arrays->find("output");
    if (output == arrays->end()) return base::failure(base::ErrorCode::Failed, program + " wrote no array \"output\".");
    compare(trial, output->second, check);
    return {};
}

using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

base::Result<> writeOutputs(const fs::path& file, const at::Tensor& output, double loadMs) {
    return data::writeNpz(file, {{"output", runtime::fromAten(output)}, {"load_ms", tensor::Tensor::of<double>({1}, {loadMs})}});
}

/// The first output of several, as the plan that gave what is expected takes it. Throws where it is no tensor.
at::Tensor firstOf(c10::IValue output) {
    for (;;) {
        if (output.isTuple() && !output.toTupleRef().elements().empty())
            output = c10::IValue(output.toTupleRef().elements()[0]);
        else if (output.isList() && !output.toListRef().empty())
            output = c10::IValue(output.toListRef()[0]);
        else
            return output.toTensor();
    }
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

} // namespace

bool mayOtherKernelsSaturate(const graph::Graph& graph, std::string_view format, bool cpuHasVnni) {
    if (cpuHasVnni || formats::formatSpec(format).integerKernels == formats::IntegerKernels::None) return false;
    return std::ranges::any_of(
        graph.main.nodes, [](const graph::Node& node) { return quantizesPerTensor(node.op) && graph::QdqCall(node).maximum() == 255; });
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
    if (!run) return forward(run, "while checking the exported file");
    if (!run->isSuccess())
        return base::failure(base::ErrorCode::Failed, "The exported file could not be checked in a new process: " + endOf(*run));
    const auto arrays = data::readNpz(scratch.outputs);
    if (!arrays) return forward(arrays, "while checking the exported file");
    check.loadMs = arrays->at("load_ms").toFloats().front();
    compare(trial, arrays->at("output"), check);
    return check;
}

base::Result<ExportCheck> judgeByPython(const ExportTrial& trial, const std::string& python, double limitSeconds, const base::Job& job) {
    ExportCheck check;
    check.judge = formats::formatSpec(trial.format).pythonJudge;
    if (const auto asked = askPython(trial, python, limitSeconds, job, check); !asked) {
        if (asked.error().code == base::ErrorCode::Cancelled) return forward(asked);
        check.verdict = ExportVerdict::NotJudged;
        check.reason = asked.error().message;
    }
    return check;
}

base::Result<> writeOutputsOfExport(const fs::path& file, const fs::path& inputs, const fs::path& outputs) {
    const auto arrays = data::readNpz(inputs);
    if (!arrays) return forward(arrays);
    std::vector<c10::IValue> batch;
    for (auto found = arrays->find("input0"); found != arrays->end(); found = arrays->find("input" + std::to_string(batch.size())))
        batch.emplace_back(runtime::toAten(found->second));
    if (batch.empty()) return base::failure(base::ErrorCode::Rejected, "The input file has no array \"input0\".");
    const auto start = Clock::now();
    const auto content = formats::detectContent(file);
    if (!content) return forward(content);
    if (content->format == nullptr || content->format->judge != libtorch) return writeOutputsOfPlan(file, batch, outputs);
    try {
        const c10::InferenceMode inference;
        torch::jit::Module module = torch::jit::load(file.string());
        module.eval();
        const double loadMs = millisecondsSince(start);
        return writeOutputs(outputs, firstOf(module.forward(batch)), loadMs);
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

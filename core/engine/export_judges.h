#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <core/base/job.h>
#include <core/base/model_formats.h>
#include <core/graph/call_shape.h>
#include <core/graph/graph.h>
#include <core/history/exported_file.h>
#include <core/tensor/tensor.h>

namespace lathe::engine {

// Judges of an exported file: programs that open it in a new process and run it on test samples, so that nothing of the process that wrote
// it can help. They block until the process has ended and may be called on several threads at once.
//
// The outputs are the same when all are finite and at least 99 % of the top-1 agree (integer kernels of other engines round differently;
// only where outputs look like classes, see measure::looksLikeClasses),
// or no output differs by more than 1 % of the largest, or they differ by less than what the recipe itself changed (root of the mean
// square): where top-1 means nothing (vectors of a sentence), a number that is rounded the other way may change a whole row as much as
// quantization did. Detections (boxes, labels, scores) are the same when 98 % of them match, or as many as the recipe itself left: their
// order and their number hang on rounding (measure/detection_match.h).

/// What is judged: the file, and what the model that was exported gives for the same samples.
struct ExportTrial {
    std::filesystem::path file;
    std::string format = std::string(base::modelFormats().front().id); ///< id
    std::vector<tensor::Tensor> inputs;                                ///< samples [N, …], one tensor for each input of the model
    std::int64_t samplesInCall = 0;               ///< that the model takes, a divisor of N; 0: one at a time, without a dimension for it
    std::vector<graph::BatchAxis> batchAxes = {}; ///< see graph::CallShape::inputAxes
    std::vector<tensor::Tensor> expected;         ///< its outputs for all samples: those of the calls, one after the other
    double recipeChange = 0;                      ///< root of the mean square of expected minus the original model's outputs
    std::optional<double> recipeMatch = {};       ///< of detections: the share that the original model finds as well
    /// Integer kernels of the judges may saturate on this CPU (mayOtherKernelsSaturate): said where outputs differ.
    bool mayJudgesSaturate = false;
};

/// True when a file of this format makes PyTorch (FBGEMM) or ONNX Runtime multiply activations of full bytes: on a CPU without VNNI both
/// add two products of bytes in 16 bits, which saturates where large activations meet large weights. .pt2 computes its QDQ in float there.
[[nodiscard]] bool mayOtherKernelsSaturate(const graph::Graph& graph, std::string_view format, bool cpuHasVnni);

/// `lathe-cli check-export`: TorchScript with LibTorch's own interpreter, the others with Lathe's reader and runtime. Errors: Failed when
/// the file cannot be opened or run, Cancelled.
[[nodiscard]] base::Result<history::ExportCheck> judgeByLathe(const ExportTrial& trial, const base::Job& job);

/// `python` (a program, found by PATH unless it has a slash): TorchScript and .pt2 with torch, ONNX with onnxruntime. Whatever keeps it
/// from judging (no such program or module, a crash, more than `limitSeconds`) is not the file's fault: the verdict is NotJudged with the
/// reason. Error: Cancelled.
[[nodiscard]] base::Result<history::ExportCheck> judgeByPython(const ExportTrial& trial, const std::string& python, double limitSeconds,
                                                               const base::Job& job);

/// What the new process does (`lathe-cli check-export`): loads `file`, runs it on the arrays "input0", "input1", … of `inputs`, as many
/// samples a call as the array "samples_in_call" says, along the dimensions in the array "batch_axes" (-1: none), and writes the arrays
/// "output0", "output1", … and "load_ms" to `outputs`. An input called "input0.bfloat16" is given as that. Errors: Rejected when it cannot
/// be loaded or run.
[[nodiscard]] base::Result<> writeOutputsOfExport(const std::filesystem::path& file, const std::filesystem::path& inputs,
                                                  const std::filesystem::path& outputs);

/// Where lathe-cli is: $LATHE_CLI, this program if it is it, or beside this program.
[[nodiscard]] std::filesystem::path commandLineProgram();

} // namespace lathe::engine

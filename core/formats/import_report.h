#pragma once

#include <string>

#include <core/base/result.h>
#include <core/formats/model_file.h>

namespace lathe::formats {

/// Can the runtime run this operator? Yes when ATen's dispatcher has a kernel for float tensors on the CPU, when TorchScript computes it by
/// itself (numbers, lists, tuples), and for control flow. Otherwise Unsupported, with the reason for the report.
[[nodiscard]] base::Result<> checkOperator(const std::string& op);

/// "model.py:12", "model.py" when the line is not known.
[[nodiscard]] std::string placeOf(const graph::SourceLocation& source);

/// Counts the graph's operators and adds a problem for each node that cannot run to those found while reading, and a note
/// when the model is quantized already.
[[nodiscard]] ImportReport makeReport(const graph::Graph& graph, std::string format, std::vector<ImportProblem> problems);

} // namespace lathe::formats

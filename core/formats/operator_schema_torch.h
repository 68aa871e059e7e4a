#pragma once

#include <optional>
#include <string>

#include <ATen/core/function_schema.h>

#include <core/graph/graph.h>

namespace lathe::formats {

/// The schema of an operator as the IR names it ("aten::add.Tensor"), of ATen's dispatcher or of TorchScript; nullptr when PyTorch has
/// none. Lives as long as the process.
[[nodiscard]] const c10::FunctionSchema* findSchema(const std::string& op);

/// The default of an argument as the IR writes it; nothing when it has none or one that the IR does not know.
[[nodiscard]] std::optional<graph::Literal> defaultOf(const c10::Argument& argument);

} // namespace lathe::formats

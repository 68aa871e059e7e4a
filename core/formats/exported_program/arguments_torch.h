#pragma once

#include <functional>
#include <string>

#include <ATen/core/jit_type.h>

#include <core/base/json.h>
#include <core/base/result.h>
#include <core/graph/graph.h>

namespace lathe::formats {

/// The JSON name of a value that is an operand ({"as_tensor": {"name": …}}, {"as_sym_int": {"as_name": …}}, …) is asked from `nameOf`.
using ValueName = std::function<std::string(graph::ValueId)>;

/// An operand as the schema's Argument, for an argument of type `type` (the real type: ScalarType, not int) that takes `listLength`
/// elements when it is a list of fixed length. Errors: Unsupported.
[[nodiscard]] base::Result<base::Json> argumentJson(const graph::Graph& graph, const graph::Operand& operand, const c10::Type& type,
                                                    std::optional<int> listLength, const ValueName& nameOf);

/// The same where there is no schema: sizes and what quantized_decomposed takes.
[[nodiscard]] base::Result<base::Json> plainArgumentJson(const graph::Graph& graph, const graph::Operand& operand, const ValueName& nameOf);

/// A number for the schema's JSON, which has names for what JSON has no numbers for ("Infinity").
[[nodiscard]] base::Json floatJson(double value);

} // namespace lathe::formats

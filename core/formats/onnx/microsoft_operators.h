#pragma once

#include <optional>
#include <vector>

#include <core/formats/onnx/call.h>

namespace lathe::formats::onnx {

/// What ONNX Runtime's optimizer and quantizer write beside the standard (domain com.microsoft) as nodes of the standard that compute the
/// same, one after the other; names of what is between them are new. Nothing for operators that Lathe does not know. Refuses forms that
/// the standard cannot say. Source: ONNX Runtime, docs/ContribOperators.md.
[[nodiscard]] std::optional<std::vector<NodeProto>> standardNodes(Call& call);

} // namespace lathe::formats::onnx

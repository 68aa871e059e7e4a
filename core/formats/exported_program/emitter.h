#pragma once

#include <string>
#include <utility>
#include <vector>

#include <core/base/json.h>
#include <core/base/result.h>
#include <core/graph/graph.h>

namespace lathe::formats {

struct EmittedProgram {
    base::Json program;                                ///< of schema version 8.17
    std::vector<std::pair<std::string, bool>> weights; ///< those that the program uses: name, is it a parameter
};

/// A graph as the JSON of an exported program: what torch.export.save would write as models/model.json. Fused operators are expanded, QDQ
/// nodes are PyTorch's quantized_decomposed operators. Every tensor needs a shape (symbolic ones are written as such). Errors: Unsupported,
/// naming the node: control flow, objects, operators that only TorchScript has, unknown shapes.
[[nodiscard]] base::Result<EmittedProgram> emitProgram(const graph::Graph& graph);

} // namespace lathe::formats

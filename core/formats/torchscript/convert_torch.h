#pragma once

#include <memory>
#include <vector>

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>

#include <core/formats/model_file.h>
#include <core/formats/quantized_lowering.h>

namespace lathe::formats {

struct Converted {
    graph::Graph graph;                   ///< node names and names of results are provisional: see nameNodes
    std::vector<int> calls;               ///< Origin::call of each node, in the order of graph::forEachNode
    QuantizedWeights quantized;           ///< for lowerQuantizedOperators
    std::vector<ImportProblem> problems;  ///< attributes and constants that the IR cannot hold
    std::vector<std::string> outputNames; ///< the fields, where a named tuple is returned
};

/// A flattened forward graph as our IR. Weights share the bytes of the module's tensors and are named by their path;
/// quantized and packed ones are their integers.
[[nodiscard]] Converted convert(const torch::jit::Module& module, const std::shared_ptr<torch::jit::Graph>& graph);

} // namespace lathe::formats

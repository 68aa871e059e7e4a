#pragma once

#include <string>
#include <vector>

#include <core/graph/graph.h>
#include <core/graph/operators/library_names.h>

namespace lathe::graph {

/// What a model keeps from call to call is a buffer, a Weight value that holds what the first call begins with, and a node of this operator
/// in the main block, (the buffer, what the next call begins with). A run of the graph begins with the buffer, whatever ran before: samples
/// do not depend on each other. Who streams makes inputs and outputs of the state (withStateOutside) and carries it from call to call, as
/// the exported files do.
using op::keepState;

struct State {
    ValueId value = -1;  ///< the buffer
    ValueId next = -1;   ///< what the next call begins with
    std::string input;   ///< the name of the buffer, which withStateOutside gives the input
    std::string output;  ///< what it calls the output: "hidden_next"
    tensor::Tensor data; ///< the first call begins with it
};

/// In the order of the nodes.
[[nodiscard]] std::vector<State> statesOf(const Graph& graph);

/// The graph with its state as inputs behind the other inputs, and as outputs behind the other outputs, in the order of statesOf. The same
/// graph where there is none.
[[nodiscard]] Graph withStateOutside(const Graph& graph);

} // namespace lathe::graph

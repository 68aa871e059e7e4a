#pragma once

#include <vector>

#include <core/base/message.h>
#include <core/graph/graph.h>

namespace lathe::formats {

/// Inputs that are lists, tuples or dictionaries become inputs that are tensors, which is what data has:
/// - a dictionary of which single entries are read is an input for each key, called by it;
/// - a tuple or list that is taken apart, or of which single elements are read by number, is an input for each element: "states_0";
/// - any other list of tensors is one of samples, as detectors take images of different sizes: the input is the sample, with a batch of 1.
/// Inputs of other kinds stay. Returns a sentence on each that has changed.
[[nodiscard]] std::vector<base::Message> makeInputsPlain(graph::Graph& graph);

} // namespace lathe::formats

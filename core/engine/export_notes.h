#pragma once

#include <string>
#include <vector>

#include <core/client/requests.h>
#include <core/graph/graph.h>

namespace lathe::engine {

/// What a user should know of a file of this format before he wonders why it is not faster, a sentence each: how many layers have integer
/// weights and inputs, but results that are added as float. Lathe's kernels add within the layer; other runtimes run such layers in float.
[[nodiscard]] std::vector<std::string> exportNotes(const graph::Graph& graph, client::ExportTarget format);

} // namespace lathe::engine

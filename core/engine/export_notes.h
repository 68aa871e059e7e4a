#pragma once

#include <string_view>
#include <vector>

#include <core/base/message.h>
#include <core/graph/graph.h>

namespace lathe::engine {

/// What a user should know of a file of this format (its id) before he wonders why it is not faster: how many layers have
/// integer weights and inputs, but results that are added as float. Lathe's kernels add within the layer; other runtimes run such layers in
/// float.
[[nodiscard]] std::vector<base::Message> exportNotes(const graph::Graph& graph, std::string_view format);

} // namespace lathe::engine

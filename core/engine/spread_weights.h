#pragma once

#include <core/base/result.h>
#include <core/graph/graph.h>

namespace lathe::engine {

/// A weight may be a view that repeats what is stored: a file of a few bytes can hold one of terabytes, and nothing shows it before
/// somebody writes it out. Rejected when all weights, written out one by one, take more than 64 MiB and 16 times what they are stored in,
/// with the weight that takes most of it: the end of a sentence that begins with the name of the file.
[[nodiscard]] base::Result<> checkSpread(const graph::Graph& graph);

} // namespace lathe::engine

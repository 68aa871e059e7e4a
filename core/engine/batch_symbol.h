#pragma once

#include <core/base/result.h>
#include <core/data/dataset.h>
#include <core/graph/graph.h>

namespace lathe::engine {

/// Writes dtype and shape into every tensor value of the graph by running it on two and on three samples: sizes that grow with their number
/// become symbolic ("batch", "2*batch", "4*batch + 1"). A model that only takes one number of samples gets the shapes for that one. Errors:
/// Rejected when the samples do not fit the model.
[[nodiscard]] base::Result<> annotateWithBatchSymbol(graph::Graph& graph, const data::Dataset& dataset);

} // namespace lathe::engine

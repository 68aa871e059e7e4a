#pragma once

#include <core/base/result.h>
#include <core/data/dataset.h>
#include <core/graph/graph.h>

namespace lathe::data {

/// Can the model take these samples, as far as its input's shape is known? Symbolic dimensions take any size, the first is the batch. Fine
/// when the shape is not known: then only running the model tells. Errors: Rejected with both shapes.
[[nodiscard]] base::Result<> checkFit(const Dataset& dataset, const graph::Graph& graph);

/// The error of a first run that failed, told as what it means: "The samples of digits are 1x28x28, which the model cannot take: fc1: …".
[[nodiscard]] base::Error misfit(const Dataset& dataset, const base::Error& runError);

} // namespace lathe::data

#pragma once

#include <memory>
#include <string>

#include <core/base/result.h>
#include <core/data/dataset.h>
#include <core/graph/graph.h>

namespace lathe::data {

/// Opens data for a model: what people write after --data (openDataset), arranged for it; also random input, whose shape only a model says.
/// Errors: those of openDataset, openRandomInput and arrangedFor (model_dataset.h).
[[nodiscard]] base::Result<std::shared_ptr<const Dataset>> openFor(const graph::Graph& graph, const std::string& specification,
                                                                   const recipe::Preprocessing& preprocessing = {});

/// Can the model take these samples (arranged for it), as far as the shapes of its inputs are known? Symbolic dimensions take any size.
/// Fine when the shape is not known: then only running the model tells. Errors: Rejected with both shapes.
[[nodiscard]] base::Result<> checkFit(const Dataset& dataset, const graph::Graph& graph);

/// The error of a first run that failed, told as what it means: "The samples of digits are 1x28x28, which the model cannot take: fc1: …".
[[nodiscard]] base::Error misfit(const Dataset& dataset, const base::Error& runError);

} // namespace lathe::data

#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <core/base/result.h>
#include <core/data/dataset.h>
#include <core/graph/graph.h>

namespace lathe::data {

/// Which input of the data each input of the model gets: by name where the data has all names of the model, else in their order. As many
/// as the data has; others are the model's affair.
[[nodiscard]] std::vector<std::size_t> inputOrder(std::span<const std::string> names, const graph::Graph& graph);

/// The data with its inputs in the model's order; the same object when they are.
[[nodiscard]] std::shared_ptr<const Dataset> arrangedFor(std::shared_ptr<const Dataset> dataset, const graph::Graph& graph);

/// Opens data for a model: what people write after --data (openDataset), arranged for it; also random input, whose shape only a model says.
/// Errors: those of openDataset and openRandomInput.
[[nodiscard]] base::Result<std::shared_ptr<const Dataset>> openFor(const graph::Graph& graph, const std::string& specification,
                                                                   const recipe::Preprocessing& preprocessing = {});

/// Can the model take these samples (arranged for it), as far as the shapes of its inputs are known? Symbolic dimensions take any size, the
/// first is the batch. Fine when the shape is not known: then only running the model tells. Errors: Rejected with both shapes.
[[nodiscard]] base::Result<> checkFit(const Dataset& dataset, const graph::Graph& graph);

/// The error of a first run that failed, told as what it means: "The samples of digits are 1x28x28, which the model cannot take: fc1: …".
[[nodiscard]] base::Error misfit(const Dataset& dataset, const base::Error& runError);

} // namespace lathe::data

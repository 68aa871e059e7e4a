#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <core/data/dataset.h>
#include <core/graph/graph.h>

namespace lathe::data {

/// What a model takes is what the inputs of its graph declare: names, element types, and shapes whose symbolic sizes are free. A data set
/// that is opened for a model (model_fit.h) is a view made with these: its inputs come in the model's order and types, and its calls with
/// as many samples as the model insists on.

/// Which input of the data each input of the model gets: by name where the data has all names of the model, else in their order. As many
/// as the data has; others are the model's affair.
[[nodiscard]] std::vector<std::size_t> inputOrder(std::span<const std::string> names, const graph::Graph& graph);

/// How many samples of these shapes a call takes, and along which dimension of each input they stand. An input with as many dimensions as a
/// sample has none for the batch; if others have one, a call takes one sample. The batch is the dimension that the
/// graph tells (graph::batchAxis), else the first, or the second where the first has another fixed size than one and the second is free or
/// alone leaves the shape of a sample; where its size is fixed the model insists on it. Unknown shapes: any number, along the dimension
/// that the graph tells or the first. `inputs` are in the model's order. The outputs' dimensions are left as first: only running tells
/// (engine::fitToData). Errors: Rejected when two inputs do not agree, with both sides.
[[nodiscard]] base::Result<CallShape> callShapeFor(const graph::Graph& graph, std::span<const DataInput> inputs);

/// The data as the model takes it; the same object when it is already so. Values are cast to the types that the model declares, or that its
/// layers need where the file does not say (graph::inputDType). Errors: those of callShapeFor; Rejected when values of the first samples
/// cannot be had in the type of an input (0.5 as int64, 300 as uint8), with the name of the input and both sides.
[[nodiscard]] base::Result<std::shared_ptr<const Dataset>> arrangedFor(std::shared_ptr<const Dataset> dataset, const graph::Graph& graph);

/// The same data with another form of calls, for models whose files do not say how many samples they take.
[[nodiscard]] std::shared_ptr<const Dataset> withCallShape(std::shared_ptr<const Dataset> dataset, const CallShape& shape);

} // namespace lathe::data

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <core/base/result.h>
#include <core/data/dataset.h>
#include <core/graph/graph.h>

namespace lathe::data {

/// Is this "random" or "random:…": input made up for the model, for everything that needs no meaning (shapes, MACs, latency, layer times,
/// the difference to the original)?
[[nodiscard]] bool isRandomInput(std::string_view specification);

/// What one input of a model takes, as far as its graph says.
struct ModelInput {
    std::string name;
    tensor::DType dtype = tensor::DType::Float32; ///< int64 where it is not known, but looks something up in an embedding
    std::vector<graph::Dim> shape;                ///< without the batch; symbols are free sizes
    bool isShapeKnown = true;                     ///< false: the shape is a guess from the first layer that reads it
    std::int64_t rows = 0;                        ///< of the smallest embedding that it is looked up in; 0: none
    std::size_t batchAxis = 0;                    ///< where the batch stands among the dimensions of `shape`
};
/// Errors: Unsupported for an input that is no tensor or has no batch dimension.
[[nodiscard]] base::Result<std::vector<ModelInput>> modelInputs(const graph::Graph& graph);
/// The name under which the size of a dimension of `shape` can be set: its symbol, or "x.2" where it has none (the third dimension of x,
/// counted with the batch).
[[nodiscard]] std::string sizeName(const ModelInput& input, std::size_t dimension);
/// A size that usually works: 224 for both sides of pictures, else 128.
[[nodiscard]] std::int64_t usualSize(const ModelInput& input, std::size_t dimension);

/// Test samples without labels in the model's order of inputs: in the types that the inputs declare: normal values for floats, numbers of
/// eight bits for uint8, int8 and int16, indices within the vocabulary for what is looked up in an embedding, ones for other integers and
/// truths (masks). The options behind "random:" stand between commas: `seed=1`, `samples=64` (as many as take little memory, at most 256),
/// `seq=128` (a free size), `x=3x224x224` (the shape of an input, without the batch). Same options and model: same values. Errors:
/// InvalidArgument for options, with the nearest known name; Rejected when an option is missing.
[[nodiscard]] base::Result<std::shared_ptr<const Dataset>> openRandomInput(const std::string& specification, const graph::Graph& graph);

} // namespace lathe::data

#pragma once

#include <memory>
#include <optional>
#include <span>

#include <core/base/result.h>
#include <core/formats/model_file.h>
#include <core/formats/weights/replace_weights.h>

namespace lathe::engine {

/// A model that was read.
struct ReadModel {
    formats::OpenedModel model;
    std::vector<formats::WeightDifference> weightDifferences; ///< when weights of another file were put into it
    std::vector<std::string> weightNotes;                     ///< how they were made to fit, a sentence each
    std::optional<base::Error> shapesProblem;                 ///< why its shapes could not be found, when they were asked for
};

/// Writes what became of reading a model to a descriptor, for a process that trusts the writer as little as the model's file: a description
/// (lengths before contents, little-endian) and the weights' storages behind it, each at a multiple of 64 bytes. Errors: NoSpace.
[[nodiscard]] base::Result<> writeModelBytes(int descriptor, const base::Result<ReadModel>& result);

/// The other end. The weights stay in `bytes`, which `owner` keeps alive. Whatever the bytes, the result is a model that passes
/// graph::verify with every weight inside its storage, or an error: the writer's own, or Failed for bytes that no writer makes.
[[nodiscard]] base::Result<ReadModel> readModelBytes(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner);

} // namespace lathe::engine

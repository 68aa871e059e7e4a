#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <core/base/result.h>
#include <core/data/dataset.h>
#include <core/graph/graph.h>
#include <core/train/finetune.h>

namespace lathe::train {

/// The state of a training between two epochs. Kept as an .npz file: arrays "weight/NAME", "state/NAME", "best/NAME", those of the
/// curve by their names, "fingerprint". What is random depends on seed and epoch only.
struct Checkpoint {
    std::string fingerprint;
    steps::TrainingCurve curve; ///< of the epochs that are done
    std::map<std::string, tensor::Tensor> weights;
    std::map<std::string, tensor::Tensor> state; ///< of optimizer, moving average, teacher (Training::State)
    std::map<std::string, tensor::Tensor> best;  ///< the weights of the best epoch; empty where no samples are set aside
};

/// The weights of a graph by their names, buffers included.
[[nodiscard]] std::map<std::string, tensor::Tensor> weightsOf(const graph::Graph& graph);

/// SHA-256 over structure, shapes and weights.
[[nodiscard]] std::string modelFingerprint(const graph::Graph& graph);

/// SHA-256 over everything that the result of a training depends on: structure and weights of the graph, data, options.
[[nodiscard]] std::string trainingFingerprint(const graph::Graph& graph, const data::Dataset& dataset, const FinetuneOptions& options);

/// Errors: as data::writeNpz.
[[nodiscard]] base::Result<> writeCheckpoint(const std::filesystem::path& file, const Checkpoint& checkpoint);

/// The checkpoint in `file` when it belongs to this training; nothing when there is none, when it is damaged, or when it is of another one.
[[nodiscard]] std::optional<Checkpoint> readCheckpoint(const std::filesystem::path& file, const std::string& fingerprint);

} // namespace lathe::train

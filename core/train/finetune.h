#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include <core/base/job.h>
#include <core/data/dataset.h>
#include <core/graph/graph.h>
#include <core/runtime/device.h>

namespace lathe::train {

struct FinetuneOptions {
    int epochs = 10;
    double learningRate = 0.001;
    double momentum = 0.9;
    double weightDecay = 0;
    std::int64_t batchSize = 32;
    std::int64_t seed = 0;
    std::int64_t maxSamples = 0; ///< of the training split; 0: all
    runtime::Device device;
    bool keepZeros = true;       ///< weights that are zero at the start (unstructured pruning) stay zero
    /// Where the state is written after every epoch (weights, momentum, epoch, shuffling); an existing one of the same graph, data and options is
    /// continued, others are ignored. Removed when training is complete. Empty: no resume.
    std::filesystem::path checkpoint;
};

struct FinetuneReport {
    std::vector<double> epochLosses; ///< mean training loss of each epoch
    int firstEpoch = 0;              ///< > 0 when it was resumed
    double seconds = 0;
};

/// Trains all parameters with cross-entropy and SGD (PyTorch's momentum form). Deterministic for the same seed, threads and machine type. Reports
/// progress with values epoch, epochs, loss. On cancel returns Cancelled and leaves `graph` as it was; the checkpoint stays.
/// Errors: Rejected (no labels, sample shape does not fit: says both shapes, label ≥ number of outputs), Unsupported, non-finite loss (Failed).
[[nodiscard]] base::Result<FinetuneReport> finetune(graph::Graph& graph, const data::Dataset& dataset, const FinetuneOptions& options, const base::Job& job);

} // namespace lathe::train

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

/// How the learning rate goes over the whole training.
enum class Schedule {
    Constant,
    WarmUpCosine, ///< linearly from 0 to the learning rate in the first 15 % of the steps, then half a cosine down to 0 (Loshchilov, Hutter
                  ///< 2017, arXiv:1608.03983)
};

/// What is done to training samples, anew in each epoch.
enum class Augmentation {
    None,
    HorizontalFlip, ///< every second sample, at random, is mirrored along its last dimension
};

struct FinetuneOptions {
    int epochs = 10;
    double learningRate = 0.001;
    double momentum = 0.9;
    double weightDecay = 0;
    std::int64_t batchSize = 32;
    std::int64_t seed = 0;
    std::int64_t maxSamples = 0; ///< of the training split; 0: all
    runtime::Device device = {};
    Schedule schedule = Schedule::Constant;
    Augmentation augmentation = Augmentation::None;
    bool keepZeros = true; ///< elements of weights with two or more dimensions that are zero at the start (unstructured pruning) stay zero
    /// Where the state is written after every epoch; an existing one of the same graph, data and options is continued, with the same result
    /// as without the interruption; others are ignored. Removed when training is complete. Empty: no resume. One that cannot be written is
    /// a warning in the log.
    std::filesystem::path checkpoint = {};
};

struct FinetuneReport {
    std::vector<double> epochLosses; ///< mean training loss of each epoch
    int firstEpoch = 0;              ///< > 0 when it was resumed
    double seconds = 0;
};

/// Trains all parameters with the mean cross-entropy of each batch and SGD in PyTorch's form: g ← g + weightDecay·w, v ← momentum·v + g, w
/// ← w − rate·v. Samples are shuffled anew in each epoch; the last batch may be smaller. Deterministic for the same seed, threads and
/// machine type. Reports progress of the phase "finetune" with the values epoch (1-based), epochs and loss (mean of this epoch so far), at
/// most ten times a second. Acts on cancel within a batch: returns Cancelled and leaves `graph` as it was, as every error does; the
/// checkpoint stays. Errors: Rejected (no training samples or labels, a sample shape that does not fit: both shapes, an output that is not
/// one row of class scores per sample, a label that is not below the number of outputs, no parameters); Unsupported (quantized graphs:
/// train before quantizing); DeviceUnavailable; Failed when the loss is not finite any more.
[[nodiscard]] base::Result<FinetuneReport> finetune(graph::Graph& graph, const data::Dataset& dataset, const FinetuneOptions& options,
                                                    const base::Job& job);

} // namespace lathe::train

#pragma once

#include <cstdint>
#include <filesystem>

#include <core/base/job.h>
#include <core/data/dataset.h>
#include <core/graph/graph.h>
#include <core/quantization/trainable.h>
#include <core/recipe/evaluation.h>
#include <core/runtime/device.h>
#include <core/steps/training_settings.h>

namespace lathe::train {

struct FinetuneOptions : steps::TrainingSettings {
    std::int64_t seed = 0;
    runtime::Device device = {};
    bool keepZeros = true; ///< elements of weights with two or more dimensions that are zero at the start (unstructured pruning) stay zero
    recipe::Evaluation evaluation = {};    ///< which output the labels are for, and what they mean
    const graph::Graph* teacher = nullptr; ///< what settings of distillation mean by it; must outlive the training
    /// Of a quantized model, what is trained in its place: finetune() sets it.
    const quantization::TrainableForm* rounded = nullptr;
    /// Where the state is written after every epoch; an existing one of the same graph, data and options is continued, with the same result
    /// as without the interruption; others are ignored. Removed when training is complete. Empty: no resume. One that cannot be written is
    /// a warning in the log.
    std::filesystem::path checkpoint = {};
};

using FinetuneReport = steps::TrainingReport;

/// Trains parameters as the settings say (steps/training_settings.h), with a loss that fits how the quality is measured (TaskLoss). Samples
/// are shuffled anew in each epoch; the last batch may be smaller. Without an optimizer's name it is SGD on the mean cross-entropy of each
/// batch. Deterministic for the same seed, threads and machine type. Reports progress of the phase "finetune" with the values epoch
/// (1-based), epochs, loss (mean of this epoch so far, once there is one), learning_rate, and of the last epoch validation_loss and
/// validation_accuracy, where samples are set aside, at most ten times a second. Acts on job.finish within a batch, and on cancel: returns
/// Cancelled and leaves `graph` as it was, as every error does; the checkpoint stays. Errors: Rejected (no training samples, no labels and
/// no teacher, a sample shape that does not fit: both shapes, outputs that the labels do not fit, a label that is not below the number of
/// outputs, no parameters, augmentation that is not for such data); Unsupported (quantized graphs that have no trainable form);
/// DeviceUnavailable; Failed when the loss is not finite any more.
///
/// A quantized graph is trained through its rounding (quantization/trainable.h) and rounded again at the end: quantization-aware training.
/// Zeros of its weights do not stay, because nobody can tell whether pruning or rounding made them.
[[nodiscard]] base::Result<FinetuneReport> finetune(graph::Graph& graph, const data::Dataset& dataset, const FinetuneOptions& options,
                                                    const base::Job& job);

} // namespace lathe::train

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <core/base/json.h>
#include <core/base/result.h>

namespace lathe::recipe {

/// What a model does, and so what its quality is measured by.
enum class Task {
    Outputs,        ///< anything: how far the outputs are from those of the original
    Classification, ///< one of several classes for each sample: accuracy, top-5, precision, recall, F1
    Binary,         ///< one score for each sample, yes or no: accuracy, AUC, KS
    MultiLabel,     ///< several scores for each sample, each yes or no: accuracy, AUC, F1
    Regression,     ///< numbers: MSE, MAE, R²
    Segmentation,   ///< a class for each pixel: accuracy, mean IoU
    Tokens,         ///< a class for each token: accuracy, F1
    Similarity,     ///< an embedding for each sample, of pairs of samples: Spearman correlation of their similarity
};

/// "classification", "one-score", …: what recipes, histories and documents call it.
[[nodiscard]] std::string_view name(Task task);
/// All names, in the order of the tasks.
[[nodiscard]] std::span<const std::pair<std::string_view, Task>> taskNames();

/// How the quality of the model is measured; part of the recipe. What is empty is chosen from the labels and the outputs. In JSON:
/// {"task": "binary", "output": "logits", "threshold": 0.3}.
struct Evaluation {
    std::optional<Task> task = {};
    std::string output = {};              ///< name or number (from 0) of the output that the labels are for; "": the first that they fit
    std::optional<double> threshold = {}; ///< of yes, in units of the output; nothing: 0.5 of probabilities, 0 of other scores
    bool operator==(const Evaluation&) const = default;
};

/// Errors: Rejected, with the key; unknown keys and tasks with the nearest known one.
[[nodiscard]] base::Result<Evaluation> evaluationFromJson(const base::Json& json);
/// Without what is empty.
[[nodiscard]] base::Json toJson(const Evaluation& evaluation);

} // namespace lathe::recipe

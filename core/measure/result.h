#pragma once

// The values that measuring produces: plain structs without behaviour, header only, so that history, report and the window can use them
// without linking the measuring code (and LibTorch with it).

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <core/base/message.h>

namespace lathe::measure {

/// Is a number measured on what will really be deployed (integer kernels, exported file), or on a simulation of it?
enum class Truth { Real, Simulated };

/// Quality on the test split. All rates are fractions 0..1. What the task does not have (recipe/evaluation.h) is unset, all of it when the
/// data has no labels.
struct Quality {
    std::int64_t samples = 0;
    std::optional<double> loss;     ///< mean cross-entropy, natural logarithm
    std::optional<double> accuracy; ///< top-1
    std::optional<double> top5;
    std::optional<double> precision;    ///< macro average over classes that occur in labels or predictions; 0/0 counts as 0
    std::optional<double> recall;       ///< macro
    std::optional<double> f1;           ///< macro: mean of per-class F1
    std::optional<double> meanIou;      ///< of pixels: mean over the classes that occur of intersection over union
    std::optional<double> auc;          ///< of scores for yes or no: area under the receiver operating curve
    std::optional<double> ks;           ///< the largest difference between the rates of true and false yes, over all thresholds
    std::optional<double> mse, mae, r2; ///< of numbers: mean squared and absolute error; share of the variance explained, ≤ 1
    /// Of pairs of embeddings: Spearman's correlation of their cosine similarities with the scores of the pairs, −1..1; where the data has
    /// no scores, with the similarities that the original gives (unset for the original).
    std::optional<double> spearman;
    std::vector<std::vector<std::int64_t>> confusion; ///< [label][prediction]
    std::vector<double> classPrecision, classRecall, classF1;
    std::vector<std::int32_t> predictions; ///< top-1 of each test sample, for flips and agreement; empty: outputs are no classes
    std::int64_t nonFinite = 0;            ///< samples whose outputs held NaN or infinity

    // How far all outputs are from those of the original model on the same samples, with and without labels. Unset for the original.
    /// Signal to quantization noise, 10·log10(Σref² / Σ(ref − out)²). Also unset where it would be infinite: see isIdentical().
    std::optional<double> sqnrDb;
    std::optional<double> cosine;      ///< similarity of a sample's outputs, −1..1; mean over samples
    std::optional<double> maxAbsError; ///< the largest |ref − out|
};

/// Every output is the same number as the original's: its signal to noise ratio is infinite.
[[nodiscard]] inline bool isIdentical(const Quality& quality) { return quality.maxAbsError && *quality.maxAbsError == 0; }

/// A sample whose top-1 differs between baseline and optimized.
struct Flip {
    std::int64_t sample = 0;
    std::int32_t label = -1; ///< -1: unknown
    std::int32_t before = 0, after = 0;
};

/// One call at the given batch. Raw samples in the order in which they were taken.
struct Latency {
    /// Milliseconds, of the undisturbed calls; of all calls where too few were undisturbed (see whyNotReliable).
    double p50 = 0, p90 = 0, p95 = 0, p99 = 0, p999 = 0, mean = 0, stddev = 0;
    std::int64_t calls = 0; ///< all that were timed
    std::int64_t batch = 1;
    int threads = 1;
    int warmupCalls = 0;
    std::string noise = "low";  ///< "low", "medium", "high": see machine.h
    std::int64_t disturbed = 0; ///< of the calls: made while the machine was disturbed
    /// One sentence: too few calls were undisturbed for the figures to tell of the model. Empty: they can be trusted.
    std::string whyNotReliable;
    std::vector<double> samplesMs;
    std::vector<std::uint8_t> marks; ///< 1 for each sample taken under disturbance, else 0; empty: not recorded (older runs)
};

[[nodiscard]] inline bool isReliable(const Latency& latency) { return latency.whyNotReliable.empty(); }

/// The samples that the figures are of.
[[nodiscard]] inline std::vector<double> countedSamplesMs(const Latency& latency) {
    if (!isReliable(latency) || latency.marks.size() != latency.samplesMs.size()) return latency.samplesMs;
    std::vector<double> counted;
    for (std::size_t i = 0; i < latency.samplesMs.size(); ++i)
        if (latency.marks[i] == 0) counted.push_back(latency.samplesMs[i]);
    return counted;
}

/// NotReliable: the machine was disturbed too much to tell; the ratio is then no statement about the models.
enum class Verdict { Faster, Slower, NoSignificantDifference, NotReliable };

/// How much faster b is than a: ratio of medians a/b with its 95 % bootstrap interval.
struct Speedup {
    double ratio = 1, low = 1, high = 1;
    Verdict verdict = Verdict::NoSignificantDifference;
    std::string reason{};   ///< of NotReliable, one sentence
    std::string baseline{}; ///< what a is, since a ratio tells of both sides: "Lathe's FP32 plan"; empty: not recorded
};

/// What ½‖θ−θ̂‖² of a layer is made of. θ are its weights in the original, θ̂ what the recipe makes of them; a weight that was removed is a
/// zero. A part that no step made is unset; the parts add up to the whole. Fine-tuning is no part: what it moves is meant to move.
struct LossParts {
    std::optional<double> pruned;     ///< ½ Σ θ² of the weights that were removed or set to zero
    std::optional<double> weights;    ///< ½ Σ (θ−θ̂)² of the rounding of those that remain
    std::optional<double> factorized; ///< of a product of smaller layers in place of the layer
    std::optional<double> shared;     ///< of numbers that weights share
    bool operator==(const LossParts&) const = default;
};
/// All of them.
inline constexpr std::array lossParts = {&LossParts::pruned, &LossParts::weights, &LossParts::factorized, &LossParts::shared};

/// What is known of a layer in numbers; core/history/layer_figure_table.cpp says what each is called and how it is written.
struct LayerFigures {
    std::int64_t parameters = 0;
    std::optional<std::int64_t> macs; ///< one sample; nothing when a shape is not known
    int bits = 32;
    double sparsity = 0;        ///< share of zero weights, 0..1
    std::optional<double> loss; ///< ½‖θ−θ̂‖² of the weights against those of the original, all parts
    LossParts lossParts{};
    std::optional<std::int64_t> rank{};            ///< of a factorized layer, all groups together; nothing: it is in one piece
    std::optional<double> outputError{};           ///< of its factorization: share of the outputs' variance that is lost on samples, 0..1
    std::optional<std::int64_t> codebookNumbers{}; ///< that the weights choose from, all codebooks together; nothing: they share none
    std::optional<double> sqnrDb{};                ///< of the weights
    std::optional<double> activationsSqnrDb{}; ///< of the rounding of the layer's input on test samples; nothing: float, or not measured
    std::optional<double> p50Us{};             ///< microseconds at the latency batch
    /// Of p50Us, what this machine's peak and memory would need for the same work: 1 is as fast as it can be. Nothing on GPUs, and where
    /// the work is not known.
    std::optional<double> limitShare{};
    bool operator==(const LayerFigures&) const = default;
};

/// An instruction of the model: a layer, or an operator without weights.
struct LayerResult : LayerFigures {
    std::string name, op, kernel;
    Truth kind = Truth::Real;
    std::string reason;                ///< why this kernel
    std::vector<std::string> covers{}; ///< other nodes whose work this instruction does; its time is theirs too
};

/// Everything measured on one model: RESULT of the JSON documents.
struct ModelResult {
    Truth kind = Truth::Real;
    Quality quality;
    Latency latency;
    double throughputPerS = 0; ///< samples per second at `throughputBatch`
    std::int64_t throughputBatch = 0;
    std::string whyThroughputNotReliable; ///< as Latency::whyNotReliable
    double loadMs = 0;                    ///< opening the exported file and compiling the plan
    std::int64_t fileBytes = 0;           ///< as a TorchScript export
    std::int64_t parameters = 0;
    std::int64_t macs = 0; ///< one sample
    std::int64_t peakMemoryBytes = 0;
    std::vector<LayerResult> layers;
    std::int64_t macsUnknownLayers = 0; ///< layers that `macs` leaves out because shapes are not known: the whole is more
};

/// The time of a call, in microseconds, that no row of `layers` has: what the median call takes beyond the medians of its instructions.
/// Negative where instructions that were timed one by one took longer than the call in which nobody looked at the clock. Nothing without
/// times.
[[nodiscard]] inline std::optional<double> restUs(const ModelResult& result) {
    double sum = 0;
    bool isTimed = false;
    for (const LayerResult& layer : result.layers) {
        sum += layer.p50Us.value_or(0);
        isTimed = isTimed || layer.p50Us;
    }
    if (!isTimed || result.latency.p50 <= 0) return std::nullopt;
    return result.latency.p50 * 1000 - sum;
}

/// What a recipe step cost and did.
struct StepResult {
    std::string op;
    double seconds = 0;
    std::int64_t peakMemoryBytes = 0;
    std::map<std::string, double> figures; ///< "loss_total", "parameters", "epochs", "final_loss", "changed_nodes", …
    std::vector<double> epochLosses;       ///< fine-tuning
    std::vector<base::Message> notes;      ///< facts for a person ("fc3 kept in float")
    std::vector<base::Message> warnings{}; ///< what was asked for and did not happen ("No channel was removed.")
};

struct Comparison {
    std::optional<double> accuracyDrop; ///< baseline − optimized, fraction
    std::optional<double> agreement;    ///< share of samples with the same top-1; unset where outputs are no classes
    double sizeRatio = 1;               ///< baseline file bytes / optimized file bytes
    Speedup speedup;
    std::vector<Flip> flips;
    std::optional<double> simulatedAgreement; ///< real against simulated predictions of the optimized model, when it is quantized
    std::optional<double> simulatedAccuracy;
};

/// Where and with what a run was measured. Keys are stable snake_case ("cpu", "threads", "torch", "kernel", "governor", "load_before", …).
using Environment = std::map<std::string, std::string>;

/// A complete comparison: the document "lathe.run/1".
struct RunDocument {
    std::string modelFile, modelSha256, modelFormat;
    std::string dataName, dataSha256;
    std::int64_t dataSamples = 0;
    Environment environment;
    std::int64_t seed = 0;
    std::string recipeJson; ///< the recipe as it ran
    std::vector<StepResult> steps;
    ModelResult baseline, optimized;
    Comparison comparison;
    std::string historyFile;
    std::vector<std::string> historyIds; ///< baseline, optimized
};

} // namespace lathe::measure

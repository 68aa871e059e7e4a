#include <core/train/finetune.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <core/base/log.h>
#include <core/data/model_fit.h>
#include <core/graph/layers.h>
#include <core/runtime/call_torch.h>
#include <core/runtime/plan_torch.h>
#include <core/train/checkpoint.h>
#include <core/train/differentiable_torch.h>
#include <core/train/training_torch.h>

namespace lathe::train {

namespace {

using base::ErrorCode;
using base::failure;
using data::Split;
using Clock = std::chrono::steady_clock;

/// What can be known before anything runs.
base::Result<> checkTrainable(const graph::Graph& graph, const data::Dataset& dataset, const FinetuneOptions& options) {
    if (options.epochs < 0 || options.batchSize < 1 || options.accumulate < 1)
        return failure(ErrorCode::InvalidArgument, {"train.batchIsTooSmall", {}});
    if (dataset.size(Split::Train) == 0) return failure(ErrorCode::Rejected, {"data.noTrainingSamples", {{"data", dataset.name()}}});
    if (!dataset.hasLabels() && !options.distillation.isOn())
        return failure(ErrorCode::Rejected, {"data.noLabelsToTrainWith", {{"data", dataset.name()}}});
    if (const auto checked = checkAugmentation(options.augmentation, dataset); !checked) return base::forward(checked);
    return checkDifferentiable(graph, dataset, "train.mustComeBeforeQuantization");
}

/// Multiply-accumulates of one forward pass of a batch, found by running one sample, which also shows whether the model can take it.
base::Result<std::int64_t> macsPerBatch(const graph::Graph& graph, const data::Dataset& dataset, const FinetuneOptions& options) {
    graph::Graph annotated = graph;
    const std::vector<c10::IValue> sample = runtime::toInputs(dataset.call(Split::Train, 0, 1), {});
    if (const auto shapes = runtime::annotateShapes(annotated, sample); !shapes)
        return tl::unexpected(data::misfit(dataset, shapes.error()));
    return graph::macsPerSample(annotated).known * dataset.callSize(options.batchSize);
}

/// Keeps batches that take only a few milliseconds on one thread. Handing parts of such operators to other threads saves little, and costs
/// up to ten times the whole step when other programs run, because the threads wait for each other busily.
class SmallBatchThreads {
public:
    explicit SmallBatchThreads(std::int64_t macs) : m_before(runtime::threads()) {
        constexpr std::int64_t smallMacs = 64'000'000;
        if (macs < smallMacs) runtime::setThreads(1);
    }
    ~SmallBatchThreads() { runtime::setThreads(m_before); }
    SmallBatchThreads(const SmallBatchThreads&) = delete;
    SmallBatchThreads& operator=(const SmallBatchThreads&) = delete;

private:
    int m_before;
};

/// The state behind the epochs that the report tells of; one that cannot be written only cannot be continued.
void saveState(const Training& training, const std::string& fingerprint, const FinetuneReport& report,
               const std::map<std::string, tensor::Tensor>& best, const std::filesystem::path& file) {
    Training::State state = training.state();
    const Checkpoint checkpoint{fingerprint, report.curve, std::move(state.weights), std::move(state.others), best};
    if (const auto written = writeCheckpoint(file, checkpoint); !written) {
        base::log(base::LogLevel::Warning, "Fine-tuning cannot be continued after an interruption: " + written.error().text());
    }
}

void setWeights(graph::Graph& graph, const std::map<std::string, tensor::Tensor>& weights) {
    for (graph::Value& value : graph.values) {
        if (value.kind == graph::ValueKind::Weight) value.data = weights.at(value.name);
    }
}

/// 1-based; 0: there is none.
int bestEpoch(const std::vector<double>& losses) {
    return losses.empty() ? 0 : static_cast<int>(std::ranges::min_element(losses) - losses.begin()) + 1;
}

base::Result<FinetuneReport> train(graph::Graph& graph, const data::Dataset& dataset, const FinetuneOptions& options,
                                   const base::Job& job) {
    const Clock::time_point start = Clock::now();
    if (const auto checked = checkTrainable(graph, dataset, options); !checked) return base::forward(checked);
    FinetuneReport report;
    if (options.epochs == 0) return report;
    const base::Result<std::int64_t> macs = macsPerBatch(graph, dataset, options);
    if (!macs) return base::forward(macs);
    const SmallBatchThreads threads(*macs);

    // A resumed training starts from the saved weights, buffers included, by compiling the plan from them.
    graph::Graph startingPoint = graph;
    const std::string fingerprint = options.checkpoint.empty() ? "" : trainingFingerprint(graph, dataset, options);
    std::optional<Checkpoint> saved;
    if (!options.checkpoint.empty()) saved = readCheckpoint(options.checkpoint, fingerprint);
    std::map<std::string, tensor::Tensor> best;
    if (saved) {
        report.curve = saved->curve;
        report.firstEpoch = static_cast<int>(saved->curve.losses.size());
        best = saved->best;
        setWeights(startingPoint, saved->weights);
    }
    const auto training = Training::create(startingPoint, graph, dataset, options, job);
    if (!training) return base::forward(training);
    if (saved) (*training)->restore(saved->state);

    const bool validates = options.validation > 0;
    for (int epoch = report.firstEpoch; epoch < options.epochs && !job.finish.stop_requested(); ++epoch) {
        if (options.patience > 0 && validates && epoch - bestEpoch(report.curve.validationLosses) >= options.patience) break;
        const base::Result<std::optional<double>> loss = (*training)->runEpoch(epoch);
        if (!loss) return base::forward(loss);
        if (!*loss) break;
        report.curve.losses.push_back(**loss);
        report.curve.learningRates.push_back((*training)->learningRate());
        if (validates) {
            const auto aside = (*training)->validate();
            if (!aside) return base::forward(aside);
            report.curve.validationLosses.push_back(aside->loss);
            if (aside->accuracy) report.curve.validationAccuracies.push_back(*aside->accuracy);
            if (bestEpoch(report.curve.validationLosses) == epoch + 1) best = weightsOf((*training)->trained());
        }
        if (!options.checkpoint.empty()) saveState(**training, fingerprint, report, best, options.checkpoint);
    }
    report.bestEpoch = bestEpoch(report.curve.validationLosses);
    if (report.bestEpoch > 0)
        setWeights(graph, best);
    else
        graph = (*training)->trained();
    if (!options.checkpoint.empty()) {
        std::error_code ignored; // one that stays is ignored next time, because the graph is another
        std::filesystem::remove(options.checkpoint, ignored);
    }
    report.seconds = secondsSince(start);
    return report;
}

} // namespace

base::Result<FinetuneReport> finetune(graph::Graph& graph, const data::Dataset& dataset, const FinetuneOptions& options,
                                      const base::Job& job) {
    return differentiated("Training failed", [&]() -> base::Result<FinetuneReport> {
        if (!quantization::isQuantized(graph)) return train(graph, dataset, options, job);
        const auto form = quantization::trainableForm(graph);
        if (!form) return base::forward(form);
        FinetuneOptions rounded = options;
        rounded.rounded = &*form;
        graph::Graph trained = form->graph;
        auto report = train(trained, dataset, rounded, job);
        if (report) quantization::storeTrained(*form, trained, graph);
        return report;
    });
}

} // namespace lathe::train

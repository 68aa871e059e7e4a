#include <core/train/finetune.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/where.h>

#include <core/base/log.h>
#include <core/data/model_fit.h>
#include <core/graph/layers.h>
#include <core/graph/operators/operator.h>
#include <core/runtime/call_torch.h>
#include <core/runtime/plan_torch.h>
#include <core/train/checkpoint.h>
#include <core/train/random_order.h>
#include <core/train/schedule.h>
#include <core/train/sgd_torch.h>

namespace lathe::train {

namespace {

using base::ErrorCode;
using base::failure;
using data::Split;
using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// What can be known before anything runs.
base::Result<> checkTrainable(const graph::Graph& graph, const data::Dataset& dataset, const FinetuneOptions& options) {
    if (options.epochs < 0 || options.batchSize < 1)
        return failure(ErrorCode::InvalidArgument, "Training needs a batch size of 1 or more.");
    if (dataset.size(Split::Train) == 0) return failure(ErrorCode::Rejected, dataset.name() + " has no training samples.");
    if (!dataset.hasLabels()) return failure(ErrorCode::Rejected, dataset.name() + " has no labels to train with.");
    if (!dataset.hasClasses()) {
        return failure(ErrorCode::Rejected, "Fine-tuning needs one class for each sample, but the labels of " + dataset.name() + " are " +
                                                std::string(tensor::name(dataset.labels(Split::Train, 0, 1).dtype())) + " of the shape " +
                                                tensor::text(dataset.labels(Split::Train, 0, dataset.size(Split::Train)).shape()) + ".");
    }
    std::string quantized;
    graph::forEachNode(graph, [&](const graph::Node& node) {
        if (quantized.empty() && (graph::isQuantize(node.op) || graph::isDequantize(node.op))) quantized = node.name;
    });
    if (!quantized.empty()) {
        return failure(ErrorCode::Unsupported, "The model is quantized (" + quantized + "): fine-tuning must come before quantization.");
    }
    return data::checkFit(dataset, graph);
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

/// One training: the plan, its optimizer and where it stands.
class Training {
public:
    Training(runtime::Plan plan, const graph::Graph& original, const data::Dataset& dataset, const FinetuneOptions& options,
             const base::Job& job)
        : m_plan(std::move(plan)), m_sgd(m_plan.parameters(), options.momentum, options.weightDecay), m_dataset(dataset),
          m_options(options), m_job(job) {
        const std::int64_t all = dataset.size(Split::Train);
        m_samples = options.maxSamples > 0 ? std::min(options.maxSamples, all) : all;
        m_batchSize = dataset.callSize(options.batchSize);
        m_stepsPerEpoch = (m_samples + m_batchSize - 1) / m_batchSize;
        m_labels = runtime::toAten(dataset.labels(Split::Train, 0, m_samples));
        if (options.keepZeros) m_sgd.keepZerosOf(original);
    }

    [[nodiscard]] runtime::Plan& plan() { return m_plan; }
    [[nodiscard]] Sgd& sgd() { return m_sgd; }

    /// Trains one epoch (0-based) and returns its mean loss.
    base::Result<double> runEpoch(int epoch) {
        std::mt19937_64 random = epochRandom(m_options.seed, epoch);
        const std::vector<std::int64_t> order = randomOrder(m_samples, random);
        double lossSum = 0;
        for (std::int64_t step = 0; step < m_stepsPerEpoch; ++step) {
            if (m_job.isCancelled()) return base::Job::cancelled();
            const std::int64_t begin = step * m_batchSize;
            const std::int64_t count = std::min(m_batchSize, m_samples - begin);
            const auto positions = std::span(order).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count));
            const std::int64_t stepsDone = epoch * m_stepsPerEpoch + step;
            const auto loss = runBatch(positions, random, stepsDone);
            if (!loss) return base::forward(loss);
            lossSum += *loss * static_cast<double>(count);
            report(epoch, stepsDone + 1, lossSum / static_cast<double>(begin + count));
        }
        return lossSum / static_cast<double>(m_samples);
    }

private:
    base::Result<double> runBatch(std::span<const std::int64_t> positions, std::mt19937_64& random, std::int64_t stepsDone) {
        std::vector<c10::IValue> inputs = runtime::toInputs(m_dataset.gatherCall(Split::Train, positions), m_options.device);
        if (m_options.augmentation == Augmentation::HorizontalFlip) inputs.front() = flipped(inputs.front().toTensor(), random);
        at::Tensor labels = at::empty({static_cast<std::int64_t>(positions.size())}, at::kLong);
        std::ranges::transform(positions, labels.mutable_data_ptr<std::int64_t>(),
                               [all = m_labels.const_data_ptr<std::int64_t>()](std::int64_t position) { return all[position]; });

        base::Result<at::Tensor> scores = m_plan.runTensor(inputs);
        const auto count = static_cast<std::int64_t>(positions.size());
        if (scores) *scores = runtime::outputOfSamples(*scores, {count, m_dataset.callSize(count), m_dataset.callShape().hasBatch});
        if (!scores) return m_isFirst ? tl::unexpected(data::misfit(m_dataset, scores.error())) : base::forward(scores);
        if (m_isFirst) {
            if (const auto checked = checkScores(*scores, count); !checked) return base::forward(checked);
            m_isFirst = false;
        }
        const at::Tensor loss = at::cross_entropy_loss(*scores, labels.to(runtime::torchDevice(m_options.device)));
        const auto value = loss.item<double>();
        if (!std::isfinite(value)) {
            return failure(ErrorCode::Failed, "The training loss is not a finite number any more: a smaller learning rate may help.");
        }
        const double progress = static_cast<double>(stepsDone) / static_cast<double>(m_stepsPerEpoch * m_options.epochs);
        m_sgd.step(loss, m_options.learningRate * scheduleFactor(m_options.schedule, progress));
        return value;
    }

    base::Result<> checkScores(const at::Tensor& scores, std::int64_t count) const {
        if (scores.dim() != 2 || scores.size(0) != count || !scores.is_floating_point()) {
            return failure(ErrorCode::Rejected, "The model's output for " + std::to_string(count) + " samples is " +
                                                    tensor::text(tensor::Shape(scores.sizes().begin(), scores.sizes().end())) +
                                                    ", but fine-tuning needs one row of class scores for each.");
        }
        if (!scores.requires_grad()) return failure(ErrorCode::Rejected, "The model has no parameters to train.");
        const auto largest = m_labels.max().item<std::int64_t>();
        if (largest >= scores.size(1)) {
            return failure(ErrorCode::Rejected, m_dataset.name() + " has the label " + std::to_string(largest) +
                                                    ", but the model has only " + std::to_string(scores.size(1)) + " outputs.");
        }
        return {};
    }

    static at::Tensor flipped(const at::Tensor& samples, std::mt19937_64& random) {
        std::vector<std::int64_t> shape(static_cast<std::size_t>(samples.dim()), 1);
        shape[0] = samples.size(0);
        const at::Tensor chosen = at::empty({samples.size(0)}, at::kBool);
        std::generate_n(chosen.mutable_data_ptr<bool>(), samples.size(0), [&] { return uniform(random) < 0.5; });
        return at::where(chosen.view(shape).to(samples.device()), samples.flip(-1), samples);
    }

    void report(int epoch, std::int64_t stepsDone, double loss) {
        ++m_stepsHere;
        if (!m_job.progress || (secondsSince(m_reported) < 0.1 && stepsDone % m_stepsPerEpoch != 0)) return;
        m_reported = Clock::now();
        const std::int64_t steps = m_stepsPerEpoch * m_options.epochs;
        base::Progress progress;
        progress.phase = "finetune";
        progress.fraction = static_cast<double>(stepsDone) / static_cast<double>(steps);
        progress.secondsLeft = secondsSince(m_started) / static_cast<double>(m_stepsHere) * static_cast<double>(steps - stepsDone);
        progress.values = {{"epoch", epoch + 1}, {"epochs", m_options.epochs}, {"loss", loss}};
        m_job.report(progress);
    }

    runtime::Plan m_plan;
    Sgd m_sgd;
    const data::Dataset& m_dataset;
    const FinetuneOptions& m_options;
    const base::Job& m_job;
    std::int64_t m_samples = 0;
    std::int64_t m_batchSize = 1; ///< what was asked for, or what the model insists on
    std::int64_t m_stepsPerEpoch = 0;
    std::int64_t m_stepsHere = 0; ///< since this process began, for the time left
    at::Tensor m_labels;
    bool m_isFirst = true;
    Clock::time_point m_started = Clock::now();
    Clock::time_point m_reported;
};

std::map<std::string, tensor::Tensor> weightsOf(const graph::Graph& graph) {
    std::map<std::string, tensor::Tensor> weights;
    for (const graph::Value& value : graph.values) {
        if (value.kind == graph::ValueKind::Weight) weights.emplace(value.name, value.data);
    }
    return weights;
}

void saveState(Training& training, const graph::Graph& graph, const std::string& fingerprint, const std::vector<double>& losses,
               const std::filesystem::path& file) {
    graph::Graph current = graph;
    training.plan().storeWeights(current);
    Checkpoint checkpoint{fingerprint, losses, weightsOf(current), {}};
    for (const auto& [name, buffer] : training.sgd().momentumBuffers()) {
        checkpoint.momentum.emplace(name, runtime::fromAten(buffer));
    }
    if (const auto written = writeCheckpoint(file, checkpoint); !written) {
        base::log(base::LogLevel::Warning, "Fine-tuning cannot be continued after an interruption: " + written.error().text());
    }
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
    if (saved) {
        report.epochLosses = saved->epochLosses;
        report.firstEpoch = static_cast<int>(saved->epochLosses.size());
        for (graph::Value& value : startingPoint.values) {
            if (value.kind == graph::ValueKind::Weight) value.data = saved->weights.at(value.name);
        }
    }
    base::Result<runtime::Plan> plan = runtime::Plan::compile(startingPoint, {.device = options.device, .training = true});
    if (!plan) return base::forward(plan);
    if (plan->parameters().empty()) return failure(ErrorCode::Rejected, "The model has no parameters to train.");
    Training training(std::move(*plan), graph, dataset, options, job);
    if (saved) {
        std::map<std::string, at::Tensor> buffers;
        for (const auto& [name, buffer] : saved->momentum) {
            buffers.emplace(name, runtime::toAten(buffer));
        }
        training.sgd().restoreMomentum(buffers);
    }

    for (int epoch = report.firstEpoch; epoch < options.epochs; ++epoch) {
        const base::Result<double> loss = training.runEpoch(epoch);
        if (!loss) return base::forward(loss);
        report.epochLosses.push_back(*loss);
        if (!options.checkpoint.empty()) saveState(training, graph, fingerprint, report.epochLosses, options.checkpoint);
    }
    training.plan().storeWeights(graph);
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
    const at::AutoGradMode gradients(true);
    try {
        return train(graph, dataset, options, job);
    } catch (const c10::Error& error) {
        const std::string message = error.what_without_backtrace();
        return failure(ErrorCode::Failed, "Training failed: " + message.substr(0, message.find('\n')));
    } catch (const std::exception& error) {
        return failure(ErrorCode::Failed, std::string("Training failed: ") + error.what() + ".");
    }
}

} // namespace lathe::train

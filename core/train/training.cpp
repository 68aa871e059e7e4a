#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/autograd.h>

#include <core/data/model_fit.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/normalization.h>
#include <core/runtime/call_torch.h>
#include <core/train/autocast_torch.h>
#include <core/train/checkpoint.h>
#include <core/train/random_order.h>
#include <core/train/schedule.h>
#include <core/train/training_torch.h>

namespace lathe::train {

namespace {

using base::ErrorCode;
using base::failure;
using data::Split;

constexpr std::string_view optimizerPrefix = "optimizer/", averagePrefix = "average/", mapPrefix = "map/";

/// Without gradients and without anything that hides values: what is looked at.
graph::Graph withoutParameters(graph::Graph graph) {
    for (graph::Value& value : graph.values)
        value.isParameter = false;
    return graph;
}

/// As it is trained: frozen weights are constants, batch norms use the statistics of the batch where that is wanted.
graph::Graph forTraining(graph::Graph graph, const FinetuneOptions& options) {
    const auto isFrozen = [&](const graph::Value& value) { return std::ranges::find(options.frozen, value.name) != options.frozen.end(); };
    for (graph::Value& value : graph.values) {
        if (isFrozen(value)) value.isParameter = false;
    }
    if (options.batchNorm == steps::BatchNorm::Batch) {
        graph::forEachNode(graph, [&](graph::Node& node) {
            if (node.op != graph::op::batchNorm) return;
            const graph::Operand& mean = graph::BatchNorm(node).mean();
            if (mean.isValue() && isFrozen(graph.value(mean.value()))) return; // its statistics stay as well
            graph::setOperand(node, "training", graph::Literal(true));
        });
    }
    return graph;
}

/// Longer gradients are shortened to `most`, all by the same factor, as torch.nn.utils.clip_grad_norm_ does.
void clip(std::vector<at::Tensor>& gradients, double most) {
    double squares = 0;
    for (const at::Tensor& gradient : gradients) {
        if (gradient.defined()) squares += std::pow(gradient.norm().item<double>(), 2);
    }
    const double factor = most / (std::sqrt(squares) + 1e-6);
    if (factor >= 1) return;
    for (at::Tensor& gradient : gradients) {
        if (gradient.defined()) gradient.mul_(factor);
    }
}

/// The scales of a quantized model, which are kept above 0.
std::vector<at::Tensor> scalesOf(const NamedTensors& learned, const quantization::TrainableForm& form) {
    std::vector<at::Tensor> scales;
    for (const auto& weight : form.weights) {
        if (const auto found = learned.find(weight.scale); found != learned.end()) scales.push_back(found->second);
    }
    return scales;
}

} // namespace

Training::Training(runtime::Plan plan, const graph::Graph& original, const data::Dataset& dataset, const FinetuneOptions& options,
                   const base::Job& job)
    : m_plan(std::move(plan)), m_graph(original), m_dataset(dataset), m_options(options), m_job(job) {}

base::Result<std::unique_ptr<Training>> Training::create(const graph::Graph& start, const graph::Graph& original,
                                                         const data::Dataset& dataset, const FinetuneOptions& options,
                                                         const base::Job& job) {
    auto plan = runtime::Plan::compile(forTraining(start, options), {.device = options.device, .training = true});
    if (!plan) return base::forward(plan);
    if (plan->parameters().empty()) return failure(ErrorCode::Rejected, {"train.noParameters", {}});
    std::unique_ptr<Training> training(new Training(std::move(*plan), original, dataset, options, job));
    if (auto prepared = training->prepare(start); !prepared) return base::forward(prepared);
    return training;
}

void Training::splitSamples() {
    const std::int64_t all = m_dataset.size(Split::Train);
    m_samples = m_options.maxSamples > 0 ? std::min(m_options.maxSamples, all) : all;
    if (m_dataset.hasLabels()) {
        m_labels = m_dataset.labels(Split::Train, 0, m_samples);
        m_labelTensor = runtime::toAten(m_labels);
    }
    if (m_options.validation <= 0) return;
    std::mt19937_64 random = epochRandom(m_options.seed, -1);
    m_training = randomOrder(m_samples, random);
    const auto aside = std::clamp<std::int64_t>(std::llround(m_options.validation * static_cast<double>(m_samples)), 1, m_samples - 1);
    m_validation.assign(m_training.end() - aside, m_training.end());
    m_training.resize(m_training.size() - static_cast<std::size_t>(aside));
    m_samples -= aside;
}

/// From now on elements that are zero in the graph's weights (two or more dimensions) are set to zero after each step.
void Training::keepZeros() {
    for (const graph::Value& value : m_graph.values) {
        const auto found = m_learned.find(value.name);
        if (found == m_learned.end() || value.data.shape().size() < 2) continue;
        if (m_options.rounded && std::ranges::find(m_options.rounded->weights, value.name, &quantization::TrainableForm::Weight::name) !=
                                     m_options.rounded->weights.end())
            continue; // rounding makes zeros too
        const at::Tensor mask = runtime::toAten(value.data).to(found->second.device()).ne(0);
        if (!mask.all().item<bool>()) m_masks.push_back({found->second, mask.to(found->second.scalar_type())});
    }
}

base::Result<> Training::prepare(const graph::Graph& start) {
    if (m_options.validation > 0 && (m_dataset.size(Split::Train) < 2 || m_options.maxSamples == 1))
        return failure(ErrorCode::Rejected, {"train.onlyOneSample", {{"data", m_dataset.name()}}});
    splitSamples();
    m_batchSize = m_dataset.callSize(m_options.batchSize);
    m_batchesPerEpoch = (m_samples + m_batchSize - 1) / m_batchSize;
    m_stepsPerEpoch = (m_batchesPerEpoch + m_options.accumulate - 1) / m_options.accumulate;
    m_learned = m_plan.parameters();
    if (m_options.distillation.isOn()) {
        if (m_options.teacher == nullptr) return failure(ErrorCode::InvalidArgument, {"train.noTeacher", {}});
        auto teacher = Teacher::create(*m_options.teacher, start, m_options.distillation, m_options.device);
        if (!teacher) return base::forward(teacher);
        m_teacher = std::move(*teacher);
    }

    // A batch through a plan that changes nothing: what the model gives settles what is learned.
    auto plan = runtime::Plan::compile(withoutParameters(start), {.device = m_options.device, .training = true});
    if (!plan) return base::forward(plan);
    std::vector<std::int64_t> first(static_cast<std::size_t>(std::min(m_batchSize, m_samples)));
    for (std::size_t at = 0; at < first.size(); ++at)
        first[at] = m_training.empty() ? static_cast<std::int64_t>(at) : m_training[at];
    const Batch batch = batchOf(first);
    auto answers = answersOf(*plan, batch);
    if (!answers) return tl::unexpected(data::misfit(m_dataset, answers.error()));
    if (answers->outputs.empty()) return failure(ErrorCode::Rejected, {"model.noTensorOutput", {}});
    auto task = TaskLoss::choose(m_graph, answers->outputs, batch.count, m_labels, m_dataset.name(), m_options.evaluation, m_options);
    if (!task) return base::forward(task);
    m_task = std::move(*task);
    if (!m_task->hasLoss() && !m_teacher) {
        return failure(ErrorCode::Rejected, m_dataset.hasLabels()
                                                ? base::Message("train.needsTeacher", {{"task", std::string(recipe::name(m_task->task()))}})
                                                : base::Message("data.noLabelsToTrainWith", {{"data", m_dataset.name()}}));
    }
    if (m_teacher) {
        const auto said = taught(batch);
        if (!said) return base::forward(said);
        if (auto prepared = m_teacher->prepare(*answers, *said, m_options.seed); !prepared) return base::forward(prepared);
        if (auto asked = askTeacher(*said); !asked) return asked;
        for (const auto& [name, map] : m_teacher->parameters())
            m_learned.emplace(name, map);
    }

    for (const auto& [name, leaf] : m_learned)
        m_leaves.push_back(leaf);
    m_codebooks.emplace(m_graph, m_learned);
    m_optimizer = makeOptimizer(m_learned, m_options);
    if (m_options.ema > 0) m_average.emplace(m_plan.parameters(), m_options.ema);
    if (m_options.keepZeros) keepZeros();
    if (m_options.rounded) m_scales = scalesOf(m_learned, *m_options.rounded);
    return {};
}

Batch Training::batchOf(std::span<const std::int64_t> positions) const {
    Batch batch;
    batch.count = static_cast<std::int64_t>(positions.size());
    batch.inputs = runtime::toInputs(m_dataset.gatherCall(Split::Train, positions), m_options.device);
    batch.rows = at::empty({batch.count}, at::kLong);
    std::ranges::copy(positions, batch.rows.mutable_data_ptr<std::int64_t>());
    if (m_labelTensor.defined()) batch.labels = m_labelTensor.index_select(0, batch.rows).to(runtime::torchDevice(m_options.device));
    return batch;
}

base::Result<> Training::askTeacher(const Answers& first) {
    constexpr std::int64_t mostNumbers = 64'000'000;
    const std::int64_t all = m_samples + static_cast<std::int64_t>(m_validation.size());
    std::int64_t perSample = 0;
    for (const at::Tensor& output : first.outputs) {
        if (output.dim() == 0) return {};
        perSample += output.numel() / output.size(0);
    }
    if (m_options.epochs < 2 || m_options.augmentation != steps::Augmentation() ||
        m_options.distillation.features != steps::FeatureLoss::None || perSample * all > mostNumbers)
        return {};
    m_job.report({.phase = "finetune", .fraction = 0, .values = {{"epoch", 1}, {"epochs", m_options.epochs}}});
    std::vector<at::Tensor> kept;
    for (std::int64_t begin = 0; begin < all; begin += m_batchSize) {
        if (m_job.isCancelled()) return base::Job::cancelled();
        std::vector<std::int64_t> positions(static_cast<std::size_t>(std::min(m_batchSize, all - begin)));
        std::iota(positions.begin(), positions.end(), begin);
        const Batch batch = batchOf(positions);
        const auto said = taught(batch);
        if (!said) return base::forward(said);
        for (std::size_t output = 0; output < said->outputs.size(); ++output) {
            const at::Tensor& part = said->outputs[output];
            if (part.size(0) != batch.count) return {}; // not one for each sample
            if (kept.size() <= output) {
                std::vector<std::int64_t> shape = part.sizes().vec();
                shape.front() = all;
                kept.push_back(at::empty(shape, part.options()));
            }
            if (part.sizes().slice(1) != kept[output].sizes().slice(1)) return {};
            kept[output].narrow(0, begin, batch.count).copy_(part);
        }
    }
    m_taught = std::move(kept);
    return {};
}

base::Result<Answers> Training::taught(const Batch& batch) {
    if (m_taught.empty()) return m_teacher->run(batch.inputs, {batch.count, m_dataset.callSize(batch.count), m_dataset.callShape()});
    Answers said;
    for (const at::Tensor& output : m_taught)
        said.outputs.push_back(output.index_select(0, batch.rows.to(output.device())));
    return said;
}

base::Result<Answers> Training::answersOf(runtime::Plan& plan, const Batch& batch) const {
    const runtime::CalledSamples called{batch.count, m_dataset.callSize(batch.count), m_dataset.callShape()};
    Answers answers;
    {
        const Autocast autocast(m_options.precision, runtime::torchDevice(m_options.device).type());
        if (m_teacher) {
            auto said = m_teacher->runStudent(plan, batch.inputs, called);
            if (!said) return said;
            answers = std::move(*said);
        } else {
            const auto outputs = plan.run(batch.inputs);
            if (!outputs) return base::forward(outputs);
            answers.outputs = runtime::outputsOfSamples(*outputs, called);
        }
    }
    for (at::Tensor& output : answers.outputs)
        output = inFloat(output);
    for (auto& [layer, features] : answers.features)
        features = inFloat(features);
    return answers;
}

base::Result<at::Tensor> Training::lossOf(const Answers& answers, const Batch& batch) {
    at::Tensor loss;
    const double ofLabels = !m_task->hasLoss() ? 0 : 1 - m_options.distillation.weight;
    if (ofLabels > 0) {
        const at::Tensor scores = m_task->scores(answers.outputs);
        loss = m_task->of(scores, batch.labels);
        if (batch.mixedLabels.defined()) loss = loss * batch.share + m_task->of(scores, batch.mixedLabels) * (1 - batch.share);
        if (ofLabels != 1) loss = loss * ofLabels;
    }
    if (m_teacher) {
        const auto said = taught(batch);
        if (!said) return base::forward(said);
        const at::Tensor part = m_teacher->lossOf(answers, *said, *m_task);
        if (part.defined()) loss = loss.defined() ? loss + part : part;
    }
    return loss;
}

base::Result<double> Training::accumulate(std::span<const std::int64_t> positions, double share, std::mt19937_64& random) {
    Batch batch = batchOf(positions);
    if (m_options.augmentation != steps::Augmentation()) {
        const data::BatchAxis axis = m_dataset.callShape().inputAxis(0);
        const auto place = static_cast<std::int64_t>(axis.value_or(0));
        const at::Tensor given = batch.inputs.front().toTensor();
        batch.inputs.front() = axis ? given.movedim(place, 0) : given.unsqueeze(0);
        augment(batch, m_options.augmentation, m_task->task(), random);
        const at::Tensor augmented = batch.inputs.front().toTensor();
        batch.inputs.front() = axis ? augmented.movedim(0, place).contiguous() : augmented.squeeze(0);
    }
    const auto answers = answersOf(m_plan, batch);
    if (!answers) return base::forward(answers);
    auto loss = lossOf(*answers, batch);
    if (!loss) return base::forward(loss);
    const auto value = loss->item<double>();
    if (!std::isfinite(value)) {
        return failure(ErrorCode::Failed, {"train.lossIsNotFinite", {}});
    }
    if (!loss->requires_grad()) return failure(ErrorCode::Rejected, {"train.noParameters", {}});
    if (share != 1) *loss = *loss * share;
    std::vector<at::Tensor> gradients = torch::autograd::grad({*loss}, m_leaves, {}, std::nullopt, false, /*allow_unused=*/true);
    if (m_gradients.empty()) {
        m_gradients = std::move(gradients);
        return value;
    }
    const at::NoGradGuard noGradient;
    for (std::size_t at = 0; at < gradients.size(); ++at) {
        if (!gradients[at].defined()) continue;
        m_gradients[at] = m_gradients[at].defined() ? m_gradients[at] + gradients[at] : gradients[at];
    }
    return value;
}

void Training::step(std::int64_t stepsDone) {
    const at::NoGradGuard noGradient;
    m_codebooks->scale(m_gradients);
    if (m_options.clipNorm > 0) clip(m_gradients, m_options.clipNorm);
    const double factor = scheduleFactor(m_options.schedule, m_options.warmUp, stepsDone, m_stepsPerEpoch * m_options.epochs);
    m_learningRate = m_options.learningRate * factor;
    m_optimizer->step(m_gradients, m_learningRate);
    m_gradients.clear();
    for (Mask& entry : m_masks)
        entry.parameter.mul_(entry.mask);
    constexpr double smallestScale = 1e-8;
    for (at::Tensor& scale : m_scales)
        scale.clamp_min_(smallestScale);
    if (m_average) m_average->update();
}

base::Result<std::optional<double>> Training::runEpoch(int epoch) {
    std::mt19937_64 random = epochRandom(m_options.seed, epoch);
    std::vector<std::int64_t> order = randomOrder(m_samples, random);
    if (!m_training.empty()) {
        for (std::int64_t& position : order)
            position = m_training[static_cast<std::size_t>(position)];
    }
    double lossSum = 0;
    std::int64_t seen = 0;
    for (std::int64_t at = 0; at < m_batchesPerEpoch; ++at) {
        if (m_job.isCancelled()) return base::Job::cancelled();
        if (m_job.finish.stop_requested()) break;
        const std::int64_t begin = at * m_batchSize, count = std::min(m_batchSize, m_samples - begin);
        const std::int64_t firstOfStep = at / m_options.accumulate * m_options.accumulate * m_batchSize;
        const std::int64_t inStep = std::min(m_options.accumulate * m_batchSize, m_samples - firstOfStep);
        const auto positions = std::span(order).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count));
        const auto loss = accumulate(positions, static_cast<double>(count) / static_cast<double>(inStep), random);
        if (!loss) return base::forward(loss);
        if ((at + 1) % m_options.accumulate == 0 || at + 1 == m_batchesPerEpoch) step(epoch * m_stepsPerEpoch + at / m_options.accumulate);
        lossSum += *loss * static_cast<double>(count);
        seen += count;
        report(epoch, epoch * m_batchesPerEpoch + at + 1, lossSum / static_cast<double>(seen));
    }
    m_gradients.clear();
    return seen == 0 ? std::optional<double>() : std::optional(lossSum / static_cast<double>(seen));
}

base::Result<Training::Validation> Training::validate() {
    auto plan = runtime::Plan::compile(withoutParameters(trained()), {.device = m_options.device, .training = true});
    if (!plan) return base::forward(plan);
    double lossSum = 0;
    std::int64_t right = 0, answered = 0;
    for (std::size_t begin = 0; begin < m_validation.size(); begin += static_cast<std::size_t>(m_batchSize)) {
        if (m_job.isCancelled()) return base::Job::cancelled();
        const auto positions =
            std::span(m_validation).subspan(begin, std::min(static_cast<std::size_t>(m_batchSize), m_validation.size() - begin));
        const Batch batch = batchOf(positions);
        const auto answers = answersOf(*plan, batch);
        if (!answers) return base::forward(answers);
        const auto loss = lossOf(*answers, batch);
        if (!loss) return base::forward(loss);
        if (batch.labels.defined()) {
            const TaskLoss::Right counted = m_task->rightOf(m_task->scores(answers->outputs), batch.labels);
            right += counted.right;
            answered += counted.all;
        }
        lossSum += loss->item<double>() * static_cast<double>(positions.size());
        tell();
    }
    m_validated = {lossSum / static_cast<double>(m_validation.size())};
    if (answered > 0) m_validated->accuracy = static_cast<double>(right) / static_cast<double>(answered);
    return *m_validated;
}

graph::Graph Training::trained() const {
    graph::Graph graph = m_graph;
    m_plan.storeWeights(graph);
    if (!m_average) return graph;
    for (graph::Value& value : graph.values) {
        const auto found = m_average->averages().find(value.name);
        if (found != m_average->averages().end()) value.data = runtime::fromAten(found->second);
    }
    return graph;
}

Training::State Training::state() const {
    graph::Graph graph = m_graph;
    m_plan.storeWeights(graph);
    State state{weightsOf(graph), {}};
    const auto add = [&](std::string_view prefix, const NamedTensors& tensors) {
        for (const auto& [name, tensor] : tensors)
            state.others.emplace(std::string(prefix) + name, runtime::fromAten(tensor.detach()));
    };
    add(optimizerPrefix, m_optimizer->state());
    if (m_average) add(averagePrefix, m_average->averages());
    if (m_teacher) add(mapPrefix, m_teacher->parameters());
    return state;
}

void Training::restore(const std::map<std::string, tensor::Tensor>& others) {
    const at::NoGradGuard noGradient;
    const at::Device device = runtime::torchDevice(m_options.device);
    const auto read = [&](std::string_view prefix) {
        NamedTensors tensors;
        for (const auto& [name, tensor] : others) {
            if (name.starts_with(prefix)) tensors.emplace(name.substr(prefix.size()), runtime::toAten(tensor).to(device).clone());
        }
        return tensors;
    };
    m_optimizer->restore(read(optimizerPrefix));
    if (m_average) m_average->restore(read(averagePrefix));
    if (!m_teacher) return;
    const NamedTensors maps = read(mapPrefix);
    for (const auto& [name, map] : m_teacher->parameters())
        at::Tensor(map).copy_(maps.at(name));
}

void Training::report(int epoch, std::int64_t batchesDone, double loss) {
    ++m_batchesHere;
    const std::int64_t batches = m_batchesPerEpoch * m_options.epochs;
    m_progress.phase = "finetune";
    m_progress.fraction = static_cast<double>(batchesDone) / static_cast<double>(batches);
    m_progress.secondsLeft = secondsSince(m_started) / static_cast<double>(m_batchesHere) * static_cast<double>(batches - batchesDone);
    m_progress.values = {{"epoch", epoch + 1}, {"epochs", m_options.epochs}, {"loss", loss}, {"learning_rate", m_learningRate}};
    if (m_validated) m_progress.values.emplace("validation_loss", m_validated->loss);
    if (m_validated && m_validated->accuracy) m_progress.values.emplace("validation_accuracy", *m_validated->accuracy);
    tell(batchesDone % m_batchesPerEpoch == 0);
}

void Training::tell(bool atOnce) {
    if (!m_job.progress || (secondsSince(m_reported) < 0.1 && !atOnce)) return;
    const Clock::time_point before = Clock::now();
    m_job.report(m_progress);
    m_reported = Clock::now();
    m_started += m_reported - before; // whoever is told may let it wait: that is no time of the training
}

} // namespace lathe::train

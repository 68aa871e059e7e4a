#include <optional>

#include <ATen/TensorOperators.h>
#include <ATen/ops/bincount.h>
#include <ATen/ops/tensor.h>

#include <core/graph/model_outputs.h>
#include <core/graph/operators/names.h>
#include <core/runtime/plan_torch.h>
#include <core/train/binary_cross_entropy_torch.h>
#include <core/train/cross_entropy_torch.h>
#include <core/train/dice_loss_torch.h>
#include <core/train/number_loss_torch.h>
#include <core/train/task_loss_torch.h>

namespace lathe::train {

namespace {

using base::ErrorCode;
using base::failure;
using recipe::Task;

/// The operator that gives output number `index`, "" when that cannot be seen.
std::string operatorOf(const graph::Graph& graph, std::size_t index) {
    const graph::UseIndex uses(graph);
    const std::vector<graph::ModelOutput> outputs = graph::modelOutputs(graph, uses);
    if (index >= outputs.size() || !outputs[index].operand.isValue()) return {};
    const graph::Node* producer = uses.producer(outputs[index].operand.value());
    return producer == nullptr ? "" : producer->op;
}

/// No scores add up to 1 in all places by chance.
bool areProbabilities(const at::Tensor& scores, std::int64_t axis) {
    constexpr double rounding = 1e-3;
    return scores.min().item<double>() >= 0 && scores.sum(axis).sub(1).abs().max().item<double>() < rounding;
}

base::Result<> checkLoss(steps::Loss loss, const measure::TaskChoice& choice) {
    const std::string task(recipe::name(choice.task));
    if (loss == steps::Loss::Huber && choice.task != Task::Regression)
        return failure(ErrorCode::Rejected, {"train.huberIsForNumbers", {{"task", task}}});
    if (loss == steps::Loss::Dice && choice.task != Task::Segmentation)
        return failure(ErrorCode::Rejected, {"train.diceIsForMaps", {{"task", task}}});
    return {};
}

/// By how often each class, or yes beside no in each column, is there: the mean over the samples stays 1.
at::Tensor balancedWeights(Task task, const at::Tensor& labels, std::int64_t columns) {
    if (areTruths(task)) {
        const at::Tensor yes = labels.reshape({-1, columns}).to(at::kDouble).sum(0);
        const auto rows = static_cast<double>(labels.numel() / columns);
        return ((rows - yes) / yes.clamp_min(1)).clamp_min(1 / rows);
    }
    at::Tensor counted = labels.reshape({-1});
    counted = counted.index_select(0, counted.ge(0).logical_and_(counted.lt(columns)).nonzero().flatten());
    const at::Tensor counts = at::bincount(counted, {}, columns).to(at::kDouble);
    return static_cast<double>(counted.numel()) / (static_cast<double>(columns) * counts.clamp_min(1));
}

} // namespace

bool areClasses(Task task) { return task == Task::Classification || task == Task::Tokens || task == Task::Segmentation; }
bool areTruths(Task task) { return task == Task::Binary || task == Task::MultiLabel; }

base::Result<TaskLoss> TaskLoss::choose(const graph::Graph& graph, std::span<const at::Tensor> outputs, std::int64_t samples,
                                        const tensor::Tensor& labels, const std::string& dataName, const recipe::Evaluation& evaluation,
                                        const steps::TrainingSettings& settings) {
    std::optional<measure::LabelForm> form = measure::labelForm(labels);
    if (form) form->shape.front() = samples;
    std::vector<tensor::Shape> shapes;
    for (const at::Tensor& output : outputs)
        shapes.emplace_back(output.sizes().begin(), output.sizes().end());
    const auto choice = measure::chooseTask(form, shapes, graph::outputNames(graph), evaluation, dataName);
    if (!choice) return base::forward(choice);
    TaskLoss loss;
    loss.m_choice = *choice;
    loss.m_loss = settings.loss;
    loss.m_smoothing = settings.labelSmoothing;
    const at::Tensor& output = outputs[choice->output];
    const bool isOneScore = choice->task == Task::Segmentation && output.size(1) == 1;
    if (areTruths(choice->task) || isOneScore) {
        if (operatorOf(graph, choice->output) == graph::op::sigmoid) loss.m_scores = Scores::Odds;
    } else if (areClasses(choice->task) && areProbabilities(output, choice->classAxis)) {
        loss.m_scores = Scores::Probabilities;
    }
    if (const auto checked = checkLoss(settings.loss, *choice); !checked) return base::forward(checked);

    if (!loss.hasLoss() || choice->task == Task::Regression) return loss;
    std::int64_t classes = areTruths(choice->task) ? output.numel() / output.size(0) : output.size(choice->classAxis);
    if (areClasses(choice->task)) {
        classes = std::max<std::int64_t>(classes, 2);
        const bool isIgnored =
            choice->task != Task::Classification && form->largest == measure::ignoredLabel && classes <= measure::ignoredLabel;
        if (form->largest >= classes && !isIgnored) {
            return failure(ErrorCode::Rejected,
                           {"train.labelOutOfRange", {{"data", dataName}, {"label", form->largest}, {"outputs", classes}}});
        }
    }
    const auto weights = static_cast<std::int64_t>(settings.classWeights.size());
    if (weights > 0 && weights != classes) {
        if (areTruths(choice->task))
            return failure(ErrorCode::Rejected, {"train.otherColumnWeights", {{"weights", weights}, {"columns", classes}}});
        return failure(ErrorCode::Rejected, {"train.otherClassWeights", {{"weights", weights}, {"classes", classes}}});
    }
    if (weights > 0) loss.m_weights = at::tensor(at::ArrayRef<double>(settings.classWeights));
    if (settings.balancesClasses) loss.m_weights = balancedWeights(choice->task, runtime::toAten(labels), classes);
    if (loss.m_weights.defined()) loss.m_weights = loss.m_weights.to(output.options());
    return loss;
}

at::Tensor TaskLoss::scores(std::span<const at::Tensor> outputs) const {
    constexpr double smallest = 1e-7;
    const at::Tensor& output = outputs[m_choice.output];
    if (m_scores == Scores::Probabilities) return output.clamp_min(smallest).log();
    return m_scores == Scores::Odds ? output.logit(smallest) : output;
}

TaskLoss::Right TaskLoss::rightOf(const at::Tensor& scores, const at::Tensor& labels) const {
    const auto count = [](const at::Tensor& isRight) { return Right{isRight.sum().item<std::int64_t>(), isRight.numel()}; };
    if (areClasses(m_choice.task)) {
        const CountedParts parts = countedParts(scores, labels, m_choice.classAxis);
        return parts.labels.numel() == 0 ? Right() : count(parts.rows.argmax(1).eq(parts.labels));
    }
    if (areTruths(m_choice.task)) return count(scores.reshape({-1}).ge(0).eq(labels.reshape({-1}).ne(0)));
    return {};
}

at::Tensor TaskLoss::of(const at::Tensor& scores, const at::Tensor& labels) const {
    switch (m_choice.task) {
    case Task::Classification:
    case Task::Tokens:
    case Task::Segmentation:
        if (m_loss == steps::Loss::Dice) return diceLoss(scores, labels, m_choice.classAxis);
        return crossEntropy(scores, labels, m_choice.classAxis, m_smoothing, m_weights);
    case Task::Binary:
    case Task::MultiLabel:
        return binaryCrossEntropy(scores, labels, m_smoothing, m_weights);
    case Task::Regression:
        return m_loss == steps::Loss::Huber ? huberLoss(scores, labels) : squaredError(scores, labels);
    case Task::Outputs:
    case Task::Similarity:
        break;
    }
    return scores.sum() * 0;
}

} // namespace lathe::train

#include <core/train/loss_gradients.h>

#include <algorithm>
#include <optional>

#include <torch/csrc/autograd/autograd.h>

#include <core/data/model_fit.h>
#include <core/runtime/call_torch.h>
#include <core/runtime/plan_torch.h>
#include <core/train/differentiable_torch.h>
#include <core/train/task_loss_torch.h>

namespace lathe::train {

namespace {

using base::ErrorCode;
using base::failure;
using data::Split;

base::Result<> checkData(const graph::Graph& graph, const data::Dataset& dataset) {
    if (dataset.size(Split::Train) == 0) return failure(ErrorCode::Rejected, {"data.noTrainingSamples", {{"data", dataset.name()}}});
    if (!dataset.hasLabels()) return failure(ErrorCode::Rejected, {"train.gradientsNeedLabels", {{"data", dataset.name()}}});
    return checkDifferentiable(graph, dataset, "train.gradientsBeforeQuantization");
}

base::Result<> run(const graph::Graph& graph, const std::vector<std::string>& weights, const data::Dataset& dataset,
                   const GradientOptions& options, const std::function<void(const std::vector<tensor::Tensor>&)>& observer,
                   const base::Job& job) {
    if (const auto checked = checkData(graph, dataset); !checked) return base::forward(checked);
    auto plan = runtime::Plan::compile(graph, {.device = options.device, .training = true});
    if (!plan) return base::forward(plan);
    const std::map<std::string, at::Tensor> parameters = plan->parameters();
    std::vector<at::Tensor> wanted;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const auto found = parameters.find(weights[i]);
        if (found == parameters.end()) continue;
        wanted.push_back(found->second);
        places.push_back(i);
    }
    std::vector<tensor::Tensor> none;
    for (const std::string& name : weights) {
        const auto id = graph.findValue(name);
        none.push_back(id ? tensor::Tensor::zeros(tensor::DType::Float32, graph.value(*id).data.shape()) : tensor::Tensor());
    }

    std::optional<TaskLoss> task;
    const std::int64_t batchSize = dataset.callSize(std::max<std::int64_t>(options.batchSize, 1));
    const std::int64_t all = std::min(std::max<std::int64_t>(options.samples, 1), dataset.size(Split::Train));
    for (std::int64_t begin = 0; begin < all; begin += batchSize) {
        if (job.isCancelled()) return base::Job::cancelled();
        const std::int64_t count = std::min(batchSize, all - begin);
        const auto given = plan->run(runtime::toInputs(dataset.call(Split::Train, begin, count), options.device));
        if (!given) return tl::unexpected(data::misfit(dataset, given.error()));
        const std::vector<at::Tensor> outputs = runtime::outputsOfSamples(*given, {count, batchSize, dataset.callShape()});
        if (outputs.empty()) return failure(ErrorCode::Rejected, {"model.noTensorOutput", {}});
        if (!task) {
            const tensor::Tensor allLabels = dataset.labels(Split::Train, 0, dataset.size(Split::Train));
            auto chosen = TaskLoss::choose(graph, outputs, count, allLabels, dataset.name(), options.evaluation, {});
            if (!chosen) return base::forward(chosen);
            if (!chosen->hasLoss())
                return failure(ErrorCode::Rejected, {"train.taskHasNoLoss", {{"task", std::string(recipe::name(chosen->task()))}}});
            task = std::move(*chosen);
        }
        const at::Tensor scores = task->scores(outputs);
        if (!scores.requires_grad()) return failure(ErrorCode::Rejected, {"train.modelHasNoParameters", {}});
        const at::Tensor labels = runtime::toAten(dataset.labels(Split::Train, begin, count)).to(runtime::torchDevice(options.device));
        std::vector<at::Tensor> found;
        if (!wanted.empty()) {
            const at::Tensor loss = task->of(scores, labels);
            found = torch::autograd::grad({loss}, wanted, {}, std::nullopt, false, /*allow_unused=*/true);
        }
        std::vector<tensor::Tensor> gradients = none;
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (found[i].defined()) gradients[places[i]] = runtime::fromAten(found[i].detach().to(at::kFloat));
        }
        observer(gradients);
        job.report({.phase = "calibrate", .fraction = static_cast<double>(begin + count) / static_cast<double>(all)});
    }
    return {};
}

} // namespace

base::Result<> lossGradients(const graph::Graph& graph, const std::vector<std::string>& weights, const data::Dataset& dataset,
                             const GradientOptions& options, const std::function<void(const std::vector<tensor::Tensor>&)>& observer,
                             const base::Job& job) {
    return differentiated("The gradients cannot be computed", [&] { return run(graph, weights, dataset, options, observer, job); });
}

} // namespace lathe::train

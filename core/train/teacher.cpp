#include <algorithm>
#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mse_loss.h>
#include <ATen/ops/relu.h>

#include <core/graph/layers.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/operator.h>
#include <core/train/feature_loss_torch.h>
#include <core/train/output_loss_torch.h>
#include <core/train/random_order.h>
#include <core/train/teacher_torch.h>

namespace lathe::train {

namespace {

using base::ErrorCode;
using base::failure;
using steps::FeatureLoss;
using steps::OutputLoss;

std::string shapeText(const at::Tensor& tensor) { return tensor::text(tensor::Shape(tensor.sizes().begin(), tensor.sizes().end())); }

bool hasRelu(const graph::Node& node) { return node.op == graph::op::conv2dRelu || node.op == graph::op::linearRelu; }

} // namespace

base::Result<Teacher> Teacher::create(const graph::Graph& teacher, const graph::Graph& student, const steps::Distillation& distillation,
                                      const runtime::Device& device) {
    // A plan for use is faster; one for training hides no value that a layer has taken in.
    const bool showsAll = distillation.features != FeatureLoss::None;
    graph::Graph constant = teacher;
    for (graph::Value& value : constant.values)
        value.isParameter = false;
    auto plan = runtime::Plan::compile(constant, {.device = device, .training = showsAll});
    if (!plan) return base::forward(plan, {"while.preparingTeacher", {}});
    Teacher made(std::move(*plan), distillation);
    if (distillation.features == FeatureLoss::None) return made;

    std::vector<Layer> shared;
    for (const graph::Layer& layer : graph::layers(student)) {
        const graph::Node *mine = student.findNode(layer.name), *its = teacher.findNode(layer.name);
        if (mine == nullptr || its == nullptr || mine->results.empty() || its->results.empty()) continue;
        const bool isLinear = graph::isLinear(mine->op);
        if (!isLinear && !graph::isConvolution(mine->op)) continue;
        shared.push_back({layer.name, mine->results[0], its->results[0], isLinear, hasRelu(*mine) && !hasRelu(*its)});
    }
    if (shared.size() > 1) shared.pop_back(); // what the last one gives are the outputs
    if (shared.empty()) return failure(ErrorCode::Rejected, {"train.noSharedFeatures", {}});
    constexpr std::size_t most = 4;
    const std::size_t count = std::min(most, shared.size());
    for (std::size_t at = 1; at <= count; ++at)
        made.m_layers.push_back(shared[at * shared.size() / count - 1]);
    return made;
}

base::Result<Answers> Teacher::answers(runtime::Plan& plan, std::span<const c10::IValue> inputs, const runtime::CalledSamples& samples,
                                       graph::ValueId Layer::*value) const {
    Answers answers;
    const auto observe = [&](graph::ValueId id, const at::Tensor& tensor) {
        for (const Layer& layer : m_layers) {
            if (layer.*value == id) answers.features.emplace(layer.name, runtime::valueOfSamples(tensor, samples));
        }
    };
    const auto outputs = m_layers.empty() ? plan.run(inputs) : plan.runObserved(inputs, observe);
    if (!outputs) return base::forward(outputs);
    answers.outputs = runtime::outputsOfSamples(*outputs, samples);
    return answers;
}

base::Result<Answers> Teacher::runStudent(runtime::Plan& plan, std::span<const c10::IValue> inputs,
                                          const runtime::CalledSamples& samples) const {
    return answers(plan, inputs, samples, &Layer::student);
}

base::Result<Answers> Teacher::run(std::span<const c10::IValue> inputs, const runtime::CalledSamples& samples) {
    auto said = answers(m_plan, inputs, samples, &Layer::teacher);
    if (!said) return base::forward(said, {"while.runningTeacher", {}});
    const at::NoGradGuard noGradient;
    // Tensors of inference cannot be part of what is differentiated: copies can.
    for (at::Tensor& output : said->outputs)
        output = output.clone();
    for (const Layer& layer : m_layers) {
        if (const auto found = said->features.find(layer.name); found != said->features.end())
            found->second = layer.teacherNeedsRelu ? at::relu(found->second.clone()) : found->second.clone();
    }
    return said;
}

base::Result<> Teacher::prepare(const Answers& student, const Answers& teacher, std::int64_t seed) {
    if (student.outputs.size() != teacher.outputs.size())
        return failure(ErrorCode::Rejected,
                       {"train.teacherHasOtherOutputs", {{"teacher", teacher.outputs.size()}, {"model", student.outputs.size()}}});
    for (std::size_t at = 0; at < student.outputs.size(); ++at) {
        if (student.outputs[at].sizes() == teacher.outputs[at].sizes()) continue;
        return failure(ErrorCode::Rejected,
                       {"train.teacherHasOtherShape",
                        {{"output", at + 1}, {"teacher", shapeText(teacher.outputs[at])}, {"model", shapeText(student.outputs[at])}}});
    }
    std::erase_if(m_layers, [&](const Layer& layer) {
        const auto mine = student.features.find(layer.name), its = teacher.features.find(layer.name);
        if (mine == student.features.end() || its == teacher.features.end()) return true;
        // Attention needs places; all need the same ones, and FitNets maps only channels.
        const at::Tensor &a = mine->second, &b = its->second;
        if (a.dim() < 2 || a.dim() != b.dim() || (m_settings.features == FeatureLoss::Attention && a.dim() < 3)) return true;
        for (std::int64_t axis = 0; axis < a.dim(); ++axis) {
            if (axis != channelAxis(layer, a) && a.size(axis) != b.size(axis)) return true;
        }
        return false;
    });
    if (m_settings.features != FeatureLoss::None && m_layers.empty())
        return failure(ErrorCode::Rejected, {"train.noComparableFeatures", {}});
    if (m_settings.features != FeatureLoss::FitNets) return {};
    std::mt19937_64 random = epochRandom(seed, -2);
    for (const Layer& layer : m_layers) {
        const at::Tensor& mine = student.features.at(layer.name);
        const std::int64_t from = mine.size(channelAxis(layer, mine));
        const std::int64_t to = teacher.features.at(layer.name).size(channelAxis(layer, mine));
        if (from == to) continue;
        at::Tensor map = at::empty({to, from}, at::kFloat);
        const double bound = 1 / std::sqrt(static_cast<double>(from));
        std::generate_n(map.mutable_data_ptr<float>(), map.numel(), [&] { return static_cast<float>((2 * uniform(random) - 1) * bound); });
        m_maps.emplace("distillation/" + layer.name, map.to(mine.options()).requires_grad_(true));
    }
    return {};
}

at::Tensor Teacher::lossOf(const Answers& student, const Answers& teacher, const TaskLoss& task) const {
    at::Tensor loss;
    const auto add = [&](const at::Tensor& part, double weight) { loss = loss.defined() ? loss + part * weight : part * weight; };
    if (m_settings.weight > 0) {
        const bool isOfTruths = areTruths(task.task());
        const bool diverges = m_settings.outputs == OutputLoss::Divergence ||
                              (m_settings.outputs == OutputLoss::Auto && (areClasses(task.task()) || isOfTruths));
        if (!diverges) {
            for (std::size_t at = 0; at < student.outputs.size(); ++at) {
                if (student.outputs[at].requires_grad()) add(at::mse_loss(student.outputs[at], teacher.outputs[at]), m_settings.weight);
            }
        } else {
            const at::Tensor mine = task.scores(student.outputs), its = task.scores(teacher.outputs);
            const bool isOneScore = mine.dim() < 2 || mine.size(task.classAxis()) == 1;
            add(isOfTruths || isOneScore ? truthDivergence(mine, its, m_settings.temperature)
                                         : classDivergence(mine, its, task.classAxis(), m_settings.temperature),
                m_settings.weight);
        }
    }
    if (m_settings.features == FeatureLoss::None) return loss;
    const double share = m_settings.featureWeight / static_cast<double>(m_layers.size());
    for (const Layer& layer : m_layers) {
        const at::Tensor &mine = student.features.at(layer.name), &its = teacher.features.at(layer.name);
        const std::int64_t axis = channelAxis(layer, mine);
        if (m_settings.features == FeatureLoss::FitNets) {
            const auto map = m_maps.find("distillation/" + layer.name);
            add(fitNetsLoss(mine, its, axis, map == m_maps.end() ? at::Tensor() : map->second), share);
        } else if (m_settings.features == FeatureLoss::Attention) {
            add(attentionLoss(mine, its, axis), share);
        } else {
            add(similarityLoss(mine, its), share);
        }
    }
    return loss;
}

} // namespace lathe::train

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <core/base/result.h>
#include <core/graph/graph.h>
#include <core/runtime/call_torch.h>
#include <core/runtime/plan_torch.h>
#include <core/train/optimizer_torch.h>
#include <core/train/task_loss_torch.h>

namespace lathe::train {

/// What a model gave for a batch: all its outputs, and the results of the nodes whose features are compared, by their names.
struct Answers {
    std::vector<at::Tensor> outputs;
    std::map<std::string, at::Tensor> features;
};

/// The model that another one learns from: what it says of each batch, without gradients.
class Teacher {
public:
    /// `student`: the graph that is trained. Features are those of the convolutions and linear layers that both have under the same name,
    /// without the last, at most four, evenly spread. Errors: those of compiling; Rejected when features are wanted and no layer is in
    /// both.
    [[nodiscard]] static base::Result<Teacher> create(const graph::Graph& teacher, const graph::Graph& student,
                                                      const steps::Distillation& distillation, const runtime::Device& device);

    /// Runs a training plan of the student and takes the features with it.
    [[nodiscard]] base::Result<Answers> runStudent(runtime::Plan& plan, std::span<const c10::IValue> inputs,
                                                   const runtime::CalledSamples& samples) const;
    [[nodiscard]] base::Result<Answers> run(std::span<const c10::IValue> inputs, const runtime::CalledSamples& samples);

    /// Checks that both answer in the same form, and makes the maps of FitNets where channels differ (random by `seed`). Once, before of().
    [[nodiscard]] base::Result<> prepare(const Answers& student, const Answers& teacher, std::int64_t seed);
    /// What is learned beside the weights of the model: maps between channels, by "distillation/LAYER".
    [[nodiscard]] const NamedTensors& parameters() const { return m_maps; }

    /// weight · the loss of the outputs + featureWeight · that of the layers. `task` says which output means what.
    [[nodiscard]] at::Tensor lossOf(const Answers& student, const Answers& teacher, const TaskLoss& task) const;

private:
    struct Layer {
        std::string name;
        graph::ValueId student, teacher;
        bool channelsAreLast;  ///< of linear layers
        bool teacherNeedsRelu; ///< the student's layer has taken it in
    };
    Teacher(runtime::Plan plan, const steps::Distillation& distillation) : m_plan(std::move(plan)), m_settings(distillation) {}
    [[nodiscard]] base::Result<Answers> answers(runtime::Plan& plan, std::span<const c10::IValue> inputs,
                                                const runtime::CalledSamples& samples, graph::ValueId Layer::*value) const;
    [[nodiscard]] static std::int64_t channelAxis(const Layer& layer, const at::Tensor& features) {
        return layer.channelsAreLast ? features.dim() - 1 : 1;
    }

    runtime::Plan m_plan;
    steps::Distillation m_settings;
    std::vector<Layer> m_layers;
    NamedTensors m_maps;
};

} // namespace lathe::train

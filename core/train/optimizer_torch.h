#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include <core/steps/training_settings.h>

namespace lathe::train {

using NamedTensors = std::map<std::string, at::Tensor>;

/// What moves parameters along their gradients. Keeps its own numbers ("slots") beside each parameter. Not thread-safe.
class Optimizer {
public:
    virtual ~Optimizer() = default;
    Optimizer(const Optimizer&) = delete;
    Optimizer& operator=(const Optimizer&) = delete;

    /// Moves the parameters in place: a gradient for each, in the order of their names; those without one (undefined) stay.
    void step(const std::vector<at::Tensor>& gradients, double learningRate);

    /// All slots as "slot/parameter": part of a checkpoint. Restoring copies; names and shapes must be those of state().
    [[nodiscard]] NamedTensors state() const;
    void restore(const NamedTensors& state);

protected:
    struct Slot {
        std::string name;
        bool isCount; ///< one number that begins at 0, instead of zeros of the parameter's shape
    };
    Optimizer(const NamedTensors& parameters, std::vector<Slot> slots);

    using Tensors = std::vector<at::Tensor>;
    /// The parameters that have gradients; `slots` has a list for each slot. Called without recording of gradients.
    virtual void update(Tensors& parameters, Tensors& gradients, std::vector<Tensors>& slots, double learningRate) = 0;

private:
    std::vector<std::string> m_names;
    Tensors m_parameters;
    std::vector<Slot> m_slots;
    std::vector<Tensors> m_state; ///< by slot
};

/// `parameters`: leaf tensors; they are changed in place.
[[nodiscard]] std::unique_ptr<Optimizer> makeOptimizer(const NamedTensors& parameters, const steps::TrainingSettings& settings);

} // namespace lathe::train

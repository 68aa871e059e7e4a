#include <core/steps/step_spec.h>

#include <algorithm>

namespace lathe::steps {

const ParameterSpec* findParameter(const StepSpec& step, std::string_view key) {
    const auto found = std::ranges::find(step.parameters, key, &ParameterSpec::key);
    return found == step.parameters.end() ? nullptr : &*found;
}

bool takesWhere(const StepSpec& step) { return findParameter(step, "keep") != nullptr || findParameter(step, "skip") != nullptr; }

} // namespace lathe::steps

#pragma once

#include <string_view>
#include <vector>

#include <core/steps/step_spec.h>

namespace lathe::steps {

struct StepDefinition; // step_definition.h

/// Every kind of step, in the order in which the window offers them. A new one is its file pair and a line in step_table.cpp (and its words
/// in views/models/step_text.cpp).
[[nodiscard]] const std::vector<StepDefinition>& stepDefinitions();
/// nullptr when there is no such step.
[[nodiscard]] const StepDefinition* findStepDefinition(std::string_view op);

/// The descriptions alone: those of stepDefinitions(), or those that adoptStepSpecs() was told of.
[[nodiscard]] const std::vector<StepSpec>& stepSpecs();
/// nullptr when there is no such step.
[[nodiscard]] const StepSpec* findStepSpec(std::string_view op);
/// From now on stepSpecs() are these: a window takes those of the engine it is connected to, which may know other steps. Pointers to
/// earlier ones stay valid. To be called by one thread, while no other reads them.
void adoptStepSpecs(std::vector<StepSpec> specs);

} // namespace lathe::steps

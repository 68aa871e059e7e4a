#pragma once

#include <string_view>

#include <QString>
#include <QStringList>

#include <core/recipe/recipe.h>
#include <core/steps/step_spec.h>

/// The words for steps, their parameters and choices. Core knows keys only; what has no words yet is shown as its key.
namespace lathe::views::step_text {

/// "Prune channels".
[[nodiscard]] QString title(std::string_view op);
/// One sentence: what the step does to a model.
[[nodiscard]] QString description(std::string_view op);
/// Groups of the Add Step menu, in its order: title of the group, operators in it.
[[nodiscard]] QString groupTitle(std::string_view op);
/// What is set, for the second line of a card: "L1 · 50 % · conv2 30 %". With the layers of the model also how many the step leaves out:
/// "int8 · all but the first and last: 2 left out".
[[nodiscard]] QString summary(const steps::Step& step, const std::vector<std::string>& layerNames = {});
/// Which layers a rule is for: "all but the first and last", "only layer2.*.conv1".
[[nodiscard]] QString ruleText(const steps::Where& where);
/// "Calibrator".
[[nodiscard]] QString parameterLabel(std::string_view key);
/// What stands above the parameters whose keys begin alike: "Distillation" for "distill.weight"; empty where nothing does.
[[nodiscard]] QString sectionTitle(std::string_view key);
/// One choice of a parameter: "Per channel".
[[nodiscard]] QString choiceLabel(std::string_view key, const base::Json& choice);
/// A value of any kind: "50 %", "Per channel", "On".
[[nodiscard]] QString valueText(const steps::ParameterSpec& spec, const base::Json& value);
/// Is this number a share of 1 that is shown as a percentage?
[[nodiscard]] bool isRatio(const steps::ParameterSpec& spec);

} // namespace lathe::views::step_text

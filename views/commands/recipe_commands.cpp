#include <views/commands/recipe_commands.h>

#include <algorithm>

#include <QCoreApplication>

#include <views/models/step_text.h>
#include <views/models/text.h>

namespace lathe::views {

namespace {

struct RecipeCommands {
    Q_DECLARE_TR_FUNCTIONS(RecipeCommands)
};

QString titleOf(const steps::Step& step) { return step_text::title(step.op); }

/// "weights.bits" → "/weights/bits".
base::Json::json_pointer pointer(const std::string& key) {
    std::string path = "/" + key;
    std::replace(path.begin(), path.end(), '.', '/');
    return base::Json::json_pointer(path);
}

void erase(base::Json& object, const std::string& key) {
    const base::Json::json_pointer path = pointer(key);
    if (!object.contains(path)) return;
    const base::Json::json_pointer parent = path.parent_pointer();
    object.at(parent).erase(path.back());
    if (!parent.empty() && object.at(parent).empty()) object.at(parent.parent_pointer()).erase(parent.back());
}

/// The entry of exactly this layer, put last so that it wins over the patterns before it.
base::Json& overrideOf(steps::Step& step, const std::string& layer) {
    const auto found = std::find_if(step.layers.begin(), step.layers.end(), [&](const auto& entry) { return entry.first == layer; });
    if (found == step.layers.end()) return step.layers.emplace_back(layer, base::Json::object()).second;
    std::rotate(found, found + 1, step.layers.end());
    return step.layers.back().second;
}

} // namespace

steps::Step withParameter(steps::Step step, const ParameterTarget& target, const std::optional<base::Json>& value) {
    if (target.layers.isEmpty()) {
        if (value)
            step.parameters[pointer(target.key)] = *value;
        else
            erase(step.parameters, target.key);
        return step;
    }
    for (const QString& layer : target.layers) {
        base::Json& settings = overrideOf(step, toStd(layer));
        if (value)
            settings[pointer(target.key)] = *value;
        else
            erase(settings, target.key);
    }
    std::erase_if(step.layers, [](const auto& entry) { return entry.second.empty(); });
    return step;
}

AddStepCommand::AddStepCommand(RecipeModel& model, int index, steps::Step step)
    : QUndoCommand(RecipeCommands::tr("add step %1").arg(titleOf(step))), m_model(model), m_index(index), m_step(std::move(step)) {}

RemoveStepCommand::RemoveStepCommand(RecipeModel& model, int index)
    : QUndoCommand(RecipeCommands::tr("remove step %1").arg(titleOf(model.step(index)))), m_model(model), m_index(index) {}

MoveStepCommand::MoveStepCommand(RecipeModel& model, int from, int to)
    : QUndoCommand(RecipeCommands::tr("move step %1").arg(titleOf(model.step(from)))), m_model(model), m_from(from), m_to(to) {}

EnableStepCommand::EnableStepCommand(RecipeModel& model, int index, bool enabled)
    : QUndoCommand(
          (enabled ? RecipeCommands::tr("enable step %1") : RecipeCommands::tr("disable step %1")).arg(titleOf(model.step(index)))),
      m_model(model), m_index(index), m_enabled(enabled) {}

void EnableStepCommand::set(bool enabled) {
    steps::Step step = m_model.step(m_index);
    step.enabled = enabled;
    m_model.setStep(m_index, std::move(step));
}

SetParameterCommand::SetParameterCommand(RecipeModel& model, ParameterTarget target, const std::optional<base::Json>& value, int gesture)
    : m_model(model), m_target(std::move(target)), m_before(model.step(m_target.step)), m_after(withParameter(m_before, m_target, value)),
      m_gesture(gesture) {
    const QString label = step_text::parameterLabel(m_target.key);
    if (m_target.layers.isEmpty())
        setText(RecipeCommands::tr("change %1").arg(label));
    else if (m_target.layers.size() == 1)
        setText(RecipeCommands::tr("change %1 of %2").arg(label, m_target.layers.front()));
    else
        setText(RecipeCommands::tr("change %1 of %n layers", nullptr, static_cast<int>(m_target.layers.size())).arg(label));
}

bool SetParameterCommand::mergeWith(const QUndoCommand* other) {
    const auto* next = static_cast<const SetParameterCommand*>(other);
    if (next->m_target != m_target || next->m_gesture != m_gesture) return false;
    m_after = next->m_after;
    setObsolete(m_after == m_before);
    return true;
}

SetWhereCommand::SetWhereCommand(RecipeModel& model, int index, steps::Where where)
    : QUndoCommand(RecipeCommands::tr("change the layers of %1").arg(titleOf(model.step(index)))), m_model(model), m_index(index),
      m_before(model.step(index).where), m_after(std::move(where)) {}

void SetWhereCommand::set(const steps::Where& where) {
    steps::Step step = m_model.step(m_index);
    step.where = where;
    m_model.setStep(m_index, std::move(step));
}

ReplaceRecipeCommand::ReplaceRecipeCommand(RecipeModel& model, recipe::Recipe recipe, const QString& text)
    : QUndoCommand(text), m_model(model), m_before(model.recipe()), m_after(std::move(recipe)) {}

} // namespace lathe::views

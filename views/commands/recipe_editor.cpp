#include <views/commands/recipe_editor.h>

namespace lathe::views {

RecipeEditor::RecipeEditor(RecipeModel& model, QUndoStack& undoStack, QObject* parent)
    : QObject(parent), m_model(model), m_undoStack(undoStack) {
    connect(&model, &RecipeModel::enableWished, this, &RecipeEditor::setEnabled);
    connect(&model, &RecipeModel::moveWished, this, &RecipeEditor::moveStep);
}

int RecipeEditor::addStep(const std::string& op, int after) {
    steps::Step step;
    step.op = op;
    const int index = after < 0 ? m_model.stepCount() : std::min(after + 1, m_model.stepCount());
    m_undoStack.push(new AddStepCommand(m_model, index, std::move(step)));
    return index;
}

void RecipeEditor::removeStep(int index) {
    if (index < 0 || index >= m_model.stepCount()) return;
    m_undoStack.push(new RemoveStepCommand(m_model, index));
}

void RecipeEditor::moveStep(int from, int to) {
    const int count = m_model.stepCount();
    if (from < 0 || from >= count || to < 0 || to >= count || from == to) return;
    m_undoStack.push(new MoveStepCommand(m_model, from, to));
}

void RecipeEditor::setEnabled(int index, bool enabled) {
    if (index < 0 || index >= m_model.stepCount() || m_model.step(index).enabled == enabled) return;
    m_undoStack.push(new EnableStepCommand(m_model, index, enabled));
}

void RecipeEditor::setParameter(const ParameterTarget& target, const std::optional<base::Json>& value) {
    if (target.step < 0 || target.step >= m_model.stepCount()) return;
    const steps::Step& step = m_model.step(target.step);
    if (withParameter(step, target, value) == step) return;
    if (!m_isDragging) ++m_gesture;
    m_undoStack.push(new SetParameterCommand(m_model, target, value, m_gesture));
}

void RecipeEditor::setWhere(int index, steps::Where where) {
    if (index < 0 || index >= m_model.stepCount() || m_model.step(index).where == where) return;
    m_undoStack.push(new SetWhereCommand(m_model, index, std::move(where)));
}

void RecipeEditor::replace(recipe::Recipe recipe, const QString& text) {
    if (recipe == m_model.recipe()) return;
    m_undoStack.push(new ReplaceRecipeCommand(m_model, std::move(recipe), text));
}

} // namespace lathe::views

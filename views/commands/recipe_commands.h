#pragma once

#include <optional>

#include <QStringList>
#include <QUndoCommand>

#include <views/models/recipe_model.h>

namespace lathe::views {

// One command for each kind of change of a recipe. The model must outlive the undo stack that holds them.

class AddStepCommand : public QUndoCommand {
public:
    AddStepCommand(RecipeModel& model, int index, steps::Step step);
    void redo() override { m_model.insertStep(m_index, m_step); }
    void undo() override { m_model.takeStep(m_index); }

private:
    RecipeModel& m_model;
    int m_index;
    steps::Step m_step;
};

class RemoveStepCommand : public QUndoCommand {
public:
    RemoveStepCommand(RecipeModel& model, int index);
    void redo() override { m_step = m_model.takeStep(m_index); }
    void undo() override { m_model.insertStep(m_index, m_step); }

private:
    RecipeModel& m_model;
    int m_index;
    steps::Step m_step;
};

class MoveStepCommand : public QUndoCommand {
public:
    MoveStepCommand(RecipeModel& model, int from, int to);
    void redo() override { m_model.moveStep(m_from, m_to); }
    void undo() override { m_model.moveStep(m_to, m_from); }

private:
    RecipeModel& m_model;
    int m_from, m_to;
};

class EnableStepCommand : public QUndoCommand {
public:
    EnableStepCommand(RecipeModel& model, int index, bool enabled);
    void redo() override { set(m_enabled); }
    void undo() override { set(!m_enabled); }

private:
    void set(bool enabled);
    RecipeModel& m_model;
    int m_index;
    bool m_enabled;
};

/// What a parameter change is about.
struct ParameterTarget {
    int step = 0;
    std::string key;    ///< "weights.bits"
    QStringList layers; ///< empty: the whole step; otherwise an override for each of these
    bool operator==(const ParameterTarget&) const = default;
};

/// Sets a parameter for the whole step or for some layers; without a value it goes back to the default (of a layer: to the step's value).
/// Changes of the same target with the same `gesture` number merge, so that dragging a slider is one undo step.
class SetParameterCommand : public QUndoCommand {
public:
    SetParameterCommand(RecipeModel& model, ParameterTarget target, const std::optional<base::Json>& value, int gesture);
    void redo() override { m_model.setStep(m_target.step, m_after); }
    void undo() override { m_model.setStep(m_target.step, m_before); }
    [[nodiscard]] int id() const override { return 1; }
    bool mergeWith(const QUndoCommand* other) override;

private:
    RecipeModel& m_model;
    ParameterTarget m_target;
    steps::Step m_before, m_after;
    int m_gesture;
};

/// Another rule about which layers a step is for.
class SetWhereCommand : public QUndoCommand {
public:
    SetWhereCommand(RecipeModel& model, int index, steps::Where where);
    void redo() override { set(m_after); }
    void undo() override { set(m_before); }

private:
    void set(const steps::Where& where);
    RecipeModel& m_model;
    int m_index;
    steps::Where m_before, m_after;
};

/// Another recipe as a whole: loaded from a file, restored from the history.
class ReplaceRecipeCommand : public QUndoCommand {
public:
    ReplaceRecipeCommand(RecipeModel& model, recipe::Recipe recipe, const QString& text);
    void redo() override { m_model.setRecipe(m_after); }
    void undo() override { m_model.setRecipe(m_before); }

private:
    RecipeModel& m_model;
    recipe::Recipe m_before, m_after;
};

/// `step` with the change of a SetParameterCommand. Overrides that become empty go.
[[nodiscard]] steps::Step withParameter(steps::Step step, const ParameterTarget& target, const std::optional<base::Json>& value);

} // namespace lathe::views

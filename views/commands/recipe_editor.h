#pragma once

#include <QObject>
#include <QUndoStack>

#include <views/commands/recipe_commands.h>

namespace lathe::views {

/// The way to change a recipe: each function is one entry of the undo history. Also carries out what views wish through the model (check
/// boxes, drag and drop).
class RecipeEditor : public QObject {
    Q_OBJECT

public:
    RecipeEditor(RecipeModel& model, QUndoStack& undoStack, QObject* parent = nullptr);

    /// A step with its defaults behind step `after` (-1: at the end). Returns where it stands.
    int addStep(const std::string& op, int after = -1);
    void removeStep(int index);
    void moveStep(int from, int to);
    void setEnabled(int index, bool enabled);
    /// Nothing happens when the value stands there already.
    void setParameter(const ParameterTarget& target, const std::optional<base::Json>& value);
    /// Which layers the step is for.
    void setWhere(int index, steps::Where where);
    /// Between these two, changes of one parameter are one undo step: a slider from press to release.
    void beginGesture() {
        m_isDragging = true;
        ++m_gesture;
    }
    void endGesture() {
        m_isDragging = false;
        ++m_gesture;
    }
    void replace(recipe::Recipe recipe, const QString& text);

private:
    RecipeModel& m_model;
    QUndoStack& m_undoStack;
    int m_gesture = 0;
    bool m_isDragging = false;
};

} // namespace lathe::views

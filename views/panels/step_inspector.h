#pragma once

#include <QLabel>
#include <QWidget>

#include <views/commands/recipe_editor.h>
#include <views/models/session.h>
#include <views/widgets/figure_list.h>

namespace lathe::views {

class KnobForm;
class LossCurve;
class WhereEditor;

/// One step of the recipe: what it does, its parameters for the whole model, and what it made of the model in the preview and in the last
/// run.
class StepInspector : public QWidget {
    Q_OBJECT

public:
    StepInspector(Session& session, RecipeEditor& editor, QWidget* parent = nullptr);
    [[nodiscard]] KnobForm* form() const { return m_form; }
    [[nodiscard]] WhereEditor* where() const { return m_where; }

protected:
    void changeEvent(QEvent* event) override;

private:
    void showStep();
    void showFigures();

    Session& m_session;
    RecipeEditor& m_editor;
    QLabel* m_description;
    WhereEditor* m_where;
    QLabel* m_warnings; ///< what the step was asked for and did not do
    KnobForm* m_form = nullptr;
    std::string m_formOp;
    FigureList* m_figures;
    LossCurve* m_curve; ///< of the training in the last run
    QLabel* m_notes;
};

} // namespace lathe::views

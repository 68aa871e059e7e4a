#pragma once

#include <QLabel>
#include <QScrollArea>
#include <QStackedWidget>

#include <views/commands/recipe_editor.h>
#include <views/jobs/workbench.h>
#include <views/models/session.h>

namespace lathe::views {

class ElidedLabel;
class FigureList;
class LayerInspector;
class StepInspector;

/// What is selected: layers, else the recipe step, else the model.
class InspectorPanel : public QWidget {
    Q_OBJECT

public:
    InspectorPanel(Session& session, RecipeEditor& editor, Workbench& workbench, QWidget* parent = nullptr);
    [[nodiscard]] LayerInspector* layerInspector() const { return m_layer; }
    [[nodiscard]] StepInspector* stepInspector() const { return m_step; }
    [[nodiscard]] QString title() const;

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void showSelection();
    void showNode(const QString& id);
    void showModel();

    Session& m_session;
    ElidedLabel *m_title, *m_subtitle;
    QStackedWidget* m_pages;
    LayerInspector* m_layer;
    StepInspector* m_step;
    QWidget* m_facts; ///< model, or a node without weights
    FigureList* m_factsList;
    QLabel* m_factsNote;
};

} // namespace lathe::views

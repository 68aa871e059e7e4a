#pragma once

#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QPushButton>
#include <QWidget>

#include <views/commands/recipe_editor.h>
#include <views/models/session.h>

namespace lathe::views {

class ElidedLabel;

/// The recipe as cards: add, switch on and off, drag to reorder; below it what the recipe would do.
class RecipePanel : public QWidget {
    Q_OBJECT

public:
    RecipePanel(Session& session, RecipeEditor& editor, QWidget* parent = nullptr);
    /// The list, to which the window adds its actions for steps (context menu and keys).
    [[nodiscard]] QListView* list() const { return m_list; }
    /// One entry per step of the engine, by group; also shown in the window's Optimize menu.
    [[nodiscard]] QMenu* addMenu() const { return m_addMenu; }

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void retranslate();
    void fillAddMenu();
    void showName();
    void showPrediction();
    void showSelectedStep();
    void fitList();

    Session& m_session;
    RecipeEditor& m_editor;
    QLabel* m_title;
    ElidedLabel* m_name;
    QListView* m_list;
    QLabel* m_empty;
    QPushButton* m_add;
    QMenu* m_addMenu;
    QLabel *m_predictionTitle, *m_prediction, *m_predictionNote;
};

} // namespace lathe::views

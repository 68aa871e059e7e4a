#pragma once

#include <QLabel>
#include <QLineEdit>
#include <QTableView>
#include <QWidget>

#include <views/commands/recipe_editor.h>
#include <views/models/layer_filter.h>
#include <views/models/session.h>

namespace lathe::views {

/// All layers in a table: sort by any column, several can be selected, the pattern field above keeps those that fit. The ratio of a step
/// that prunes is changed in it, of one layer, of all that are selected, or of a pattern.
class LayersPanel : public QWidget {
    Q_OBJECT

public:
    LayersPanel(Session& session, RecipeEditor& editor, QWidget* parent = nullptr);
    /// Where the window wants it: beside the tabs. Return selects everything that fits.
    [[nodiscard]] QLineEdit* filterField() const { return m_filterField; }
    [[nodiscard]] QTableView* table() const { return m_table; }
    /// Why the filter leaves nothing: "No layer fits "layr2.*"; nearest: "layer2.0.conv1"."; empty while there are rows.
    [[nodiscard]] QString emptyText() const { return m_empty->isHidden() ? QString() : m_empty->text(); }

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void takeSelection();
    void showSelection();
    void showEmpty();
    void showColumns();
    void showSetting();
    void takeSetting(const QString& layer, double share);

    Session& m_session;
    RecipeEditor& m_editor;
    LayerFilter m_filter;
    QLineEdit* m_filterField;
    QTableView* m_table;
    QLabel* m_empty;
    bool m_isSyncing = false;
};

} // namespace lathe::views

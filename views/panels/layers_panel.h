#pragma once

#include <QLineEdit>
#include <QTableView>
#include <QWidget>

#include <views/models/layer_filter.h>
#include <views/models/session.h>

namespace lathe::views {

/// All layers in a table: sort by any column, several can be selected, the pattern field above keeps those that fit.
class LayersPanel : public QWidget {
    Q_OBJECT

public:
    explicit LayersPanel(Session& session, QWidget* parent = nullptr);
    /// Where the window wants it: beside the tabs. Return selects everything that fits.
    [[nodiscard]] QLineEdit* filterField() const { return m_filterField; }
    [[nodiscard]] QTableView* table() const { return m_table; }

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void takeSelection();
    void showSelection();

    Session& m_session;
    LayerFilter m_filter;
    QLineEdit* m_filterField;
    QTableView* m_table;
    bool m_isSyncing = false;
};

} // namespace lathe::views

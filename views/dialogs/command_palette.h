#pragma once

#include <QAction>
#include <QDialog>
#include <QLineEdit>
#include <QListView>
#include <QSortFilterProxyModel>
#include <QStandardItemModel>

namespace lathe::views {

/// Every command by name: type some letters, Return runs it. Shows the shortcut of each, so it is also the list of shortcuts.
class CommandPalette : public QDialog {
    Q_OBJECT

public:
    explicit CommandPalette(const QList<QAction*>& actions, QWidget* parent = nullptr);
    [[nodiscard]] QLineEdit* field() const { return m_field; }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter(const QString& words);
    void runCurrent();

    QLineEdit* m_field;
    QListView* m_list;
    QStandardItemModel m_commands;
    QSortFilterProxyModel m_filtered;
};

} // namespace lathe::views

#pragma once

#include <QAction>
#include <QDialog>
#include <QLineEdit>
#include <QListView>
#include <QSortFilterProxyModel>
#include <QStandardItemModel>

namespace lathe::views {

/// Every command by name: type some letters, arrows choose, Return runs it, Escape closes. Shows the shortcut of each, so it is also the
/// list of shortcuts. The field has the focus from the beginning: keys need no click and no activation of the popup.
class CommandPalette : public QDialog {
    Q_OBJECT

public:
    explicit CommandPalette(const QList<QAction*>& actions, QWidget* parent = nullptr);
    [[nodiscard]] QLineEdit* field() const { return m_field; }
    /// The command that Return would run, as it is shown.
    [[nodiscard]] QString current() const;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter(const QString& words);
    void choose(int row);
    void runCurrent();

    QLineEdit* m_field;
    QListView* m_list;
    QStandardItemModel m_commands;
    QSortFilterProxyModel m_filtered;
};

} // namespace lathe::views

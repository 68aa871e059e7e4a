#pragma once

#include <QListView>
#include <QPushButton>
#include <QWidget>

#include <views/models/log_model.h>

namespace lathe::views {

/// What engine and window reported; follows the newest line while it is in view.
class LogPanel : public QWidget {
    Q_OBJECT

public:
    explicit LogPanel(LogModel& log, QWidget* parent = nullptr);
    /// For the strip beside the tabs.
    [[nodiscard]] QWidget* buttons() const { return m_buttons; }

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();

    LogModel& m_log;
    QListView* m_list;
    QWidget* m_buttons;
    QPushButton *m_copy, *m_clear;
};

} // namespace lathe::views

#pragma once

#include <functional>

#include <QFrame>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QToolButton>

namespace lathe::views {

/// Says what happened and what to do without stopping anybody: one strip above the work, with details, copy and close.
class MessageBar : public QFrame {
    Q_OBJECT

public:
    struct Message {
        QString what, advice, details;
        QString actionText; ///< a button that closes the bar and calls `action`; empty: none
        std::function<void()> action = {};
        std::function<void()> dismissed = {}; ///< closed without the action
    };

    explicit MessageBar(QWidget* parent = nullptr);
    void show(const Message& message);
    [[nodiscard]] const Message& message() const { return m_message; }
    [[nodiscard]] QPushButton* actionButton() const { return m_action; }

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void copy();

    Message m_message;
    QLabel *m_icon, *m_what, *m_advice;
    QPushButton *m_action, *m_detailsButton, *m_copy;
    QToolButton* m_close;
    QPlainTextEdit* m_details;
};

} // namespace lathe::views

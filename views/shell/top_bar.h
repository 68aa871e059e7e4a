#pragma once

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <QWidget>

#include <views/models/session.h>
#include <views/shell/action_registry.h>

namespace lathe::views {

class ElidedLabel;

/// Open, undo, redo and the model at the left; data, device, run and export at the right.
class TopBar : public QWidget {
    Q_OBJECT

public:
    TopBar(Session& session, const ActionRegistry& actions, QWidget* parent = nullptr);
    [[nodiscard]] QComboBox* dataBox() const { return m_data; }
    [[nodiscard]] QComboBox* deviceBox() const { return m_device; }

signals:
    /// The user wants to choose a file or folder with data.
    void dataFileWished();

protected:
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void retranslate();
    void showModel();
    void showChoices();

    Session& m_session;
    const ActionRegistry& m_actions;
    QPushButton* m_open;
    QToolButton *m_undo, *m_redo;
    ElidedLabel* m_model;
    QLabel *m_dataLabel, *m_deviceLabel;
    QComboBox *m_data, *m_device;
    QPushButton *m_run, *m_export;
};

} // namespace lathe::views

#pragma once

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <QWidget>

#include <views/shell/action_registry.h>
#include <views/shell/recent_files.h>

namespace lathe::views {

/// What the window shows before a model is open: the samples, recent files, and that a file can be dropped anywhere.
class WelcomePage : public QWidget {
    Q_OBJECT

public:
    WelcomePage(RecentFiles& recent, const ActionRegistry& actions, QWidget* parent = nullptr);

signals:
    void sampleChosen(const QString& id);
    void fileChosen(const QString& file);

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void showRecent();

    RecentFiles& m_recent;
    QLabel *m_subtitle, *m_samplesTitle, *m_sampleTitle, *m_sampleText, *m_openTitle, *m_openText, *m_recentTitle, *m_noRecent;
    QPushButton *m_sample, *m_open;
    QVBoxLayout* m_recentColumn;
};

} // namespace lathe::views

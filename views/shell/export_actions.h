#pragma once

#include <QObject>

#include <views/dialogs/export_dialog.h>
#include <views/jobs/workbench.h>
#include <views/models/session.h>
#include <views/panels/history_panel.h>
#include <views/shell/settings.h>

namespace lathe::views {

/// Exports: of the model as the recipe leaves it, of the recipe, of a report on runs. Each has a dialog that stays open beside the work.
class ExportActions : public QObject {
    Q_OBJECT

public:
    ExportActions(Session& session, Workbench& workbench, HistoryPanel& history, Settings& settings, const QString& historyFile,
                  QWidget* window);
    void open(const QString& format);

private:
    void exportTo(ExportDialog& dialog, const QString& format, const QString& file, bool verify);
    /// Of the runs that are selected in the history, or else of the last comparison.
    void exportReport(ExportDialog& dialog, const QString& file);

    Session& m_session;
    Workbench& m_workbench;
    HistoryPanel& m_history;
    Settings& m_settings;
    QString m_historyFile;
    QWidget* m_window;
};

} // namespace lathe::views

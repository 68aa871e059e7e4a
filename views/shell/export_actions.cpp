#include <views/shell/export_actions.h>

#include <QFileInfo>

#include <core/base/files.h>
#include <core/history/run_document.h>
#include <core/report/html_report.h>
#include <views/models/engine_text.h>
#include <views/models/text.h>
#include <views/shell/save_folder.h>

namespace lathe::views {

ExportActions::ExportActions(Session& session, Workbench& workbench, HistoryPanel& history, Settings& settings, const QString& historyFile,
                             QWidget* window)
    : QObject(window), m_session(session), m_workbench(workbench), m_history(history), m_settings(settings), m_historyFile(historyFile),
      m_window(window) {}

void ExportActions::open(const QString& format) {
    if (!m_session.model()) return;
    const QFileInfo file(toQt(m_session.model()->file));
    auto* dialog = new ExportDialog(format, saveFolder(file.filePath()), file.completeBaseName() % QStringLiteral("-optimized"), m_window);
    // Not modal: the recipe can be looked at and edited while a large model is written and checked.
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setPython(m_settings.python);
    connect(dialog, &ExportDialog::exportRequested, this,
            [this, dialog](const QString& wanted, const QString& path, bool verify) { exportTo(*dialog, wanted, path, verify); });
    connect(dialog, &ExportDialog::cancelRequested, &m_workbench, &Workbench::cancel);
    connect(&m_session, &Session::progressChanged, dialog, [this, dialog] {
        if (dialog->isBusy()) dialog->setProgress(m_session.progress());
    });
    dialog->show();
}

void ExportActions::exportTo(ExportDialog& dialog, const QString& format, const QString& file, bool verify) {
    if (format == recipeFormat) {
        const std::string text = recipe::write(m_session.recipe().recipe());
        if (const base::Result<> written = base::writeFile(toStd(file), text); !written)
            return dialog.setError(engineText(written.error()));
        client::ExportReply reply;
        reply.file = toStd(file);
        reply.bytes = static_cast<std::int64_t>(text.size());
        return dialog.setResult(reply);
    }
    if (format == reportFormat) return exportReport(dialog, file);
    client::ExportRequest request;
    request.to = toStd(format);
    request.file = toStd(file);
    request.verify = verify;
    m_settings.python = dialog.python();
    request.python = toStd(m_settings.python);
    if (!m_historyFile.isEmpty()) request.history = toStd(m_historyFile);
    m_workbench.exportModel(request, &dialog, [&dialog](const base::Result<client::ExportReply>& reply) {
        if (reply)
            dialog.setResult(*reply);
        else
            dialog.setError(engineText(reply.error()));
    });
}

void ExportActions::exportReport(ExportDialog& dialog, const QString& file) {
    std::vector<history::RunRow> runs;
    for (const QString& id : m_history.selectedRuns()) {
        base::Result<history::RunRow> run = m_history.run(id);
        if (!run) return dialog.setError(engineText(run.error()));
        runs.push_back(std::move(*run));
    }
    if (runs.empty() && m_session.lastRun()) runs = history::rowsOf(*m_session.lastRun());
    if (runs.empty()) return dialog.setError(tr("There is nothing to report yet: run the comparison, or select runs in the history."));
    const std::string html = report::htmlReport(runs);
    if (const base::Result<> written = base::writeFile(toStd(file), html); !written) return dialog.setError(engineText(written.error()));
    client::ExportReply reply;
    reply.file = toStd(file);
    reply.bytes = static_cast<std::int64_t>(html.size());
    dialog.setResult(reply);
}

} // namespace lathe::views

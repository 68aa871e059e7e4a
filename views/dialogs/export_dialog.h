#pragma once

#include <optional>

#include <core/base/job.h>
#include <core/client/protocol.h>

#include <views/models/export_formats.h>
#include <views/widgets/dialog.h>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QTableWidget;

namespace lathe::views {

/// Chooses what is written where, and shows what became of it. Knows nothing of the engine: whoever opens it does what exportRequested asks
/// and tells the dialog how it goes.
class ExportDialog : public Dialog {
    Q_OBJECT

public:
    /// `format`: the id of an export format. `folder` and `baseName` make the first suggestion: "<folder>/<baseName>.pt".
    ExportDialog(const QString& format, const QString& folder, const QString& baseName, QWidget* parent = nullptr);

    [[nodiscard]] const ExportFormat& format() const;
    /// A model, not a recipe or a report.
    [[nodiscard]] bool isModel() const;
    [[nodiscard]] QString file() const;
    [[nodiscard]] bool isVerified() const;
    /// The Python program that verifies as well; "" for none.
    [[nodiscard]] QString python() const;
    void setPython(const QString& program);
    [[nodiscard]] bool isBusy() const { return m_isBusy; }

    /// While exportRequested is being done.
    void setProgress(const base::Progress& progress);
    void setResult(const client::ExportReply& reply);
    /// One sentence; the dialog stays, with everything that was chosen.
    void setError(const QString& text);
    /// What is shown about the last export; empty before it.
    [[nodiscard]] QString statusText() const;

    void reject() override;

Q_SIGNALS:
    /// `format`: its id. `verify`: load the file again and compare its outputs; only for models.
    void exportRequested(const QString& format, const QString& file, bool verify);
    void cancelRequested();

protected:
    void changeEvent(QEvent* event) override;

private:
    void takeFormat();
    void browse();
    void browsePython();
    void hideResult();
    void start();
    void setBusy(bool busy);
    void showReply();
    void updateControls();
    void retranslate();

    QString m_folder, m_baseName;
    QLabel *m_formatLabel, *m_fileLabel, *m_pythonLabel, *m_purpose, *m_status, *m_figures, *m_reasons;
    QComboBox* m_format;
    QLineEdit *m_file, *m_python;
    QPushButton *m_browse, *m_browsePython, *m_export, *m_close;
    QCheckBox* m_verify;
    QProgressBar* m_progress;
    QTableWidget* m_checks;
    std::optional<client::ExportReply> m_reply;
    bool m_isBusy = false;
};

} // namespace lathe::views

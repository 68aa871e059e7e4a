#include <views/dialogs/export_dialog.h>

#include <algorithm>

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

#include <views/models/engine_text.h>
#include <views/models/export_text.h>
#include <views/models/number_text.h>
#include <views/models/text.h>
#include <views/widgets/labels.h>
#include <views/widgets/text_table.h>

namespace lathe::views {

ExportDialog::ExportDialog(const QString& format, const QString& folder, const QString& baseName, QWidget* parent)
    : Dialog(parent), m_folder(folder), m_baseName(baseName), m_formatLabel(makeLabel(LabelKind::Muted, this)),
      m_fileLabel(makeLabel(LabelKind::Muted, this)), m_pythonLabel(makeLabel(LabelKind::Muted, this)),
      m_purpose(makeWrappedLabel(LabelKind::Muted, this)), m_status(makeWrappedLabel(LabelKind::Normal, this)),
      m_figures(makeWrappedLabel(LabelKind::Normal, this)), m_reasons(makeWrappedLabel(LabelKind::Muted, this)),
      m_format(new QComboBox(this)), m_file(new QLineEdit(this)), m_python(new QLineEdit(this)), m_browse(new QPushButton(this)),
      m_browsePython(new QPushButton(this)), m_export(new QPushButton(this)), m_close(new QPushButton(this)), m_verify(new QCheckBox(this)),
      m_progress(new QProgressBar(this)), m_checks(makeTextTable(QStringList(5, QString()), this)) {
    for (const ExportFormat& one : exportFormats())
        m_format->addItem(QString(), one.id);
    m_format->setCurrentIndex(m_format->findData(format));
    m_formatLabel->setBuddy(m_format);
    m_fileLabel->setBuddy(m_file);
    m_pythonLabel->setBuddy(m_python);
    m_python->setObjectName(QStringLiteral("python"));
    m_verify->setChecked(true);
    m_export->setDefault(true);
    m_export->setProperty("accent", true);
    m_close->setAutoDefault(false);
    m_browse->setAutoDefault(false);
    m_browsePython->setAutoDefault(false);
    m_progress->setTextVisible(false);
    m_progress->hide();
    m_checks->setSelectionMode(QAbstractItemView::NoSelection);
    m_checks->setFocusPolicy(Qt::NoFocus);

    const auto rowOf = [](QLineEdit* field, QPushButton* button) {
        auto* row = new QHBoxLayout;
        row->setSpacing(6);
        row->addWidget(field, 1);
        row->addWidget(button);
        return row;
    };
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(14);
    form->setVerticalSpacing(8);
    form->addRow(m_formatLabel, m_format);
    form->addRow(QString(), m_purpose);
    form->addRow(m_fileLabel, rowOf(m_file, m_browse));
    form->addRow(QString(), m_verify);
    form->addRow(m_pythonLabel, rowOf(m_python, m_browsePython));
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(m_close);
    buttons->addWidget(m_export);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(10);
    column->addLayout(form);
    for (QWidget* part : std::initializer_list<QWidget*>{m_progress, m_status, m_figures, m_checks, m_reasons})
        column->addWidget(part);
    column->addStretch(1);
    column->addLayout(buttons);
    setMinimumWidth(580);
    m_file->setFocus();

    connect(m_format, &QComboBox::currentIndexChanged, this, &ExportDialog::takeFormat);
    connect(m_file, &QLineEdit::textChanged, this, &ExportDialog::updateControls);
    connect(m_browse, &QPushButton::clicked, this, &ExportDialog::browse);
    connect(m_browsePython, &QPushButton::clicked, this, &ExportDialog::browsePython);
    connect(m_verify, &QCheckBox::toggled, this, &ExportDialog::updateControls);
    connect(m_export, &QPushButton::clicked, this, &ExportDialog::start);
    connect(m_close, &QPushButton::clicked, this, &ExportDialog::reject);
    retranslate();
    takeFormat();
}

const ExportFormat& ExportDialog::format() const { return exportFormats()[static_cast<std::size_t>(m_format->currentIndex())]; }
QString ExportDialog::file() const { return m_file->text().trimmed(); }
bool ExportDialog::isModel() const { return format().isModel; }
bool ExportDialog::isVerified() const { return isModel() && m_verify->isChecked(); }
QString ExportDialog::python() const { return m_python->text().trimmed(); }
void ExportDialog::setPython(const QString& program) { m_python->setText(program); }

void ExportDialog::takeFormat() {
    const QString ending = format().ending;
    // A name that the user chose stays; only its ending follows the format.
    const QFileInfo chosen(file());
    const QString base = file().isEmpty() ? m_baseName : chosen.completeBaseName();
    const QString folder = file().isEmpty() ? m_folder : chosen.path();
    m_file->setText(QDir(folder).filePath(base % ending));
    hideResult();
    retranslate();
}

void ExportDialog::hideResult() {
    m_reply.reset();
    for (QWidget* part : std::initializer_list<QWidget*>{m_status, m_figures, m_checks, m_reasons})
        part->hide();
}

void ExportDialog::browsePython() {
    const QString chosen = QFileDialog::getOpenFileName(this, tr("Choose a Python Program"), python());
    if (!chosen.isEmpty()) m_python->setText(chosen);
}

void ExportDialog::browse() {
    const QString ending = format().ending;
    QString chosen = QFileDialog::getSaveFileName(this, tr("Export"), file(), tr("%1 (*%2)").arg(m_format->currentText(), ending), nullptr,
                                                  QFileDialog::DontConfirmOverwrite);
    if (chosen.isEmpty()) return;
    if (QFileInfo(chosen).suffix().isEmpty()) chosen += ending;
    m_file->setText(chosen);
}

void ExportDialog::start() {
    if (file().isEmpty() || m_isBusy) return;
    hideResult();
    setBusy(true);
    Q_EMIT exportRequested(format().id, file(), isVerified());
}

void ExportDialog::setBusy(bool busy) {
    m_isBusy = busy;
    m_progress->setRange(0, 0);
    m_progress->setVisible(busy);
    updateControls();
}

void ExportDialog::setProgress(const base::Progress& progress) {
    if (!m_isBusy) return;
    const bool isKnown = progress.fraction >= 0;
    m_progress->setRange(0, isKnown ? 1000 : 0);
    if (isKnown) m_progress->setValue(static_cast<int>(std::min(1.0, progress.fraction) * 1000));
}

void ExportDialog::setResult(const client::ExportReply& reply) {
    setBusy(false);
    m_reply = reply;
    showReply();
}

void ExportDialog::setError(const QString& text) {
    setBusy(false);
    setStyleProperty(m_status, "good", false);
    setStyleProperty(m_status, "bad", true);
    m_status->setText(text);
    m_status->show();
}

QString ExportDialog::statusText() const { return m_status->isHidden() ? QString() : m_status->text(); }

void ExportDialog::showReply() {
    if (!m_reply) return;
    const std::vector<history::ExportCheck>& checks = m_reply->checks;
    const bool isFine = std::none_of(checks.begin(), checks.end(),
                                     [](const history::ExportCheck& check) { return check.verdict == history::ExportVerdict::Different; });
    const QString file = QDir::toNativeSeparators(toQt(m_reply->file));
    setStyleProperty(m_status, "good", isFine);
    setStyleProperty(m_status, "bad", !isFine);
    m_status->setText(
        isFine ? tr("Written to %1.").arg(file)
               : tr("Written to %1, but its outputs differ from what was measured. Do not deploy it before you know why.").arg(file));
    m_status->show();

    QStringList figures{bytesText(m_reply->bytes)};
    if (const std::optional<double> ratio = m_reply->sizeRatio()) {
        figures.append(tr("%1× smaller than the original").arg(ratioText(*ratio)));
        figures.append(tr("the original: %1").arg(bytesText(*m_reply->originalBytes)));
    }
    m_figures->setText(figures.join(QStringLiteral(" · ")));
    m_figures->show();

    QStringList reasons;
    for (const base::Message& note : m_reply->notes)
        reasons.append(engineText(note));
    m_checks->setRowCount(static_cast<int>(checks.size()));
    for (int row = 0; row < m_checks->rowCount(); ++row) {
        const history::ExportCheck& check = checks[static_cast<std::size_t>(row)];
        const QStringList cells{export_text::judge(check), export_text::difference(check),
                                check.agreement ? percentText(*check.agreement, 2) : QStringLiteral("–"),
                                export_text::milliseconds(check.loadMs), export_text::verdict(check.verdict)};
        for (int column = 0; column < cells.size(); ++column)
            m_checks->setItem(row, column, new QTableWidgetItem(cells[column]));
        if (const QString reason = export_text::reason(check); !reason.isEmpty()) reasons.append(reason);
    }
    m_checks->setVisible(!checks.empty());
    m_reasons->setText(reasons.join(u'\n'));
    m_reasons->setVisible(!reasons.isEmpty());
    m_checks->setFixedHeight(m_checks->horizontalHeader()->sizeHint().height() +
                             m_checks->rowCount() * m_checks->verticalHeader()->defaultSectionSize() + 4);
}

void ExportDialog::reject() {
    // Closing while something is written means: stop that.
    if (m_isBusy) {
        Q_EMIT cancelRequested();
        return;
    }
    Dialog::reject();
}

void ExportDialog::updateControls() {
    for (QWidget* control : std::initializer_list<QWidget*>{m_format, m_file, m_browse})
        control->setEnabled(!m_isBusy);
    m_verify->setEnabled(!m_isBusy && isModel());
    for (QWidget* control : std::initializer_list<QWidget*>{m_pythonLabel, m_python, m_browsePython})
        control->setEnabled(!m_isBusy && isVerified());
    for (QWidget* control : std::initializer_list<QWidget*>{m_verify, m_pythonLabel, m_python, m_browsePython})
        control->setVisible(isModel());
    m_export->setEnabled(!m_isBusy && !file().isEmpty());
    m_close->setText(m_isBusy ? tr("Cancel") : tr("Close"));
}

void ExportDialog::retranslate() {
    setWindowTitle(tr("Export"));
    m_formatLabel->setText(tr("Format"));
    m_fileLabel->setText(tr("File"));
    m_file->setAccessibleName(tr("File"));
    m_format->setAccessibleName(tr("Format"));
    for (int index = 0; index < m_format->count(); ++index)
        m_format->setItemText(index, exportFormats()[static_cast<std::size_t>(index)].title());
    m_purpose->setText(format().purpose());
    m_browse->setText(tr("Browse…"));
    m_pythonLabel->setText(tr("Also with Python"));
    m_python->setAccessibleName(tr("Python program for verification"));
    m_python->setPlaceholderText(tr("Off. A Python program that has torch or onnxruntime"));
    m_python->setToolTip(
        tr("The file is also opened and run there, by torch or onnxruntime, as it will be where it is deployed; empty: off."));
    m_browsePython->setText(tr("Browse…"));
    m_verify->setText(tr("Verify: load the file again and compare its outputs"));
    m_export->setText(tr("Export"));
    m_progress->setAccessibleName(tr("Progress of the export"));
    m_checks->setAccessibleName(tr("Checks of the exported file"));
    m_checks->setHorizontalHeaderLabels({tr("Checked with"), tr("Largest difference"), tr("Same top-1"), tr("Loads in"), tr("Result")});
    showReply();
    updateControls();
}

void ExportDialog::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    Dialog::changeEvent(event);
}

} // namespace lathe::views

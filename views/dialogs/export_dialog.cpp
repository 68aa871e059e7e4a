#include <views/dialogs/export_dialog.h>

#include <algorithm>
#include <array>

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

#include <views/models/number_text.h>
#include <views/models/text.h>
#include <views/widgets/labels.h>

namespace lathe::views {

namespace {

struct FormatInfo {
    const char* name;
    const char* purpose;
    const char* ending;
};

constexpr std::array<FormatInfo, 5> formats{{
    {QT_TRANSLATE_NOOP("lathe::views::ExportDialog", "TorchScript model"),
     QT_TRANSLATE_NOOP("lathe::views::ExportDialog", "The optimized model, for LibTorch and PyTorch without Lathe."), ".pt"},
    {QT_TRANSLATE_NOOP("lathe::views::ExportDialog", "torch.export program"),
     QT_TRANSLATE_NOOP("lathe::views::ExportDialog",
                       "The optimized model with its quantize and dequantize operators, for torch.export.load."),
     ".pt2"},
    {QT_TRANSLATE_NOOP("lathe::views::ExportDialog", "ONNX model"),
     QT_TRANSLATE_NOOP("lathe::views::ExportDialog",
                       "The optimized model with QuantizeLinear and DequantizeLinear, for ONNX Runtime and others."),
     ".onnx"},
    {QT_TRANSLATE_NOOP("lathe::views::ExportDialog", "Recipe"),
     QT_TRANSLATE_NOOP("lathe::views::ExportDialog", "The steps as a JSON file, for this window and lathe-cli run."), ".json"},
    {QT_TRANSLATE_NOOP("lathe::views::ExportDialog", "HTML report"),
     QT_TRANSLATE_NOOP("lathe::views::ExportDialog", "The selected runs, or else the last comparison, in one file that any browser shows."),
     ".html"},
}};

const FormatInfo& info(ExportFormat format) { return formats[static_cast<std::size_t>(format)]; }

} // namespace

ExportDialog::ExportDialog(ExportFormat format, const QString& folder, const QString& baseName, QWidget* parent)
    : QDialog(parent), m_folder(folder), m_baseName(baseName), m_formatLabel(makeLabel(LabelKind::Muted, this)),
      m_fileLabel(makeLabel(LabelKind::Muted, this)), m_purpose(makeWrappedLabel(LabelKind::Muted, this)),
      m_status(makeWrappedLabel(LabelKind::Normal, this)), m_figures(makeWrappedLabel(LabelKind::Normal, this)),
      m_format(new QComboBox(this)), m_file(new QLineEdit(this)), m_browse(new QPushButton(this)), m_export(new QPushButton(this)),
      m_close(new QPushButton(this)), m_verify(new QCheckBox(this)), m_progress(new QProgressBar(this)),
      m_checks(new QTableWidget(0, 4, this)) {
    for (std::size_t index = 0; index < formats.size(); ++index)
        m_format->addItem(QString());
    m_format->setCurrentIndex(static_cast<int>(format));
    m_formatLabel->setBuddy(m_format);
    m_fileLabel->setBuddy(m_file);
    m_verify->setChecked(true);
    m_export->setDefault(true);
    m_export->setProperty("accent", true);
    m_close->setAutoDefault(false);
    m_browse->setAutoDefault(false);
    m_progress->setTextVisible(false);
    m_progress->hide();
    m_status->hide();
    m_figures->hide();
    m_checks->hide();
    m_checks->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_checks->setSelectionMode(QAbstractItemView::NoSelection);
    m_checks->setFocusPolicy(Qt::NoFocus);
    m_checks->setShowGrid(false);
    m_checks->verticalHeader()->hide();
    m_checks->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_checks->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);

    auto* fileRow = new QHBoxLayout;
    fileRow->setSpacing(6);
    fileRow->addWidget(m_file, 1);
    fileRow->addWidget(m_browse);
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(14);
    form->setVerticalSpacing(8);
    form->addRow(m_formatLabel, m_format);
    form->addRow(QString(), m_purpose);
    form->addRow(m_fileLabel, fileRow);
    form->addRow(QString(), m_verify);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(m_close);
    buttons->addWidget(m_export);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(10);
    column->addLayout(form);
    for (QWidget* part : std::initializer_list<QWidget*>{m_progress, m_status, m_figures, m_checks})
        column->addWidget(part);
    column->addStretch(1);
    column->addLayout(buttons);
    setMinimumWidth(520);

    connect(m_format, &QComboBox::currentIndexChanged, this, &ExportDialog::takeFormat);
    connect(m_file, &QLineEdit::textChanged, this, &ExportDialog::updateControls);
    connect(m_browse, &QPushButton::clicked, this, &ExportDialog::browse);
    connect(m_export, &QPushButton::clicked, this, &ExportDialog::start);
    connect(m_close, &QPushButton::clicked, this, &ExportDialog::reject);
    retranslate();
    takeFormat();
}

ExportFormat ExportDialog::format() const { return static_cast<ExportFormat>(m_format->currentIndex()); }
QString ExportDialog::file() const { return m_file->text().trimmed(); }
bool ExportDialog::isModel() const { return format() != ExportFormat::Recipe && format() != ExportFormat::Report; }
bool ExportDialog::isVerified() const { return isModel() && m_verify->isChecked(); }

void ExportDialog::takeFormat() {
    const QString ending = QString::fromLatin1(info(format()).ending);
    // A name that the user chose stays; only its ending follows the format.
    const QFileInfo chosen(file());
    const QString base = file().isEmpty() ? m_baseName : chosen.completeBaseName();
    const QString folder = file().isEmpty() ? m_folder : chosen.path();
    m_file->setText(QDir(folder).filePath(base % ending));
    m_reply.reset();
    m_status->hide();
    m_figures->hide();
    m_checks->hide();
    retranslate();
}

void ExportDialog::browse() {
    const QString ending = QString::fromLatin1(info(format()).ending);
    QString chosen = QFileDialog::getSaveFileName(this, tr("Export"), file(), tr("%1 (*%2)").arg(m_format->currentText(), ending), nullptr,
                                                  QFileDialog::DontConfirmOverwrite);
    if (chosen.isEmpty()) return;
    if (QFileInfo(chosen).suffix().isEmpty()) chosen += ending;
    m_file->setText(chosen);
}

void ExportDialog::start() {
    if (file().isEmpty() || m_isBusy) return;
    m_reply.reset();
    m_status->hide();
    m_figures->hide();
    m_checks->hide();
    setBusy(true);
    Q_EMIT exportRequested(format(), file(), isVerified());
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
    const bool isFine =
        std::all_of(m_reply->checks.begin(), m_reply->checks.end(), [](const client::ExportCheck& check) { return check.ok; });
    const QString file = QDir::toNativeSeparators(toQt(m_reply->file));
    setStyleProperty(m_status, "good", isFine);
    setStyleProperty(m_status, "bad", !isFine);
    m_status->setText(
        isFine ? tr("Written to %1.").arg(file)
               : tr("Written to %1, but its outputs differ from what was measured. Do not deploy it before you know why.").arg(file));
    m_status->show();

    QStringList figures{bytesText(m_reply->bytes)};
    if (m_reply->sizeRatio) figures.append(tr("%1× smaller than the original").arg(QLocale().toString(*m_reply->sizeRatio, 'f', 2)));
    if (m_reply->loadMs) figures.append(tr("loads in %1 ms").arg(QLocale().toString(*m_reply->loadMs, 'f', 1)));
    m_figures->setText(figures.join(QStringLiteral(" · ")));
    m_figures->show();

    m_checks->setRowCount(static_cast<int>(m_reply->checks.size()));
    for (int row = 0; row < m_checks->rowCount(); ++row) {
        const client::ExportCheck& check = m_reply->checks[static_cast<std::size_t>(row)];
        const QStringList cells{toQt(check.by), figureText(check.maxAbsError),
                                check.agreement ? percentText(*check.agreement, 2) : QStringLiteral("–"),
                                check.ok ? tr("✓ the same") : tr("✗ different")};
        for (int column = 0; column < cells.size(); ++column)
            m_checks->setItem(row, column, new QTableWidgetItem(cells[column]));
    }
    m_checks->setVisible(!m_reply->checks.empty());
    m_checks->setFixedHeight(m_checks->horizontalHeader()->sizeHint().height() +
                             m_checks->rowCount() * m_checks->verticalHeader()->defaultSectionSize() + 4);
}

void ExportDialog::reject() {
    // Closing while something is written means: stop that.
    if (m_isBusy) {
        Q_EMIT cancelRequested();
        return;
    }
    QDialog::reject();
}

void ExportDialog::updateControls() {
    for (QWidget* control : std::initializer_list<QWidget*>{m_format, m_file, m_browse})
        control->setEnabled(!m_isBusy);
    m_verify->setEnabled(!m_isBusy && isModel());
    m_verify->setVisible(isModel());
    m_export->setEnabled(!m_isBusy && !file().isEmpty());
    m_close->setText(m_isBusy ? tr("Cancel") : tr("Close"));
}

void ExportDialog::retranslate() {
    setWindowTitle(tr("Export"));
    m_formatLabel->setText(tr("Format"));
    m_fileLabel->setText(tr("File"));
    m_file->setAccessibleName(tr("File"));
    m_format->setAccessibleName(tr("Format"));
    for (std::size_t index = 0; index < formats.size(); ++index)
        m_format->setItemText(static_cast<int>(index), tr(formats[index].name));
    m_purpose->setText(tr(info(format()).purpose));
    m_browse->setText(tr("Browse…"));
    m_verify->setText(tr("Verify: load the file again and compare its outputs"));
    m_export->setText(tr("Export"));
    m_progress->setAccessibleName(tr("Progress of the export"));
    m_checks->setAccessibleName(tr("Checks of the exported file"));
    m_checks->setHorizontalHeaderLabels({tr("Checked with"), tr("Largest error"), tr("Same top-1"), tr("Result")});
    showReply();
    updateControls();
}

void ExportDialog::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QDialog::changeEvent(event);
}

} // namespace lathe::views

#include <views/dialogs/exported_files_dialog.h>

#include <QDateTime>
#include <QDesktopServices>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QUrl>
#include <QVBoxLayout>

#include <views/models/export_text.h>
#include <views/models/number_text.h>
#include <views/models/recipe_text.h>
#include <views/models/text.h>
#include <views/widgets/labels.h>
#include <views/widgets/text_table.h>

namespace lathe::views {

namespace {

QString when(const std::string& createdAt) {
    const QDateTime time = QDateTime::fromString(toQt(createdAt), Qt::ISODate).toLocalTime();
    return time.isValid() ? QLocale().toString(time, QLocale::ShortFormat) : toQt(createdAt);
}

} // namespace

ExportedFilesDialog::ExportedFilesDialog(std::vector<history::ExportedFile> exports, QWidget* parent)
    : Dialog(parent), m_exports(std::move(exports)),
      m_table(makeTextTable({tr("File"), tr("Size"), tr("Verified"), tr("Written"), tr("Model"), tr("Recipe")}, this)),
      m_path(makeWrappedLabel(LabelKind::Strong, this)), m_detail(makeWrappedLabel(LabelKind::Normal, this)),
      m_openFolder(new QPushButton(tr("Open &Folder"), this)) {
    setWindowTitle(tr("Exported Files"));
    for (const history::ExportedFile& exported : m_exports) {
        addTextRow(*m_table,
                   {QFileInfo(toQt(exported.file)).fileName(), bytesText(exported.bytes), export_text::verdict(exported.checks),
                    when(exported.createdAt), QFileInfo(toQt(exported.modelFile)).fileName(), recipeText(exported.recipeSummary)});
    }
    m_table->setAccessibleName(windowTitle());
    m_table->setWordWrap(false);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setVisible(!m_exports.empty());
    m_path->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_detail->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* close = new QPushButton(tr("Close"), this);
    close->setDefault(true);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    connect(m_openFolder, &QPushButton::clicked, this, &ExportedFilesDialog::openFolder);
    connect(m_table, &QTableWidget::itemSelectionChanged, this, &ExportedFilesDialog::showSelected);

    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_openFolder);
    buttons->addStretch();
    buttons->addWidget(close);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(12);
    column->addWidget(m_table, 1);
    column->addWidget(m_path);
    column->addWidget(m_detail);
    column->addLayout(buttons);
    resize(860, m_exports.empty() ? sizeHint().height() : 480);
    m_table->selectRow(0);
    (m_exports.empty() ? static_cast<QWidget*>(close) : m_table)->setFocus();
    showSelected();
}

QString ExportedFilesDialog::detail() const { return m_detail->text(); }

const history::ExportedFile* ExportedFilesDialog::selected() const {
    const QList<QTableWidgetItem*> items = m_table->selectedItems();
    return items.isEmpty() ? nullptr : &m_exports.at(static_cast<std::size_t>(items.first()->row()));
}

void ExportedFilesDialog::showSelected() {
    const history::ExportedFile* exported = selected();
    m_path->setVisible(exported != nullptr);
    m_openFolder->setEnabled(exported != nullptr);
    m_path->setText(exported ? toQt(exported->file) : QString());
    m_detail->setText(exported ? export_text::summary(*exported) : tr("No file has been exported yet."));
}

void ExportedFilesDialog::openFolder() {
    if (const history::ExportedFile* exported = selected())
        QDesktopServices::openUrl(QUrl::fromLocalFile(QFileInfo(toQt(exported->file)).absolutePath()));
}

} // namespace lathe::views

#include <views/dialogs/run_comparison_dialog.h>

#include <algorithm>

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <views/models/text.h>
#include <views/widgets/labels.h>
#include <views/widgets/text_table.h>

namespace lathe::views {

namespace {

constexpr int namingRows = 2;          // run and recipe
constexpr qsizetype mostStretched = 3; // more runs than this are scrolled

/// Name, then each run by its letter, from the second with how far it is from the first.
QStringList columnsOf(const RunComparison& comparison) {
    QStringList columns{QString()};
    for (qsizetype run = 0; run < comparison.names.size(); ++run) {
        columns.append(run < 26 ? QString(QChar(u'A' + static_cast<char16_t>(run))) : QString::number(run + 1));
        if (run > 0) columns.append(QStringLiteral("Δ"));
    }
    return columns;
}

QStringList cellsOf(const RunComparison::Figure& figure) {
    QStringList cells{figure.name};
    for (qsizetype run = 0; run < figure.values.size(); ++run) {
        cells.append(figure.values[run]);
        if (run > 0) cells.append(figure.changes[run - 1]);
    }
    return cells;
}

} // namespace

RunComparisonDialog::RunComparisonDialog(const RunComparison& comparison, QWidget* parent)
    : QDialog(parent), m_table(makeTextTable(columnsOf(comparison), this)), m_verdicts(comparison.verdicts) {
    setWindowTitle(tr("Compare Runs"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(10);
    for (const QString& verdict : m_verdicts) {
        QLabel* sentence = makeWrappedLabel(LabelKind::Normal, this);
        sentence->setText(verdict);
        sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
        column->addWidget(sentence);
    }
    RunComparison::Figure names{tr("Run"), comparison.names, {}};
    names.changes.fill(QString(), comparison.names.size() - 1);
    addTextRow(*m_table, cellsOf(names));
    for (const RunComparison::Figure& figure : comparison.figures)
        addTextRow(*m_table, cellsOf(figure));
    m_table->setWordWrap(false);
    m_table->setTextElideMode(Qt::ElideMiddle);
    m_table->setAccessibleName(tr("Figures of the runs"));
    QHeaderView* header = m_table->horizontalHeader();
    header->setStretchLastSection(false);
    for (int cell = 1; cell < m_table->columnCount(); ++cell) {
        m_table->horizontalHeaderItem(cell)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
        int width = fontMetrics().averageCharWidth() * 22;
        for (int row = 0; row < m_table->rowCount(); ++row) {
            QTableWidgetItem* item = m_table->item(row, cell);
            item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            if (row < namingRows) {
                item->setToolTip(plainToolTip(item->text())); // long: cut in their middle
            } else {
                width = std::max(width, m_table->fontMetrics().horizontalAdvance(item->text()) + 20); // figures are whole
            }
        }
        const bool isRun = cell == 1 || cell % 2 == 0;
        if (!isRun) continue;
        header->setSectionResizeMode(cell, comparison.names.size() <= mostStretched ? QHeaderView::Stretch : QHeaderView::Interactive);
        header->resizeSection(cell, width);
    }
    column->addWidget(m_table, 1);
    auto* close = new QPushButton(tr("Close"), this);
    close->setDefault(true);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch();
    buttons->addWidget(close);
    column->addLayout(buttons);
    resize(860, 560);
}

QString RunComparisonDialog::verdictText() const { return m_verdicts.join(u'\n'); }

} // namespace lathe::views

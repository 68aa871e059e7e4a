#include <views/dialogs/run_comparison_dialog.h>

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <views/widgets/labels.h>
#include <views/widgets/text_table.h>

namespace lathe::views {

namespace {

/// Name, then each run, from the second with how far it is from the first.
QStringList columnsOf(const RunComparison& comparison) {
    QStringList columns{QString()};
    for (qsizetype run = 0; run < comparison.names.size(); ++run) {
        columns.append(comparison.names[run]);
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
    for (const RunComparison::Figure& figure : comparison.figures) {
        addTextRow(*m_table, cellsOf(figure));
        for (int cell = 1; cell < m_table->columnCount(); ++cell)
            m_table->item(m_table->rowCount() - 1, cell)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    }
    m_table->setWordWrap(false);
    m_table->setAccessibleName(tr("Figures of the runs"));
    QHeaderView* header = m_table->horizontalHeader();
    header->setStretchLastSection(false);
    header->setTextElideMode(Qt::ElideMiddle);
    // Names and recipes are long; their tool tips hold them whole.
    for (int cell = 1; cell < m_table->columnCount(); cell += cell == 1 ? 1 : 2) {
        header->setSectionResizeMode(cell, QHeaderView::Stretch);
        m_table->horizontalHeaderItem(cell)->setToolTip(m_table->horizontalHeaderItem(cell)->text());
        m_table->item(0, cell)->setToolTip(m_table->item(0, cell)->text());
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

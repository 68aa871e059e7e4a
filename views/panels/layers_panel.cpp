#include <views/panels/layers_panel.h>

#include <QEvent>
#include <QHeaderView>
#include <QScopedValueRollback>
#include <QVBoxLayout>

#include <views/widgets/themed_icon.h>

namespace lathe::views {

LayersPanel::LayersPanel(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_filterField(new QLineEdit(this)), m_table(new QTableView(this)) {
    m_filter.setSourceModel(&session.layers());
    m_table->setObjectName(QStringLiteral("layersTable"));
    m_table->setModel(&m_filter);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setSortingEnabled(true);
    m_filter.sort(-1); // in the order of the model until a header is clicked
    m_table->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 9);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setMinimumSectionSize(56);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_filterField->addAction(themedIcon(QStringLiteral("find"), QPalette::PlaceholderText), QLineEdit::LeadingPosition);
    m_filterField->setClearButtonEnabled(true);
    m_filterField->setObjectName(QStringLiteral("layersFilter"));

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_table);

    connect(m_filterField, &QLineEdit::textChanged, &m_filter, &LayerFilter::setPattern);
    connect(m_filterField, &QLineEdit::returnPressed, m_table, &QTableView::selectAll);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &LayersPanel::takeSelection);
    connect(&session, &Session::selectedNodesChanged, this, &LayersPanel::showSelection);
    connect(&m_filter, &LayerFilter::modelReset, this, &LayersPanel::showSelection);
    retranslate();
}

void LayersPanel::takeSelection() {
    if (m_isSyncing) return;
    QStringList names;
    const QModelIndexList rows = m_table->selectionModel()->selectedRows(LayersModel::Name);
    for (const QModelIndex& row : rows)
        names << row.data().toString();
    const QScopedValueRollback syncing(m_isSyncing, true);
    m_session.selectNodes(names);
}

void LayersPanel::showSelection() {
    if (m_isSyncing) return;
    const QScopedValueRollback syncing(m_isSyncing, true);
    QItemSelection selection;
    for (int row = 0; row < m_filter.rowCount(); ++row) {
        const QModelIndex index = m_filter.index(row, LayersModel::Name);
        if (m_session.selectedNodes().contains(index.data().toString())) selection.select(index, index);
    }
    m_table->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    if (!selection.isEmpty()) m_table->scrollTo(selection.indexes().first());
}

void LayersPanel::retranslate() {
    m_table->setAccessibleName(tr("Layers"));
    m_filterField->setAccessibleName(tr("Filter layers by name"));
    m_filterField->setPlaceholderText(tr("Filter: fc, layer*.conv?"));
    m_filterField->setToolTip(tr("Part of a name, or a pattern with * and ?. Return selects all layers that fit."));
    m_session.layers().retranslate();
}

void LayersPanel::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

} // namespace lathe::views

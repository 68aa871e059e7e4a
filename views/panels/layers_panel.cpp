#include <views/panels/layers_panel.h>

#include <algorithm>

#include <QDoubleSpinBox>
#include <QEvent>
#include <QHeaderView>
#include <QScopedValueRollback>
#include <QSet>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <core/graph/layers.h>
#include <core/steps/step_table.h>
#include <views/models/step_text.h>
#include <views/models/text.h>
#include <views/widgets/labels.h>
#include <views/widgets/theme.h>
#include <views/widgets/themed_icon.h>

namespace lathe::views {

namespace {

/// Times that are not reliable are grey, as in the history.
class LayerDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    [[nodiscard]] QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        QWidget* editor = QStyledItemDelegate::createEditor(parent, option, index);
        if (auto* field = qobject_cast<QDoubleSpinBox*>(editor)) {
            field->setDecimals(1);
            field->setRange(0, 100);
            field->setButtonSymbols(QAbstractSpinBox::NoButtons);
        }
        return editor;
    }

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
        QStyledItemDelegate::initStyleOption(option, index);
        if (!index.data(LayersModel::DoubtRole).toBool()) return;
        for (const QPalette::ColorRole role : {QPalette::Text, QPalette::HighlightedText})
            option->palette.setColor(role, themeColors(option->palette).muted);
    }
};

} // namespace

LayersPanel::LayersPanel(Session& session, RecipeEditor& editor, QWidget* parent)
    : QWidget(parent), m_session(session), m_editor(editor), m_filterField(new QLineEdit(this)), m_table(new QTableView(this)),
      m_empty(makeWrappedLabel(LabelKind::Muted, this)) {
    m_filter.setSourceModel(&session.layers());
    m_table->setObjectName(QStringLiteral("layersTable"));
    m_table->setModel(&m_filter);
    m_table->setItemDelegate(new LayerDelegate(m_table));
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
    column->addWidget(m_table, 1);
    column->addWidget(m_empty, 1);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setMargin(16);
    m_empty->hide();

    connect(m_filterField, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_filter.setPattern(text);
        showEmpty();
    });
    connect(m_filterField, &QLineEdit::returnPressed, m_table, &QTableView::selectAll);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &LayersPanel::takeSelection);
    connect(&session, &Session::selectedNodesChanged, this, &LayersPanel::showSelection);
    connect(&m_filter, &LayerFilter::modelReset, this, [this] {
        showSelection();
        showEmpty();
        showColumns();
    });
    connect(&session.layers(), &LayersModel::dataChanged, this, &LayersPanel::showColumns);
    connect(&session.layers(), &LayersModel::settingWished, this, &LayersPanel::takeSetting);
    connect(&session.recipe(), &RecipeModel::recipeChanged, this, &LayersPanel::showSetting);
    connect(&session, &Session::selectedStepChanged, this, &LayersPanel::showSetting);
    retranslate();
    showColumns();
}

void LayersPanel::showSetting() {
    const auto settingOf = [&](int index) -> std::optional<LayerSetting> {
        const steps::Step step = m_session.recipe().boundStep(index);
        const steps::StepSpec* spec = steps::findStepSpec(step.op);
        if (spec == nullptr || !step.enabled) return std::nullopt;
        for (const steps::ParameterSpec& each : spec->parameters) {
            if (!each.perLayer || each.kind != steps::ParameterKind::Number || !step_text::isRatio(each)) continue;
            //: A column of the table of layers: "Pruned share (step 2)"
            const QString title = tr("%1 (step %2)").arg(step_text::parameterLabel(each.key)).arg(index + 1);
            return LayerSetting{title, index, each.key, step, each.minimum, each.maximum};
        }
        return std::nullopt;
    };
    std::optional<LayerSetting> found;
    if (m_session.selectedStep() >= 0) found = settingOf(m_session.selectedStep());
    for (int index = 0; index < m_session.recipe().stepCount() && !found; ++index)
        found = settingOf(index);
    m_session.layers().setSetting(std::move(found));
    showColumns();
}

void LayersPanel::takeSetting(const QString& layer, double share) {
    const std::optional<LayerSetting>& setting = m_session.layers().setting();
    if (!setting) return;
    QStringList layers{layer};
    if (const QStringList selected = m_session.selectedLayers(); selected.contains(layer)) layers = selected;
    // All that a pattern fits: that is how it is written down, for models of the same make too.
    const QString pattern = wholePattern(m_filterField->text().trimmed());
    const auto isFitting = [&](const client::LayerInfo& each) { return graph::matchesPattern(toStd(pattern), each.name); };
    const std::vector<client::LayerInfo>& all = m_session.layers().layers();
    const bool areAll = std::all_of(all.begin(), all.end(),
                                    [&](const client::LayerInfo& each) { return isFitting(each) == layers.contains(toQt(each.name)); });
    if (!m_filterField->text().trimmed().isEmpty() && layers.size() > 1 && areAll) layers = {pattern};
    m_editor.setParameter({setting->index, setting->key, layers}, share);
}

void LayersPanel::showColumns() {
    for (int column = 0; column < m_filter.columnCount(); ++column)
        m_table->setColumnHidden(column, !m_session.layers().isTold(column));
}

void LayersPanel::takeSelection() {
    if (m_isSyncing) return;
    QStringList names;
    const QModelIndexList rows = m_table->selectionModel()->selectedRows(LayersModel::Name);
    for (const QModelIndex& row : rows) {
        if (const QString node = row.data(LayersModel::NodeRole).toString(); !node.isEmpty()) names << node;
    }
    const QScopedValueRollback syncing(m_isSyncing, true);
    m_session.selectNodes(names);
}

void LayersPanel::showSelection() {
    if (m_isSyncing) return;
    const QScopedValueRollback syncing(m_isSyncing, true);
    const QSet<QString> wanted(m_session.selectedNodes().begin(), m_session.selectedNodes().end());
    QItemSelection selection;
    for (int row = 0; row < m_filter.rowCount() && !wanted.isEmpty(); ++row) {
        const QModelIndex index = m_filter.index(row, LayersModel::Name);
        if (wanted.contains(index.data(LayersModel::NodeRole).toString())) selection.select(index, index);
    }
    m_table->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    if (!selection.isEmpty()) m_table->scrollTo(selection.indexes().first());
}

void LayersPanel::showEmpty() {
    const std::vector<client::LayerInfo>& layers = m_session.layers().layers();
    const bool isEmpty = m_filter.rowCount() == 0 && !layers.empty();
    m_table->setVisible(!isEmpty);
    m_empty->setVisible(isEmpty);
    if (!isEmpty) return;
    std::vector<std::string> names;
    for (const client::LayerInfo& layer : layers)
        names.push_back(layer.name);
    const QString pattern = m_filterField->text().trimmed();
    const QString nearest = toQt(graph::nearestName(toStd(wholePattern(pattern)), names));
    m_empty->setText(nearest.isEmpty() ? tr("No layer fits \"%1\".").arg(pattern)
                                       : tr("No layer fits \"%1\"; nearest: \"%2\".").arg(pattern, nearest));
}

void LayersPanel::retranslate() {
    m_table->setAccessibleName(tr("Layers"));
    m_filterField->setAccessibleName(tr("Filter layers by name"));
    m_filterField->setPlaceholderText(tr("Filter: fc, layer*.conv?"));
    m_filterField->setToolTip(tr("Part of a name, or a pattern with * and ?. Return selects all layers that fit."));
    m_session.layers().retranslate();
    showSetting();
    showEmpty();
}

void LayersPanel::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

} // namespace lathe::views

#include <views/panels/history_panel.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <unordered_set>
#include <utility>

#include <QAction>
#include <QApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QStackedLayout>
#include <QTableView>

#include <views/models/engine_text.h>
#include <views/models/text.h>
#include <views/panels/run_delegate.h>
#include <views/panels/run_notes_popup.h>
#include <views/widgets/labels.h>
#include <views/widgets/scope_box.h>
#include <views/widgets/themed_icon.h>

namespace lathe::views {

HistoryPanel::HistoryPanel(const QString& historyFile, QWidget* parent)
    : QWidget(parent), m_file(toStd(historyFile)), m_tools(new QWidget(this)), m_filterField(new QLineEdit(m_tools)),
      m_scopeBox(new ScopeBox(m_scopes, 18, m_tools)), m_table(new QTableView(this)), m_problem(new QWidget(this)),
      m_problemText(makeWrappedLabel(LabelKind::Normal, m_problem)), m_empty(makeWrappedLabel(LabelKind::Muted, this)),
      m_filterProblem(makeWrappedLabel(LabelKind::Normal, this)), m_tryAgain(new QPushButton(m_problem)), m_notes(new RunNotesPopup(this)),
      m_restore(addRowAction(Qt::Key_Return, &HistoryPanel::restore)), m_rename(addRowAction(Qt::Key_F2, &HistoryPanel::rename)),
      m_editNotes(addRowAction(Qt::Key_F4, &HistoryPanel::editNotes)), m_setBaseline(addRowAction(Qt::Key_B, &HistoryPanel::setBaseline)),
      m_compare(addRowAction(Qt::Key_C, &HistoryPanel::compare)), m_measureAgain(addRowAction(Qt::Key_M, &HistoryPanel::measureAgain)),
      m_delete(addRowAction(QKeySequence::Delete, &HistoryPanel::removeSelected)), m_doubt(new QWidget(this)),
      m_doubtText(makeWrappedLabel(LabelKind::Muted, m_doubt)), m_doubtButton(new QPushButton(m_doubt)) {
    makeTable();
    m_filterField->setObjectName(QStringLiteral("historyFilter"));
    m_filterField->addAction(themedIcon(QStringLiteral("find"), QPalette::PlaceholderText), QLineEdit::LeadingPosition);
    m_filterField->setClearButtonEnabled(true);
    auto* tools = new QHBoxLayout(m_tools);
    tools->setContentsMargins(0, 0, 0, 0);
    tools->addWidget(m_scopeBox);
    tools->addWidget(m_filterField, 1);
    auto* problem = new QHBoxLayout(m_problem);
    problem->setContentsMargins(12, 8, 12, 8);
    problem->addWidget(m_problemText, 1);
    problem->addWidget(m_tryAgain);
    m_problem->hide();
    m_doubtText->setObjectName(QStringLiteral("doubt"));
    m_doubtButton->setObjectName(QStringLiteral("measureAgain"));
    auto* doubt = new QHBoxLayout(m_doubt);
    doubt->setContentsMargins(12, 4, 12, 6);
    doubt->addWidget(m_doubtText, 1);
    doubt->addWidget(m_doubtButton);
    m_doubt->hide();
    connect(m_doubtButton, &QPushButton::clicked, this, &HistoryPanel::measureAgain);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->hide();
    m_filterProblem->setObjectName(QStringLiteral("filterProblem"));
    m_filterProblem->setContentsMargins(12, 4, 12, 4);
    setStyleProperty(m_filterProblem, "bad", true);
    m_filterProblem->hide();

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_tools);
    column->addWidget(m_problem);
    column->addWidget(m_filterProblem);
    column->addWidget(m_table, 1);
    column->addWidget(m_empty, 1);
    column->addWidget(m_doubt);

    connect(m_filterField, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_filter.setFilterText(text);
        showState();
    });
    connect(&m_scopes, &RunScopes::changed, this, &HistoryPanel::showScope);
    keepSelection();
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &HistoryPanel::takeSelection);
    connect(m_table, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
        if (index.column() == HistoryModel::Star) return setBaseline();
        restore();
    });
    connect(&m_model, &HistoryModel::renameRequested, this, [this](const QString& id, const QString& name) {
        if (open()) afterWriting(m_history->rename(toStd(id), toStd(name)));
    });
    connect(m_notes, &RunNotesPopup::tagsEdited, this, [this](const QString& id, const QStringList& tags) {
        if (open()) afterWriting(m_history->setTags(toStd(id), toStd(tags)));
    });
    connect(m_notes, &RunNotesPopup::noteEdited, this, [this](const QString& id, const QString& note) {
        if (open()) afterWriting(m_history->setNote(toStd(id), toStd(note)));
    });
    connect(m_tryAgain, &QPushButton::clicked, this, &HistoryPanel::refresh);
    connect(&m_poll, &QTimer::timeout, this, &HistoryPanel::poll);
    m_poll.setInterval(1000);
    connect(&m_nextPage, &QTimer::timeout, this, &HistoryPanel::readOn);
    m_nextPage.setSingleShot(true);
    m_nextPage.setInterval(0);
    // The window is painted before the file is read.
    QTimer::singleShot(0, this, &HistoryPanel::refresh);
    retranslate();
    updateActions();
}

HistoryPanel::~HistoryPanel() = default;

QAction* HistoryPanel::addRowAction(const QKeySequence& shortcut, void (HistoryPanel::*slot)()) {
    auto* action = new QAction(this);
    action->setShortcut(shortcut);
    // Only in the table: the same keys mean something else elsewhere.
    action->setShortcutContext(Qt::WidgetShortcut);
    m_table->addAction(action);
    connect(action, &QAction::triggered, this, slot);
    return action;
}

void HistoryPanel::makeTable() {
    m_filter.setSourceModel(&m_model);
    m_table->setObjectName(QStringLiteral("historyTable"));
    m_table->setModel(&m_filter);
    m_table->setItemDelegate(new RunDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 9);
    QHeaderView* header = m_table->horizontalHeader();
    header->setHighlightSections(false);
    header->setSectionsMovable(true);
    header->setMinimumSectionSize(28);
    header->setSectionResizeMode(QHeaderView::ResizeToContents);
    header->setStretchLastSection(true);
    // Names and recipes can be long: the figures beside them must stay in sight. The tooltip has the whole text.
    for (const int column : {HistoryModel::Name, HistoryModel::Scope, HistoryModel::Tags, HistoryModel::Recipe}) {
        header->setSectionResizeMode(column, QHeaderView::Interactive);
        header->resizeSection(column, fontMetrics().averageCharWidth() * (column == HistoryModel::Tags ? 14 : 26));
    }
    // Widths are those of what is in sight and a little more.
    header->setResizeContentsPrecision(100);
    // Real or simulated belongs to the figures.
    header->moveSection(header->visualIndex(HistoryModel::Kind), header->visualIndex(HistoryModel::File) + 1);
    for (int column = HistoryModel::ColumnCount; column < m_model.columnCount(); ++column)
        m_table->setColumnHidden(column, true);
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(header, &QHeaderView::customContextMenuRequested, this, &HistoryPanel::chooseColumns);
    // Newest first, as the history gives them, until a header is clicked.
    m_table->setSortingEnabled(true);
    m_filter.sort(-1);
    header->setSortIndicator(-1, Qt::AscendingOrder);
}

void HistoryPanel::keepSelection() {
    // A reset closes nothing that was chosen: the runs are the same, or others between them.
    connect(&m_filter, &QAbstractItemModel::modelAboutToBeReset, this, [this] {
        m_keptRuns = selectedRuns();
        m_keptRun = m_table->currentIndex().data(HistoryModel::IdRole).toString();
    });
    connect(&m_filter, &QAbstractItemModel::modelReset, this, [this] {
        const QScopedValueRollback selecting(m_isSelecting, true);
        const auto indexOf = [this](const QString& id) { return m_filter.mapFromSource(m_model.indexOf(id)); };
        QItemSelection selection;
        for (const QString& id : m_keptRuns)
            if (const QModelIndex index = indexOf(id); index.isValid()) selection.select(index, index);
        m_table->selectionModel()->setCurrentIndex(indexOf(m_keptRun), QItemSelectionModel::NoUpdate);
        m_table->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
        updateActions();
    });
}

bool HistoryPanel::open() {
    if (m_history) return true;
    base::Result<history::History> opened = history::History::open(m_file);
    if (!opened) {
        showProblem(engineText(opened.error()));
        return false;
    }
    m_history.emplace(std::move(*opened));
    return true;
}

void HistoryPanel::refresh() {
    m_poll.stop();
    if (!open()) return;
    // The version first: what is written while pages are read is then read once more, never missed.
    const base::Result<std::int64_t> version = m_history->dataVersion();
    m_read.clear();
    if (!version) return giveUp(version.error());
    if (!readPage()) return;
    m_dataVersion = *version;
    if (!m_isReading) return takeRows(std::exchange(m_read, {}));
    // Of a long history the newest runs are there at once, before those that were known.
    std::vector<history::RunRow> rows = m_read;
    const std::vector<history::RunRow>& known = m_model.rows();
    const auto last = std::ranges::find(known, rows.back().id, &history::RunRow::id);
    if (last != known.end()) rows.insert(rows.end(), last + 1, known.end());
    takeRows(std::move(rows));
}

bool HistoryPanel::readPage() {
    base::Result<std::vector<history::RunRow>> page = m_history->list({}, {m_read.size(), m_pageSize});
    m_isReading = page && page->size() == m_pageSize;
    if (!page) {
        giveUp(page.error());
        return false;
    }
    m_read.insert(m_read.end(), std::make_move_iterator(page->begin()), std::make_move_iterator(page->end()));
    if (m_isReading) m_nextPage.start();
    return true;
}

void HistoryPanel::readOn() {
    if (!m_history || !m_isReading || !readPage() || m_isReading) return;
    // A run that came in between moves the others on by one: the last of a page is the first of the next then.
    std::unordered_set<std::string> ids;
    std::erase_if(m_read, [&ids](const history::RunRow& row) { return !ids.insert(row.id).second; });
    takeRows(std::exchange(m_read, {}));
}

void HistoryPanel::giveUp(const base::Error& error) {
    m_isReading = false;
    m_nextPage.stop();
    // A damaged or replaced file is opened afresh by the next try.
    showProblem(engineText(error));
    m_history.reset();
}

void HistoryPanel::takeRows(std::vector<history::RunRow> rows) {
    {
        const QScopedValueRollback selecting(m_isSelecting, true);
        m_model.setRows(std::move(rows));
        m_scopes.setRuns(m_model.rows());
    }
    showProblem({});
    showColumns();
    updateActions();
    m_poll.start();
    Q_EMIT runsChanged(m_model.rows());
}

void HistoryPanel::poll() {
    // A name that is being typed must not be overwritten: its editor is the only child of the viewport that can have the focus.
    const QWidget* focus = QApplication::focusWidget();
    if (!m_history || (focus != nullptr && m_table->viewport()->isAncestorOf(focus))) return;
    markInterrupted();
    const base::Result<std::int64_t> version = m_history ? m_history->dataVersion() : base::Result<std::int64_t>(m_dataVersion);
    if (!version || *version != m_dataVersion) refresh();
}

void HistoryPanel::markInterrupted() {
    if (!m_history) return;
    // A write of this connection does not change its data version.
    const base::Result<int> marked = m_history->markInterrupted();
    if (!marked || *marked > 0) refresh();
}

void HistoryPanel::afterWriting(const base::Result<>& result) {
    refresh();
    if (!result) showProblem(engineText(result.error()));
}

base::Result<history::RunRow> HistoryPanel::run(const QString& id) {
    if (!open()) return base::failure(base::ErrorCode::Failed, toStd(problemText()));
    return m_history->run(toStd(id));
}

base::Result<std::vector<history::ExportedFile>> HistoryPanel::exportedFiles() {
    if (!open()) return base::failure(base::ErrorCode::Failed, toStd(problemText()));
    return m_history->exports();
}

void HistoryPanel::showProblem(const QString& text) {
    m_problemText->setText(text);
    m_problem->setVisible(!text.isEmpty());
    showState();
}

QString HistoryPanel::filterProblemText() const { return m_filterProblem->isHidden() ? QString() : m_filterProblem->text(); }

QString HistoryPanel::problemText() const { return m_problem->isHidden() ? QString() : m_problemText->text(); }

void HistoryPanel::showColumns() {
    m_table->setColumnHidden(HistoryModel::Tags, !m_model.hasTags());
    m_table->setColumnHidden(HistoryModel::Scope, !m_scopes.showsAll());
}

void HistoryPanel::chooseColumns(const QPoint& position) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (int column = HistoryModel::ColumnCount; column < m_model.columnCount(); ++column) {
        QAction* action = menu->addAction(m_model.headerData(column, Qt::Horizontal).toString());
        action->setCheckable(true);
        action->setChecked(!m_table->isColumnHidden(column));
        connect(action, &QAction::toggled, this, [this, column](bool isShown) { m_table->setColumnHidden(column, !isShown); });
    }
    menu->popup(m_table->horizontalHeader()->mapToGlobal(position));
}

void HistoryPanel::showState() {
    const QString filterProblem = m_filter.problemText();
    m_filterProblem->setText(filterProblem);
    m_filterProblem->setVisible(!filterProblem.isEmpty());
    m_filterField->setAccessibleDescription(filterProblem.isEmpty() ? tr("Words, tag:x and figures such as accuracy>91 that runs must have")
                                                                    : filterProblem);
    const bool isEmpty = m_filter.rowCount() == 0;
    const bool isFiltered = m_model.rowCount() > 0;
    const std::vector<RunScopes::Entry>& entries = m_scopes.entries();
    const bool isOfOthers = !m_scopes.showsAll() && !entries.empty() && !entries[static_cast<std::size_t>(m_scopes.current())].hasRuns;
    QString text = tr("No runs yet. Press F5 to compare the model with and without the recipe.");
    if (isOfOthers) {
        text =
            tr("No runs of this model yet. Press F5 to compare it with and without the recipe.\nRuns of other models can be chosen above.");
    } else if (isFiltered) {
        text = tr("No run fits the filter.");
    }
    m_empty->setText(text);
    m_empty->setVisible(isEmpty && (isFiltered || problemText().isEmpty()));
    m_table->setVisible(!isEmpty);
}

void HistoryPanel::showScope() {
    {
        const QScopedValueRollback selecting(m_isSelecting, true);
        m_model.setScope(m_scopes.scope());
        m_filter.setOtherScopesHidden(!m_scopes.showsAll());
    }
    showColumns();
    showState();
    updateActions();
}

void HistoryPanel::setSelectedRun(const QString& id) {
    const QScopedValueRollback selecting(m_isSelecting, true);
    const QModelIndex index = m_filter.mapFromSource(m_model.indexOf(id));
    if (!index.isValid()) {
        m_table->clearSelection();
    } else if (!selectedRuns().contains(id)) {
        m_table->selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
        m_table->scrollTo(index);
    }
    updateActions();
}

QString HistoryPanel::selectedRun() const {
    const QModelIndex current = m_table->currentIndex();
    const QStringList selected = selectedRuns();
    const QString id = current.data(HistoryModel::IdRole).toString();
    return selected.contains(id) ? id : selected.value(0);
}

QStringList HistoryPanel::selectedRuns() const {
    QStringList ids;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows())
        ids.append(index.data(HistoryModel::IdRole).toString());
    return ids;
}

void HistoryPanel::takeSelection() {
    updateActions();
    if (!m_isSelecting && !selectedRuns().isEmpty()) Q_EMIT runSelected(selectedRun());
}

void HistoryPanel::updateActions() {
    const QStringList selected = selectedRuns();
    const history::RunRow* row = m_model.row(selectedRun());
    const bool isOne = selected.size() == 1 && row != nullptr;
    for (QAction* action : {m_restore, m_rename, m_editNotes})
        action->setEnabled(isOne);
    m_setBaseline->setEnabled(isOne && hasResult(*row));
    m_setBaseline->setText(isOne && row->isPinnedBaseline ? tr("Clear &Baseline") : tr("Set as &Baseline"));
    m_compare->setEnabled(selected.size() > 1);
    showDoubt();
    const bool isAtWork = std::any_of(selected.begin(), selected.end(), [this](const QString& id) {
        const history::RunRow* one = m_model.row(id);
        return one != nullptr && one->state == history::RunState::Running;
    });
    m_delete->setEnabled(!selected.isEmpty() && !isAtWork);
}

void HistoryPanel::restore() {
    if (const QString id = selectedRun(); !id.isEmpty()) Q_EMIT runActivated(id);
}

void HistoryPanel::rename() {
    const QModelIndex index = m_filter.mapFromSource(m_model.indexOf(selectedRun(), HistoryModel::Name));
    if (index.isValid()) m_table->edit(index);
}

void HistoryPanel::editNotes() {
    const history::RunRow* row = m_model.row(selectedRun());
    if (row == nullptr) return;
    const QRect cell = m_table->visualRect(m_filter.mapFromSource(m_model.indexOf(selectedRun(), HistoryModel::Name)));
    m_notes->edit(*row, m_table->viewport()->mapToGlobal(cell.bottomLeft()));
}

void HistoryPanel::setBaseline() {
    const history::RunRow* row = m_model.row(selectedRun());
    if (row == nullptr || !hasResult(*row) || !open()) return;
    afterWriting(row->isPinnedBaseline ? m_history->unpinBaseline(row->id) : m_history->pinBaseline(row->id));
}

const history::RunRow* HistoryPanel::runToMeasure() const {
    const auto isMeasured = [](const history::RunRow& row) { return hasResult(row) && row.comparison.has_value(); };
    const QStringList selected = selectedRuns();
    if (!selected.isEmpty()) {
        const history::RunRow* row = selected.size() == 1 ? m_model.row(selected.first()) : nullptr;
        return row != nullptr && isMeasured(*row) ? row : nullptr;
    }
    const auto newest = std::ranges::find_if(m_model.rows(), isMeasured);
    return newest != m_model.rows().end() && !doubtText(*newest).isEmpty() ? &*newest : nullptr;
}

void HistoryPanel::setCanMeasure(bool can) {
    m_canMeasure = can;
    showDoubt();
}

void HistoryPanel::showDoubt() {
    const history::RunRow* row = runToMeasure();
    const QString doubt = row == nullptr ? QString() : doubtText(*row);
    m_doubt->setVisible(!doubt.isEmpty());
    m_doubtText->setText(doubt.isEmpty() ? QString() : tr("Speed of “%1”. %2").arg(toQt(row->name), doubt));
    m_measureAgain->setEnabled(row != nullptr && m_canMeasure);
    m_doubtButton->setEnabled(m_measureAgain->isEnabled());
}

void HistoryPanel::measureAgain() {
    if (const history::RunRow* row = runToMeasure(); row != nullptr && m_canMeasure) Q_EMIT measureAgainRequested(toQt(row->id));
}

void HistoryPanel::compare() { Q_EMIT comparisonRequested(selectedRuns()); }

void HistoryPanel::removeSelected() {
    const QStringList ids = selectedRuns();
    if (ids.isEmpty()) return;
    auto* question = new QMessageBox(this);
    question->setAttribute(Qt::WA_DeleteOnClose);
    question->setIcon(QMessageBox::Question);
    question->setTextFormat(Qt::PlainText);
    question->setWindowTitle(tr("Delete Runs"));
    question->setText(tr("Delete %n run(s) from the history?", nullptr, static_cast<int>(ids.size())));
    const history::RunRow* first = m_model.row(ids.first());
    question->setInformativeText(ids.size() == 1 && first != nullptr
                                     ? tr("“%1” and its measurements cannot be brought back.").arg(toQt(first->name))
                                     : tr("Their measurements cannot be brought back."));
    QPushButton* remove = question->addButton(tr("Delete"), QMessageBox::DestructiveRole);
    question->setDefaultButton(question->addButton(QMessageBox::Cancel));
    connect(question, &QMessageBox::buttonClicked, this, [this, ids, remove](QAbstractButton* button) {
        if (button == remove && open()) afterWriting(m_history->remove(toStd(ids)));
    });
    question->open();
}

void HistoryPanel::retranslate() {
    m_restore->setText(tr("&Restore Recipe"));
    m_rename->setText(tr("Re&name"));
    m_editNotes->setText(tr("&Tags, Note, Exports…"));
    m_compare->setText(tr("&Compare Selected Runs"));
    m_measureAgain->setText(tr("&Measure Speed Again"));
    m_doubtButton->setText(tr("Measure Again"));
    m_doubtButton->setToolTip(tr("Measures only the speed; nothing is trained again"));
    m_delete->setText(tr("&Delete…"));
    m_tryAgain->setText(tr("Try Again"));
    m_table->setAccessibleName(tr("Runs"));
    m_filterField->setAccessibleName(tr("Filter runs"));
    //: Placeholder of the field: the example can be typed as it is
    m_filterField->setPlaceholderText(tr("Filter: accuracy>91"));
    m_filterField->setToolTip(plainToolTip(
        tr("Words that all occur in name, note, tags, recipe, model or data; tag:x asks for a tag that begins with x. "
           "Figures with <, <=, > or >=: accuracy>91, agreement>99, sqnr>30, p50<2ms (us, ms, s), speedup>=2, size<1MB (B, kB, MB, GB), "
           "parameters<1M. All must hold; a run without the figure, or with one that is not reliable, is left out.")));
    m_scopes.retranslate();
    m_model.retranslate();
    showState();
    updateActions();
}

void HistoryPanel::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

} // namespace lathe::views

#include <views/models/history_filter.h>

#include <algorithm>
#include <numeric>

#include <views/models/text.h>

namespace lathe::views {

HistoryFilter::HistoryFilter(QObject* parent) : QAbstractProxyModel(parent) {}

void HistoryFilter::setSourceModel(QAbstractItemModel* source) {
    beginResetModel();
    if (m_runs != nullptr) m_runs->disconnect(this);
    QAbstractProxyModel::setSourceModel(source);
    m_runs = qobject_cast<HistoryModel*>(source);
    if (m_runs != nullptr) {
        connect(m_runs, &HistoryModel::runsAboutToChange, this, [this] { beginResetModel(); });
        connect(m_runs, &HistoryModel::runsChanged, this, [this] {
            takeRows(wantedRows());
            endResetModel();
        });
        connect(m_runs, &HistoryModel::figuresChanged, this, [this] {
            parse(); // in the language of the window
            update();
            if (!m_rows.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
        });
        connect(m_runs, &QAbstractItemModel::headerDataChanged, this, &QAbstractItemModel::headerDataChanged);
    }
    takeRows(wantedRows());
    endResetModel();
}

void HistoryFilter::setFilterText(const QString& text) {
    m_text = text;
    parse();
    update();
}

void HistoryFilter::parse() {
    const std::vector<history::FigureName> names = m_runs != nullptr ? m_runs->figureNames() : std::vector<history::FigureName>{};
    history::ParsedFilter parsed = history::parseRunFilter(toStd(m_text), names);
    m_filter = std::move(parsed.filter);
    m_problem = std::move(parsed.problem);
    for (std::string& word : m_filter.words)
        word = toStd(toQt(word).toLower());
}

QString HistoryFilter::problemText() const {
    if (!m_problem) return {};
    const QString term = toQt(m_problem->term), part = toQt(m_problem->part), known = toQt(m_problem->known);
    switch (m_problem->kind) {
    case history::FilterProblem::Kind::UnknownFigure:
        //: %2 is a list of names
        return tr("Runs have no figure “%1” to filter by; they have %2.").arg(part, known);
    case history::FilterProblem::Kind::NoNumber:
        return part.isEmpty() ? tr("In “%1” a number is missing.").arg(term) : tr("In “%1”, “%2” is no number.").arg(term, part);
    case history::FilterProblem::Kind::NoUnit:
        //: %2 is a list of units
        return tr("“%1” needs a unit: %2.").arg(term, known);
    case history::FilterProblem::Kind::UnknownUnit:
        return known.isEmpty() ? tr("In “%1”, “%2” is no unit.").arg(term, part)
                               : tr("In “%1”, “%2” is none of the units that there are: %3.").arg(term, part, known);
    }
    return {};
}

void HistoryFilter::setOtherScopesHidden(bool hidden) {
    if (std::exchange(m_hidesOtherScopes, hidden) != hidden) update();
}

void HistoryFilter::sort(int column, Qt::SortOrder order) {
    m_column = column;
    m_order = order;
    update();
}

std::vector<int> HistoryFilter::wantedRows() const {
    std::vector<int> rows;
    if (m_runs == nullptr) return rows;
    const std::vector<history::RunRow>& runs = m_runs->rows();
    for (int row = 0; row < static_cast<int>(runs.size()); ++row) {
        const history::RunRow& run = runs[static_cast<std::size_t>(row)];
        if (m_hidesOtherScopes && m_runs->group(row) > 0) continue;
        const auto isIn = [&](const std::string& word) { return m_runs->isWritten(word, row); };
        const auto isTagged = [&](const std::string& tag) { return history::hasTag(run, tag); };
        const auto isFit = [&](const history::RunTerm& term) { return history::fits(term, run, m_runs->standingOf(row)); };
        // What takes least comes first.
        if (std::ranges::all_of(m_filter.terms, isFit) && std::ranges::all_of(m_filter.tags, isTagged) &&
            std::ranges::all_of(m_filter.words, isIn))
            rows.push_back(row);
    }
    const std::vector<int> ranks = m_column < 0 ? std::vector<int>() : m_runs->ranks(m_column);
    const auto rank = [&](int row) { return ranks.empty() ? 0 : ranks[static_cast<std::size_t>(row)]; };
    std::ranges::stable_sort(rows, [&](int a, int b) {
        if (const int groupA = m_runs->group(a), groupB = m_runs->group(b); groupA != groupB) return groupA < groupB;
        const int rankA = rank(a), rankB = rank(b);
        // Whatever has no value comes last, whichever way the column is sorted.
        if ((rankA < 0) != (rankB < 0)) return rankB < 0;
        return m_order == Qt::AscendingOrder ? rankA < rankB : rankA > rankB;
    });
    return rows;
}

void HistoryFilter::takeRows(std::vector<int> rows) {
    m_rows = std::move(rows);
    m_positions.assign(m_runs == nullptr ? 0 : m_runs->rows().size(), -1);
    for (std::size_t at = 0; at < m_rows.size(); ++at)
        m_positions[static_cast<std::size_t>(m_rows[at])] = static_cast<int>(at);
}

void HistoryFilter::update() {
    std::vector<int> rows = wantedRows();
    if (rows == m_rows) return;
    const bool areTheSame = rows.size() == m_rows.size() &&
                            std::ranges::all_of(rows, [this](int row) { return m_positions[static_cast<std::size_t>(row)] >= 0; });
    if (!areTheSame) {
        // Thousands of rows may come and go between others: one by one that would take minutes.
        beginResetModel();
        takeRows(std::move(rows));
        return endResetModel();
    }
    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    const QModelIndexList before = persistentIndexList();
    QModelIndexList after;
    const std::vector<int> old = m_rows;
    takeRows(std::move(rows));
    for (const QModelIndex& persistent : before)
        after.append(index(m_positions[static_cast<std::size_t>(old[static_cast<std::size_t>(persistent.row())])], persistent.column()));
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

QModelIndex HistoryFilter::mapToSource(const QModelIndex& proxy) const {
    if (!proxy.isValid() || m_runs == nullptr || proxy.row() >= rowCount()) return {};
    return m_runs->index(m_rows[static_cast<std::size_t>(proxy.row())], proxy.column());
}

QModelIndex HistoryFilter::mapFromSource(const QModelIndex& source) const {
    if (!source.isValid() || source.row() >= static_cast<int>(m_positions.size())) return {};
    const int row = m_positions[static_cast<std::size_t>(source.row())];
    return row < 0 ? QModelIndex() : index(row, source.column());
}

QModelIndex HistoryFilter::index(int row, int column, const QModelIndex& parent) const {
    return hasIndex(row, column, parent) ? createIndex(row, column) : QModelIndex();
}
QModelIndex HistoryFilter::parent(const QModelIndex&) const { return {}; }
int HistoryFilter::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(m_rows.size()); }
int HistoryFilter::columnCount(const QModelIndex& parent) const {
    return parent.isValid() || m_runs == nullptr ? 0 : m_runs->columnCount();
}

QVariant HistoryFilter::data(const QModelIndex& index, int role) const {
    if (role != HistoryModel::GroupStartRole || m_runs == nullptr || !index.isValid() || index.row() == 0)
        return QAbstractProxyModel::data(index, role);
    const auto at = static_cast<std::size_t>(index.row());
    return m_runs->group(m_rows[at]) != m_runs->group(m_rows[at - 1]);
}

QVariant HistoryFilter::headerData(int section, Qt::Orientation orientation, int role) const {
    // The base class asks by way of the first row, which need not be there.
    return m_runs == nullptr || orientation != Qt::Horizontal ? QVariant() : m_runs->headerData(section, orientation, role);
}

} // namespace lathe::views

#include <views/models/history_model.h>

#include <algorithm>
#include <array>
#include <string_view>

#include <QDateTime>
#include <QLocale>

#include <views/models/export_text.h>
#include <views/models/figure_words.h>
#include <views/models/number_text.h>
#include <views/models/recipe_text.h>
#include <views/models/run_scopes.h>
#include <views/models/text.h>
#include <views/models/text_ranks.h>

namespace lathe::views {

namespace {

const QString missing = QStringLiteral("—");

QDateTime timeOf(const history::RunRow& row) {
    QDateTime time = QDateTime::fromString(toQt(row.createdAt), Qt::ISODateWithMs);
    if (time.timeSpec() == Qt::LocalTime) time.setTimeSpec(Qt::UTC);
    return time.toLocalTime();
}

QString stateText(history::RunState state) {
    switch (state) {
    case history::RunState::Running:
        return HistoryModel::tr("running");
    case history::RunState::Complete:
        return HistoryModel::tr("complete");
    case history::RunState::Cancelled:
        return HistoryModel::tr("cancelled");
    case history::RunState::Failed:
        return HistoryModel::tr("failed");
    case history::RunState::Interrupted:
        return HistoryModel::tr("interrupted");
    }
    return {};
}

/// Columns that show a figure of the table of figures. The header is its name in filters too, where it is one word.
struct FigureColumn {
    int column;
    const char* figure;
};
constexpr std::array figureColumns{FigureColumn{HistoryModel::Accuracy, "accuracy"}, FigureColumn{HistoryModel::Sqnr, "sqnr_db"},
                                   FigureColumn{HistoryModel::P50, "latency_p50"},   FigureColumn{HistoryModel::Speedup, "speedup"},
                                   FigureColumn{HistoryModel::File, "file_size"},    FigureColumn{HistoryModel::Parameters, "parameters"}};

/// Those without a column of their own, in columns from ColumnCount on.
const std::vector<const history::Figure*>& furtherFigures() {
    static const std::vector<const history::Figure*> further = [] {
        std::vector<const history::Figure*> figures;
        for (const history::Figure& figure : history::figures()) {
            const bool hasColumn = std::ranges::any_of(figureColumns, [&](const FigureColumn& own) { return own.figure == figure.name; });
            if (figure.partOf.empty() && !hasColumn) figures.push_back(&figure);
        }
        return figures;
    }();
    return further;
}

/// Null: the column shows none.
const history::Figure* figureIn(int column) {
    if (column >= HistoryModel::ColumnCount) return furtherFigures()[static_cast<std::size_t>(column - HistoryModel::ColumnCount)];
    // Looked for by its name once, and not for each cell.
    static const std::array<const history::Figure*, HistoryModel::ColumnCount> known = [] {
        std::array<const history::Figure*, HistoryModel::ColumnCount> figures{};
        for (const FigureColumn& shown : figureColumns)
            figures[static_cast<std::size_t>(shown.column)] = history::figureNamed(shown.figure);
        return figures;
    }();
    return known[static_cast<std::size_t>(column)];
}

bool isNumber(int column) { return column == HistoryModel::Change || figureIn(column) != nullptr; }

/// ASCII letters in one case; all else as it is, which suffices for scripts without cases.
char folded(char character) { return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character; }

/// `word`: folded, not empty.
bool contains(std::string_view text, std::string_view word) {
    if (text.size() < word.size()) return false;
    const char first = word.front(), other = first >= 'a' && first <= 'z' ? static_cast<char>(first - 'a' + 'A') : first;
    for (std::size_t at = 0; at + word.size() <= text.size(); ++at) {
        if (text[at] != first && text[at] != other) continue;
        std::size_t same = 1;
        while (same < word.size() && folded(text[at + same]) == word[same])
            ++same;
        if (same == word.size()) return true;
    }
    return false;
}

/// The ranks of keys by <, of rows that have one.
template<class Key>
std::vector<int> ranksBy(const std::vector<std::optional<Key>>& keys) {
    std::vector<int> rows, ranks(keys.size(), -1);
    for (std::size_t row = 0; row < keys.size(); ++row)
        if (keys[row]) rows.push_back(static_cast<int>(row));
    const auto key = [&](int row) -> const Key& { return *keys[static_cast<std::size_t>(row)]; };
    std::ranges::sort(rows, [&](int a, int b) { return key(a) < key(b); });
    int rank = -1;
    for (std::size_t at = 0; at < rows.size(); ++at) {
        if (at == 0 || key(rows[at - 1]) < key(rows[at])) ++rank;
        ranks[static_cast<std::size_t>(rows[at])] = rank;
    }
    return ranks;
}

bool isAscii(std::string_view text) {
    return std::ranges::all_of(text, [](char character) { return static_cast<unsigned char>(character) < 0x80; });
}

} // namespace

HistoryModel::HistoryModel(QObject* parent) : QAbstractTableModel(parent) {}

void HistoryModel::setRows(std::vector<history::RunRow> rows) {
    std::unordered_map<std::string, int> numbers;
    numbers.reserve(rows.size());
    for (std::size_t at = 0; at < rows.size(); ++at)
        numbers.emplace(rows[at].id, static_cast<int>(at));
    const bool areTheSame = std::ranges::equal(m_rows, rows, {}, &history::RunRow::id, &history::RunRow::id);
    const auto take = [&] {
        m_rows = std::move(rows);
        m_numbers = std::move(numbers);
        m_standings = history::standingsOf(m_rows);
        takeStandings();
    };
    if (!areTheSame) Q_EMIT runsAboutToChange();
    if (areTheSame || mergeIds(rows, numbers)) {
        take();
    } else {
        beginResetModel();
        take();
        endResetModel();
    }
    if (!areTheSame) {
        m_ranks.clear();
        Q_EMIT runsChanged();
    }
    changeFigures();
}

bool HistoryModel::mergeIds(const std::vector<history::RunRow>& rows, const std::unordered_map<std::string, int>& numbers) {
    // Another order, which the history does not do by itself, or more than a few changes: everything anew.
    constexpr int mostChanges = 64;
    int last = -1, changes = static_cast<int>(rows.size());
    for (const history::RunRow& row : m_rows) {
        const auto found = numbers.find(row.id);
        changes += found == numbers.end() ? 1 : -1;
        if (found == numbers.end()) continue;
        if (found->second <= last) return false;
        last = found->second;
    }
    if (m_rows.empty() || changes > mostChanges) return false;
    // Until all are there, what the figures are against is not known.
    m_standings.standing.assign(m_rows.size(), {});
    for (int at = static_cast<int>(m_rows.size()) - 1; at >= 0; --at) {
        if (numbers.contains(m_rows[static_cast<std::size_t>(at)].id)) continue;
        beginRemoveRows({}, at, at);
        m_rows.erase(m_rows.begin() + at);
        m_standings.standing.pop_back();
        endRemoveRows();
    }
    for (std::size_t at = 0; at < rows.size(); ++at) {
        if (at < m_rows.size() && m_rows[at].id == rows[at].id) continue;
        beginInsertRows({}, static_cast<int>(at), static_cast<int>(at));
        m_rows.insert(m_rows.begin() + static_cast<std::ptrdiff_t>(at), rows[at]);
        m_standings.standing.emplace_back();
        endInsertRows();
    }
    return true;
}

void HistoryModel::takeStandings() {
    const std::vector<history::Scope>& scopes = m_standings.scopes;
    m_scopeTitles.clear();
    for (const history::Scope& scope : scopes)
        m_scopeTitles.push_back(views::scopeTitle(scope, scopes));
    m_scopeNumber = m_scope ? static_cast<std::size_t>(std::ranges::find(scopes, *m_scope) - scopes.begin()) : 0;
    std::vector<double> times;
    for (const history::RunRow& row : m_rows)
        if (hasResult(row) && row.result.latency.p50 > 0 && isInScope(row)) times.push_back(row.result.latency.p50);
    if (times.empty()) return;
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    m_timeUnit = timeUnitFor(*middle);
}

void HistoryModel::changeFigures() {
    m_ranks.clear();
    m_recipeWords.clear();
    if (!m_rows.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    Q_EMIT headerDataChanged(Qt::Horizontal, 0, columnCount() - 1);
    Q_EMIT figuresChanged();
}

const history::RunRow* HistoryModel::row(const QString& id) const {
    const auto found = m_numbers.find(toStd(id));
    return found == m_numbers.end() ? nullptr : &m_rows[static_cast<std::size_t>(found->second)];
}

bool HistoryModel::hasTags() const {
    return std::ranges::any_of(m_rows, [](const history::RunRow& row) { return !row.tags.empty(); });
}

QModelIndex HistoryModel::indexOf(const QString& id, int column) const {
    const history::RunRow* found = row(id);
    return found == nullptr ? QModelIndex() : index(static_cast<int>(found - m_rows.data()), column);
}

void HistoryModel::setScope(std::optional<history::Scope> scope) {
    if (m_scope == scope) return;
    m_scope = std::move(scope);
    takeStandings();
    changeFigures();
}

int HistoryModel::group(int row) const {
    const std::size_t scope = m_standings.standing[static_cast<std::size_t>(row)].scope;
    return !m_scope || scope == m_scopeNumber ? 0 : static_cast<int>(scope) + 1;
}

const history::Standing* HistoryModel::standingOf(int row) const {
    return group(row) == 0 ? &m_standings.standing[static_cast<std::size_t>(row)] : nullptr;
}

const std::vector<int>& HistoryModel::ranks(int column) const {
    const auto known = m_ranks.constFind(column);
    return known != m_ranks.constEnd() ? *known : *m_ranks.insert(column, ranksOf(column));
}

std::vector<int> HistoryModel::ranksOf(int column) const {
    if (isNumber(column) || column == Star) {
        std::vector<std::optional<double>> numbers;
        for (const history::RunRow& row : m_rows)
            numbers.push_back(sortNumber(row, column));
        return ranksBy(numbers);
    }
    if (column == When) {
        // As they are stored, times sort by their text.
        std::vector<std::optional<std::string_view>> times;
        for (const history::RunRow& row : m_rows)
            times.push_back(row.createdAt);
        return ranksBy(times);
    }
    std::vector<QString> texts;
    for (const history::RunRow& row : m_rows)
        texts.push_back(text(row, column).toCaseFolded());
    return textRanks(texts);
}

bool HistoryModel::isWritten(const std::string& word, int row) const {
    const history::RunRow& run = m_rows[static_cast<std::size_t>(row)];
    const auto isIn = [&, isPlain = isAscii(word)](const std::string& text) {
        return isPlain ? contains(text, word) : toQt(text).contains(toQt(word), Qt::CaseInsensitive);
    };
    return isIn(run.name) || isIn(run.note) || isIn(run.recipeSummary) || isIn(run.modelFile) || isIn(run.dataName) ||
           isIn(recipeWords(run).second) || std::ranges::any_of(run.tags, isIn);
}

std::vector<history::FigureName> HistoryModel::figureNames() const {
    std::vector<history::FigureName> names;
    for (const auto& [column, figure] : figureColumns) {
        const QString header = column == Speedup ? tr("Speed-up") : headerData(column, Qt::Horizontal).toString();
        if (!header.contains(u' ')) names.push_back({toStd(header), history::figureNamed(figure)});
    }
    for (const history::Figure& figure : history::figures())
        if (const QString name = figureName(figure); !name.contains(u' ')) names.push_back({toStd(name), &figure});
    return names;
}

const std::pair<QString, std::string>& HistoryModel::recipeWords(const history::RunRow& row) const {
    const auto [entry, isNew] = m_recipeWords.try_emplace(row.recipeSummary);
    if (isNew) entry->second.first = recipeText(row.recipeSummary);
    if (isNew) entry->second.second = toStd(entry->second.first);
    return entry->second;
}

QString HistoryModel::scopeTitle(const history::RunRow& row) const { return m_scopeTitles[standing(row).scope]; }

/// `row` is one of m_rows.
const history::Standing& HistoryModel::standing(const history::RunRow& row) const {
    return m_standings.standing[static_cast<std::size_t>(&row - m_rows.data())];
}

bool HistoryModel::isInScope(const history::RunRow& row) const { return !m_scope || standing(row).scope == m_scopeNumber; }

const measure::Comparison* HistoryModel::measuredComparison(const history::RunRow& row) const {
    return isInScope(row) && standing(row).isMeasuredTogether ? &*row.comparison : nullptr;
}

std::optional<double> HistoryModel::change(const history::RunRow& row) const {
    return isInScope(row) ? standing(row).accuracyChange : std::nullopt;
}

std::optional<double> HistoryModel::speedup(const history::RunRow& row) const {
    return isInScope(row) ? standing(row).speedup : std::nullopt;
}

bool HistoryModel::isSpeedupReliable(const history::RunRow& row) const { return standing(row).isSpeedReliable; }

QString HistoryModel::speedupText(const history::RunRow& row) const {
    const std::optional<double> ratio = speedup(row);
    if (!ratio) return missing;
    if (!isSpeedupReliable(row)) return tr("not reliable");
    const measure::Comparison* comparison = measuredComparison(row);
    if (comparison == nullptr) return tr("about %1×").arg(ratioText(*ratio));
    return measuredSpeedupText(comparison->speedup);
}

void HistoryModel::retranslate() {
    takeStandings();
    changeFigures();
}

int HistoryModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(m_rows.size()); }
int HistoryModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount + static_cast<int>(furtherFigures().size());
}

QVariant HistoryModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const history::RunRow& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return text(row, index.column());
    case Qt::EditRole:
        return index.column() == Name ? toQt(row.name) : text(row, index.column());
    case Qt::ToolTipRole:
        return plainToolTip(toolTip(row, index.column()));
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment((isNumber(index.column()) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    case Qt::AccessibleTextRole:
        if (index.column() == Star) return row.isPinnedBaseline ? tr("baseline") : QString();
        return text(row, index.column());
    case SortRole:
        return sortKey(row, index.column());
    case IdRole:
        return toQt(row.id);
    case ToneRole:
        return QVariant::fromValue(tone(row, index.column()));
    case InScopeRole:
        return isInScope(row);
    case KindRole:
        return hasResult(row) ? QVariant(row.result.kind == measure::Truth::Real) : QVariant();
    default:
        return {};
    }
}

QString HistoryModel::text(const history::RunRow& row, int column) const {
    if (column >= ColumnCount) return figureValueText(*figureIn(column), row);
    const bool measured = hasResult(row);
    const measure::ModelResult& result = row.result;
    switch (column) {
    case Star:
        return row.isPinnedBaseline ? QStringLiteral("★") : QString();
    case Name:
        return toQt(row.name);
    case Scope:
        return scopeTitle(row);
    case Tags:
        return toQt(row.tags).join(QStringLiteral(", "));
    case Recipe:
        if (!row.recipeSummary.empty()) return recipeWords(row).first;
        return row.role == history::RunRole::Baseline ? tr("original") : missing;
    case Accuracy:
        return measured && result.quality.accuracy ? percentText(*result.quality.accuracy, 2) : missing;
    case Change: {
        const std::optional<double> points = change(row);
        return points ? signedText(*points * 100, 2) : missing;
    }
    case Sqnr:
        return measured ? sqnrText(result.quality) : missing;
    case P50:
        if (!measured || result.latency.p50 <= 0) return missing;
        return (measure::isReliable(result.latency) ? QString() : QStringLiteral("≈")) % timeText(result.latency.p50, m_timeUnit);
    case Speedup:
        return speedupText(row);
    case File:
        return measured && result.fileBytes > 0 ? bytesText(result.fileBytes) : missing;
    case Parameters:
        return measured && result.parameters > 0 ? countText(result.parameters) : missing;
    case Data:
        return toQt(row.dataName);
    case State:
        return stateText(row.state);
    case When:
        return QLocale().toString(timeOf(row), QLocale::ShortFormat);
    case Kind:
        // Where there is no result, why.
        if (!measured) return stateText(row.state);
        return result.kind == measure::Truth::Real ? tr("real") : tr("simulated");
    default:
        return {};
    }
}

std::optional<double> HistoryModel::sortNumber(const history::RunRow& row, int column) const {
    if (column == Star) return row.isPinnedBaseline ? 0 : 1;
    if (column == Change) return change(row);
    const history::Figure* figure = figureIn(column);
    return figure ? history::reliableValue(*figure, row, isInScope(row) ? &standing(row) : nullptr) : std::nullopt;
}

QVariant HistoryModel::sortKey(const history::RunRow& row, int column) const {
    if (column == When) return timeOf(row);
    if (column != Star && !isNumber(column)) return text(row, column);
    const std::optional<double> number = sortNumber(row, column);
    return number ? QVariant(*number) : QVariant();
}

HistoryModel::Tone HistoryModel::tone(const history::RunRow& row, int column) const {
    if (!isInScope(row)) return Tone::Muted;
    if (column == State || (column == Kind && !hasResult(row))) {
        if (row.state == history::RunState::Complete) return Tone::Muted;
        return row.state == history::RunState::Failed || row.state == history::RunState::Interrupted ? Tone::Bad : Tone::Neutral;
    }
    if (column == Change) {
        const std::optional<double> points = change(row);
        if (!points) return Tone::Muted;
        // A drop counts as one when it is larger than what the number of test samples can tell apart.
        const measure::Quality& quality = row.result.quality;
        return *points < 0 && -*points > accuracyHalfWidth(quality.accuracy.value_or(0), quality.samples) ? Tone::Bad : Tone::Muted;
    }
    if (column == P50 && !measure::isReliable(row.result.latency)) return Tone::Muted;
    if (column == Speedup) {
        const measure::Comparison* comparison = measuredComparison(row);
        if (!hasResult(row) || comparison == nullptr) return Tone::Muted;
        switch (comparison->speedup.verdict) {
        case measure::Verdict::Faster:
            return Tone::Good;
        case measure::Verdict::Slower:
            return Tone::Bad;
        case measure::Verdict::NoSignificantDifference:
        case measure::Verdict::NotReliable:
            return Tone::Muted;
        }
    }
    return column == Data || column == When || column == Tags || column == Scope ? Tone::Muted : Tone::Neutral;
}

QString HistoryModel::toolTip(const history::RunRow& row, int column) const {
    if ((column == Change || column == Speedup) && !isInScope(row))
        return tr("Not compared with the runs of the scope that is shown: %1").arg(whyNotComparedText(*m_scope, history::scopeOf(row)));
    switch (column) {
    case Star:
        return row.isPinnedBaseline ? tr("Baseline: other runs of the same model, data and device are compared with this one") : QString();
    case Name: {
        QStringList lines{toQt(row.name)};
        if (!row.note.empty()) lines.append(toQt(row.note));
        if (!row.tags.empty()) lines.append(tr("Tags: %1").arg(toQt(row.tags).join(QStringLiteral(", "))));
        return lines.join(u'\n');
    }
    case Change: {
        const measure::Quality& quality = row.result.quality;
        if (!change(row) || quality.samples <= 0) return {};
        return tr("In points of accuracy. With %1 test samples the accuracy itself is uncertain by ± %2 points (95 %).")
            .arg(countText(quality.samples),
                 QLocale().toString(accuracyHalfWidth(quality.accuracy.value_or(0), quality.samples) * 100, 'f', 2));
    }
    case Sqnr: {
        const measure::Quality& quality = row.result.quality;
        if (!hasResult(row) || !quality.maxAbsError) return {};
        QStringList lines{tr("All outputs against those of the original: %1").arg(sqnrText(quality))};
        if (quality.cosine) lines.append(tr("Cosine similarity: %1").arg(QLocale().toString(*quality.cosine, 'f', 6)));
        lines.append(tr("Largest difference: %1").arg(figureText(quality.maxAbsError)));
        if (row.comparison && row.comparison->agreement) lines.append(tr("Same top-1: %1").arg(percentText(*row.comparison->agreement, 2)));
        return lines.join(u'\n');
    }
    case P50:
        return measure::isReliable(row.result.latency) ? text(row, column) : doubtText(row);
    case Speedup:
        if (standing(row).isSameModel) return tr("The same model as the baseline: a ratio would only tell of the machine");
        if (!speedup(row)) return {};
        if (const measure::Comparison* comparison = measuredComparison(row)) {
            if (!isSpeedupReliable(row)) return doubtText(row);
            const measure::Speedup& measured = comparison->speedup;
            QStringList lines{tr("Ratio of the median latencies: %1, 95 % interval %2 to %3, measured in turns")
                                  .arg(ratioText(measured.ratio, 3), ratioText(measured.low, 3), ratioText(measured.high, 3))};
            if (const auto baseline = standing(row).baseline; baseline && !measured.baseline.empty()) {
                lines.append(tr("Against %1 with %2 threads; this run with %3")
                                 .arg(speedupBaselineText(measured))
                                 .arg(m_rows[*baseline].result.latency.threads)
                                 .arg(row.result.latency.threads));
            }
            return lines.join(u'\n');
        }
        if (!isSpeedupReliable(row)) return tr("Not reliable: the machine was disturbed while one of the two runs was measured.");
        return tr("Ratio of medians that were measured at different times: no interval can be given");
    case File: {
        QStringList parts{text(row, column)};
        for (const history::ExportedFile& exported : row.exports)
            parts.append(export_text::summary(exported));
        return parts.join(QStringLiteral("\n\n"));
    }
    case State:
        return toQt(row.error);
    case Kind:
        if (!hasResult(row)) return toQt(row.error);
        return row.result.kind == measure::Truth::Real ? tr("Measured on what is deployed: the exported file and real kernels")
                                                       : tr("Simulated: not the kernels that would be deployed");
    default:
        return text(row, column);
    }
}

QString HistoryModel::speedupHeader() const {
    // All to one thing: it can stand above them.
    QString baseline;
    for (const history::RunRow& row : m_rows) {
        if (!isInScope(row)) continue;
        if (row.isPinnedBaseline) return tr("Speed-up to baseline");
        if (!row.comparison || row.comparison->speedup.baseline.empty()) continue;
        const QString name = speedupBaselineText(row.comparison->speedup);
        if (!baseline.isEmpty() && name != baseline) return tr("Speed-up to original");
        baseline = name;
    }
    return baseline.isEmpty() ? tr("Speed-up to original") : tr("Speed-up to %1").arg(baseline);
}

QVariant HistoryModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(Qt::Alignment((isNumber(section) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    }
    if (role == Qt::ToolTipRole) {
        if (section == Change) return tr("Accuracy against the baseline, in points");
        if (section == Sqnr) return tr("Outputs against those of the original: signal to quantization noise, over the test samples");
        if (section == P50) return tr("Median latency of one call; ≈: not reliable");
        if (section == Speedup)
            return tr("Ratio of the median latencies with its 95 % interval. Other programs may run the original faster than Lathe's float "
                      "plan does.");
    }
    if (role != Qt::DisplayRole) return {};
    if (section >= ColumnCount) return figureTitle(*figureIn(section));
    switch (section) {
    case Name:
        return tr("Run");
    case Scope:
        //: Column: what runs must share to be compared: model and data, and what else tells them apart
        return tr("Scope");
    case Tags:
        return tr("Tags");
    case Recipe:
        return tr("Recipe");
    case Accuracy:
        return tr("Accuracy");
    case Change:
        return QStringLiteral("Δ");
    case Sqnr:
        return QStringLiteral("SQNR");
    case P50:
        return QString(QStringLiteral("p50 ") % unitName(m_timeUnit));
    case Speedup:
        return speedupHeader();
    case File:
        return tr("File");
    case Parameters:
        return tr("Parameters");
    case Data:
        return tr("Data");
    case State:
        return tr("State");
    case When:
        return tr("When");
    case Kind:
        return tr("Kind");
    default:
        return {};
    }
}

Qt::ItemFlags HistoryModel::flags(const QModelIndex& index) const {
    const Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    return index.isValid() && index.column() == Name ? flags | Qt::ItemIsEditable : flags;
}

bool HistoryModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid) || role != Qt::EditRole || index.column() != Name) return false;
    const QString name = value.toString().simplified();
    if (name.isEmpty() || name == toQt(m_rows[static_cast<std::size_t>(index.row())].name)) return false;
    Q_EMIT renameRequested(index.data(IdRole).toString(), name);
    return true;
}

} // namespace lathe::views

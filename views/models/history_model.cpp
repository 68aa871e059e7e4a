#include <views/models/history_model.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <QDateTime>
#include <QLocale>

#include <views/models/engine_text.h>
#include <views/models/export_text.h>
#include <views/models/number_text.h>
#include <views/models/recipe_text.h>
#include <views/models/run_scopes.h>
#include <views/models/text.h>

namespace lathe::views {

namespace {

const QString missing = QStringLiteral("—");

QDateTime timeOf(const history::RunRow& row) {
    QDateTime time = QDateTime::fromString(toQt(row.createdAt), Qt::ISODateWithMs);
    if (time.timeSpec() == Qt::LocalTime) time.setTimeSpec(Qt::UTC);
    return time.toLocalTime();
}

QString ratioText(double ratio, int decimals = 2) { return QLocale().toString(ratio, 'f', decimals); }

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

bool isNumber(int column) { return column >= HistoryModel::Accuracy && column <= HistoryModel::Parameters; }

} // namespace

QString speedupBaselineText(const measure::Speedup& speedup) { return engineText(speedup.baseline); }

QString doubtText(const history::RunRow& row) {
    std::string reason = row.result.latency.whyNotReliable;
    if (row.comparison && row.comparison->speedup.verdict == measure::Verdict::NotReliable) reason = row.comparison->speedup.reason;
    if (!hasResult(row) || reason.empty()) return {};
    return HistoryModel::tr("Not reliable: %1 Measure it again when the machine has nothing else to do.").arg(engineText(reason));
}

bool hasResult(const history::RunRow& row) { return row.state == history::RunState::Complete; }

QString measuredSpeedupText(const measure::Speedup& speedup) {
    if (speedup.verdict == measure::Verdict::NotReliable) return HistoryModel::tr("not reliable");
    if (speedup.verdict == measure::Verdict::NoSignificantDifference) return HistoryModel::tr("no significant difference");
    return HistoryModel::tr("%1× (%2–%3)", "ratio and its 95 % interval")
        .arg(ratioText(speedup.ratio), ratioText(speedup.low), ratioText(speedup.high));
}

QString sqnrText(const measure::Quality& quality) {
    if (measure::isIdentical(quality)) return HistoryModel::tr("identical");
    return quality.sqnrDb ? decibelText(quality.sqnrDb) : missing;
}

double accuracyHalfWidth(double accuracy, std::int64_t samples) {
    if (samples <= 0) return 0;
    constexpr double z = 1.959964;
    const double n = static_cast<double>(samples);
    return z / (1 + z * z / n) * std::sqrt(accuracy * (1 - accuracy) / n + z * z / (4 * n * n));
}

HistoryModel::HistoryModel(QObject* parent) : QAbstractTableModel(parent) {}

void HistoryModel::setRows(std::vector<history::RunRow> rows) {
    const auto contains = [](const std::vector<history::RunRow>& list, const std::string& id) {
        return std::any_of(list.begin(), list.end(), [&](const history::RunRow& row) { return row.id == id; });
    };
    const auto renew = [this, &rows] {
        beginResetModel();
        m_rows = std::move(rows);
        m_standings = history::standingsOf(m_rows);
        endResetModel();
    };
    if (m_rows.empty()) return renew();
    for (int at = static_cast<int>(m_rows.size()) - 1; at >= 0; --at) {
        if (contains(rows, m_rows[static_cast<std::size_t>(at)].id)) continue;
        beginRemoveRows({}, at, at);
        m_rows.erase(m_rows.begin() + at);
        m_standings = history::standingsOf(m_rows);
        endRemoveRows();
    }
    for (std::size_t at = 0; at < rows.size(); ++at) {
        if (at < m_rows.size() && m_rows[at].id == rows[at].id) continue;
        // Another order, which the history does not do by itself: everything anew.
        if (contains(m_rows, rows[at].id)) return renew();
        beginInsertRows({}, static_cast<int>(at), static_cast<int>(at));
        m_rows.insert(m_rows.begin() + static_cast<std::ptrdiff_t>(at), rows[at]);
        m_standings = history::standingsOf(m_rows);
        endInsertRows();
    }
    m_rows = std::move(rows);
    m_standings = history::standingsOf(m_rows);
    if (!m_rows.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    Q_EMIT headerDataChanged(Qt::Horizontal, Speedup, Speedup);
}

const history::RunRow* HistoryModel::row(const QString& id) const {
    const std::string wanted = toStd(id);
    const auto found = std::find_if(m_rows.begin(), m_rows.end(), [&](const history::RunRow& row) { return row.id == wanted; });
    return found == m_rows.end() ? nullptr : &*found;
}

QModelIndex HistoryModel::indexOf(const QString& id, int column) const {
    const history::RunRow* found = row(id);
    return found == nullptr ? QModelIndex() : index(static_cast<int>(found - m_rows.data()), column);
}

void HistoryModel::setScope(std::optional<history::Scope> scope) {
    if (m_scope == scope) return;
    m_scope = std::move(scope);
    if (!m_rows.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    Q_EMIT headerDataChanged(Qt::Horizontal, Speedup, Speedup);
}

/// `row` is one of m_rows.
const history::Standing& HistoryModel::standing(const history::RunRow& row) const {
    return m_standings.standing[static_cast<std::size_t>(&row - m_rows.data())];
}

bool HistoryModel::isInScope(const history::RunRow& row) const { return !m_scope || m_standings.scopes[standing(row).scope] == *m_scope; }

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
    Q_EMIT headerDataChanged(Qt::Horizontal, 0, ColumnCount - 1);
    if (!m_rows.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

int HistoryModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(m_rows.size()); }
int HistoryModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

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
    case SearchRole:
        return QStringList{
            toQt(row.name),      toQt(row.note),    toQt(row.tags).join(u' '), toQt(row.recipeSummary), recipeText(row.recipeSummary),
            toQt(row.modelFile), toQt(row.dataName)}
            .join(u'\n');
    case TagsRole:
        return toQt(row.tags);
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
    const bool measured = hasResult(row);
    const measure::ModelResult& result = row.result;
    switch (column) {
    case Star:
        return row.isPinnedBaseline ? QStringLiteral("★") : QString();
    case Name:
        return toQt(row.name);
    case Recipe:
        if (!row.recipeSummary.empty()) return recipeText(row.recipeSummary);
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
        return (measure::isReliable(result.latency) ? QString() : QStringLiteral("≈")) %
               QLocale().toString(result.latency.p50 * 1000, 'f', 1);
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

QVariant HistoryModel::sortKey(const history::RunRow& row, int column) const {
    const auto number = [&](auto value, bool isKnown) {
        return isKnown && hasResult(row) ? QVariant::fromValue(static_cast<double>(value)) : QVariant();
    };
    const measure::ModelResult& result = row.result;
    const auto optional = [](const std::optional<double>& value) { return value ? QVariant(*value) : QVariant(); };
    switch (column) {
    case Star:
        return row.isPinnedBaseline ? 0 : 1;
    case Accuracy:
        return number(result.quality.accuracy.value_or(0), result.quality.accuracy.has_value());
    case Change:
        return optional(change(row));
    case Sqnr:
        // Identical is better than any number.
        if (hasResult(row) && measure::isIdentical(result.quality)) return std::numeric_limits<double>::infinity();
        return number(result.quality.sqnrDb.value_or(0), result.quality.sqnrDb.has_value());
    case P50:
        return number(result.latency.p50, result.latency.p50 > 0);
    case Speedup:
        return isSpeedupReliable(row) ? optional(speedup(row)) : QVariant();
    case File:
        return number(result.fileBytes, result.fileBytes > 0);
    case Parameters:
        return number(result.parameters, result.parameters > 0);
    case When:
        return timeOf(row);
    default:
        return text(row, column);
    }
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
    return column == Data || column == When ? Tone::Muted : Tone::Neutral;
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
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount) return {};
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(Qt::Alignment((isNumber(section) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    }
    if (role == Qt::ToolTipRole) {
        if (section == Change) return tr("Accuracy against the baseline, in points");
        if (section == Sqnr) return tr("Outputs against those of the original: signal to quantization noise, over the test samples");
        if (section == P50) return tr("Median latency of one call, in microseconds; ≈: not reliable");
        if (section == Speedup)
            return tr("Ratio of the median latencies with its 95 % interval. Other programs may run the original faster than Lathe's float "
                      "plan does.");
    }
    if (role != Qt::DisplayRole) return {};
    switch (section) {
    case Name:
        return tr("Run");
    case Recipe:
        return tr("Recipe");
    case Accuracy:
        return tr("Accuracy");
    case Change:
        return QStringLiteral("Δ");
    case Sqnr:
        return QStringLiteral("SQNR");
    case P50:
        return QStringLiteral("p50 µs");
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

HistoryFilter::HistoryFilter(QObject* parent) : QSortFilterProxyModel(parent) {
    setSortRole(HistoryModel::SortRole);
    setSortCaseSensitivity(Qt::CaseInsensitive);
    setDynamicSortFilter(true);
}

void HistoryFilter::setOtherScopesHidden(bool hidden) {
    m_hidesOtherScopes = hidden;
    invalidateFilter();
}

void HistoryFilter::setFilterText(const QString& text) {
    m_words.clear();
    m_tags.clear();
    const QString prefix = QStringLiteral("tag:");
    for (const QString& word : text.split(u' ', Qt::SkipEmptyParts)) {
        if (word.startsWith(prefix, Qt::CaseInsensitive)) {
            if (word.size() > prefix.size()) m_tags.append(word.mid(prefix.size()));
        } else {
            m_words.append(word);
        }
    }
    invalidateFilter();
}

bool HistoryFilter::filterAcceptsRow(int sourceRow, const QModelIndex& sourceParent) const {
    const QModelIndex index = sourceModel()->index(sourceRow, 0, sourceParent);
    if (m_hidesOtherScopes && !index.data(HistoryModel::InScopeRole).toBool()) return false;
    const QString searched = index.data(HistoryModel::SearchRole).toString();
    const QStringList tags = index.data(HistoryModel::TagsRole).toStringList();
    const bool hasWords =
        std::all_of(m_words.begin(), m_words.end(), [&](const QString& word) { return searched.contains(word, Qt::CaseInsensitive); });
    return hasWords && std::all_of(m_tags.begin(), m_tags.end(), [&](const QString& wanted) {
               return std::any_of(tags.begin(), tags.end(),
                                  [&](const QString& tag) { return tag.startsWith(wanted, Qt::CaseInsensitive); });
           });
}

bool HistoryFilter::lessThan(const QModelIndex& left, const QModelIndex& right) const {
    const QVariant a = left.data(HistoryModel::SortRole), b = right.data(HistoryModel::SortRole);
    // What is not known comes last, whichever way the column is sorted.
    if (a.isValid() != b.isValid()) return a.isValid() == (sortOrder() == Qt::AscendingOrder);
    return QSortFilterProxyModel::lessThan(left, right);
}

} // namespace lathe::views

#pragma once

#include <optional>
#include <vector>

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

#include <core/history/history.h>
#include <core/history/standing.h>

namespace lathe::views {

/// The runs of the history as a table: what was measured, and each figure against its baseline (core/history/standing.h). While one scope
/// is shown, runs of others stand apart: without differences, and dimmed.
class HistoryModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Star, Name, Recipe, Accuracy, Change, Sqnr, P50, Speedup, File, Parameters, Data, State, When, Kind, ColumnCount };
    enum Role {
        SortRole = Qt::UserRole, ///< a number or text that sorts as people expect; invalid: no value, last
        IdRole,
        SearchRole, ///< name, note, tags, recipe, model and data in one text
        TagsRole,
        ToneRole,   ///< a Tone
        KindRole,   ///< bool: measured on what will really be deployed; invalid while there is no result
        InScopeRole ///< bool: of the scope that is shown
    };
    /// How a figure is shown: the text says the same without colour.
    enum class Tone { Neutral, Good, Bad, Muted };
    Q_ENUM(Tone)

    explicit HistoryModel(QObject* parent = nullptr);

    /// Rows that stay keep their place in selections; others are inserted and removed one by one.
    void setRows(std::vector<history::RunRow> rows);
    [[nodiscard]] const std::vector<history::RunRow>& rows() const { return m_rows; }
    /// The scope that is shown; nothing: each run keeps its figures.
    void setScope(std::optional<history::Scope> scope);
    /// Null: there is no such run.
    [[nodiscard]] const history::RunRow* row(const QString& id) const;
    [[nodiscard]] QModelIndex indexOf(const QString& id, int column = Name) const;
    /// Texts again, in another language.
    void retranslate();

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    /// Asks for another name; the row changes when whoever stores it hands the rows in again.
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;

Q_SIGNALS:
    void renameRequested(const QString& id, const QString& name);

private:
    [[nodiscard]] QString text(const history::RunRow& row, int column) const;
    [[nodiscard]] QVariant sortKey(const history::RunRow& row, int column) const;
    [[nodiscard]] Tone tone(const history::RunRow& row, int column) const;
    [[nodiscard]] QString toolTip(const history::RunRow& row, int column) const;
    [[nodiscard]] QString speedupText(const history::RunRow& row) const;
    [[nodiscard]] const history::Standing& standing(const history::RunRow& row) const;
    [[nodiscard]] bool isInScope(const history::RunRow& row) const;
    /// Accuracy against the baseline, fraction; nothing for runs of other scopes, here and below.
    [[nodiscard]] std::optional<double> change(const history::RunRow& row) const;
    /// Ratio of medians against the baseline.
    [[nodiscard]] std::optional<double> speedup(const history::RunRow& row) const;
    /// False: disturbances of the machine made the ratio worthless.
    [[nodiscard]] bool isSpeedupReliable(const history::RunRow& row) const;
    /// What the ratios of all rows are to.
    [[nodiscard]] QString speedupHeader() const;
    /// The comparison that was measured, when it is with the baseline that counts now.
    [[nodiscard]] const measure::Comparison* measuredComparison(const history::RunRow& row) const;

    std::vector<history::RunRow> m_rows;
    history::Standings m_standings; ///< of m_rows
    std::optional<history::Scope> m_scope;
};

/// What a speed-up is a ratio to, in the language of the window: "Lathe's FP32 plan"; empty: not recorded.
[[nodiscard]] QString speedupBaselineText(const measure::Speedup& speedup);
/// One sentence: the run's speed is not reliable, why, and what to do; empty when it is.
[[nodiscard]] QString doubtText(const history::RunRow& row);
/// Has the run a median and an accuracy to show?
[[nodiscard]] bool hasResult(const history::RunRow& row);
/// What was measured in turns: "2.26× (2.23–2.28)" with the 95 % interval, or that there is no significant difference.
[[nodiscard]] QString measuredSpeedupText(const measure::Speedup& speedup);
/// "28.2 dB", "identical" or a dash: the outputs against those of the original.
[[nodiscard]] QString sqnrText(const measure::Quality& quality);
/// Half the width of the 95 % Wilson interval of an accuracy that was counted over `samples` (Wilson 1927), fraction.
[[nodiscard]] double accuracyHalfWidth(double accuracy, std::int64_t samples);

/// Sorts, and keeps the rows that have all words of the filter; "tag:x" asks for a tag that begins with x. Runs of other scopes are hidden
/// when it says so.
class HistoryFilter : public QSortFilterProxyModel {
    Q_OBJECT

public:
    explicit HistoryFilter(QObject* parent = nullptr);
    void setFilterText(const QString& text);
    void setOtherScopesHidden(bool hidden);

protected:
    [[nodiscard]] bool filterAcceptsRow(int sourceRow, const QModelIndex& sourceParent) const override;
    [[nodiscard]] bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    QStringList m_words, m_tags;
    bool m_hidesOtherScopes = false;
};

} // namespace lathe::views

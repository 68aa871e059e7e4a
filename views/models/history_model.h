#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <QAbstractTableModel>
#include <QHash>

#include <core/history/history.h>
#include <core/history/run_filter.h>
#include <core/history/standing.h>
#include <views/models/number_text.h>
#include <views/models/run_text.h>

namespace lathe::views {

/// The runs of the history as a table: what was measured, and each figure against its baseline (core/history/standing.h). While one scope
/// is shown, runs of others stand apart: without differences, and dimmed.
class HistoryModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column {
        Star,
        Name,
        Scope, ///< what the run is compared within
        Tags,
        Recipe,
        Accuracy,
        Change,
        Sqnr,
        P50,
        Speedup,
        File,
        Parameters,
        Data,
        State,
        When,
        Kind,
        ColumnCount ///< from here on the other figures of core/history/figures.h, hidden until they are chosen
    };
    enum Role {
        SortRole = Qt::UserRole, ///< a number or text that sorts as people expect; invalid: no value, last
        IdRole,
        ToneRole,      ///< a Tone
        KindRole,      ///< bool: measured on what will really be deployed; invalid while there is no result
        InScopeRole,   ///< bool: of the scope that is shown
        GroupStartRole ///< bool, of HistoryFilter: the first row of runs of another scope than those above it
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
    /// Has any run a tag?
    [[nodiscard]] bool hasTags() const;

    // What filters and sorts, without a QVariant for each cell. Rows are those of rows().
    /// 0: of the scope that is shown, else the number of its scope: runs of one scope stand together.
    [[nodiscard]] int group(int row) const;
    /// Null: of another scope, compared with nothing.
    [[nodiscard]] const history::Standing* standingOf(int row) const;
    /// The place of each run among all when they are sorted by the column, the same for equal ones; -1: no value.
    [[nodiscard]] const std::vector<int>& ranks(int column) const;
    /// Does the word, in lower case, occur in name, note, tags, recipe, model or data, upper and lower case alike?
    [[nodiscard]] bool isWritten(const std::string& word, int row) const;
    /// What filters call figures in the language of the window: the words of columns and of the table of figures that are one word each.
    [[nodiscard]] std::vector<history::FigureName> figureNames() const;
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
    /// Runs come and go between the two.
    void runsAboutToChange();
    void runsChanged();
    /// The same runs, with other figures or texts.
    void figuresChanged();

private:
    /// Takes out and puts in what m_rows has too much and too little; false: that is not a matter of a few rows, and nothing is done.
    [[nodiscard]] bool mergeIds(const std::vector<history::RunRow>& rows, const std::unordered_map<std::string, int>& numbers);
    void takeStandings();
    void changeFigures();
    /// The recipe in the language of the window, also in UTF-8; each is put into words once.
    [[nodiscard]] const std::pair<QString, std::string>& recipeWords(const history::RunRow& row) const;
    [[nodiscard]] QString scopeTitle(const history::RunRow& row) const;
    /// Ranks by a number, or by a text where there is no number.
    [[nodiscard]] std::vector<int> ranksOf(int column) const;
    [[nodiscard]] QString text(const history::RunRow& row, int column) const;
    [[nodiscard]] std::optional<double> sortNumber(const history::RunRow& row, int column) const;
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
    std::unordered_map<std::string, int> m_numbers; ///< of m_rows by their ids
    history::Standings m_standings;                 ///< of m_rows
    std::vector<QString> m_scopeTitles;             ///< of m_standings.scopes
    std::optional<history::Scope> m_scope;
    std::size_t m_scopeNumber = 0;                ///< of m_scope in m_standings; beyond them: no run is of it
    TimeUnit m_timeUnit = TimeUnit::Microseconds; ///< of the column of latencies
    mutable QHash<int, std::vector<int>> m_ranks; ///< of the columns that were asked for
    mutable std::unordered_map<std::string, std::pair<QString, std::string>> m_recipeWords; ///< by the summary
};

} // namespace lathe::views

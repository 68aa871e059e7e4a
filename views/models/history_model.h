#pragma once

#include <optional>
#include <vector>

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

#include <core/history/history.h>

namespace lathe::views {

/// The runs of the history as a table: what was measured, and each figure against its baseline. The baseline is the run the user pinned;
/// without one every optimized run is compared with the run it was measured against.
class HistoryModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Star, Name, Recipe, Accuracy, Change, P50, Speedup, File, Parameters, Data, State, When, Kind, ColumnCount };
    enum Role {
        SortRole = Qt::UserRole, ///< a number or text that sorts as people expect; invalid: no value, last
        IdRole,
        SearchRole, ///< name, note, tags, recipe, model and data in one text
        TagsRole,
        ToneRole, ///< a Tone
        KindRole, ///< bool: measured on what will really be deployed; invalid while there is no result
    };
    /// How a figure is shown: the text says the same without colour.
    enum class Tone { Neutral, Good, Bad, Muted };
    Q_ENUM(Tone)

    explicit HistoryModel(QObject* parent = nullptr);

    /// Rows that stay keep their place in selections; others are inserted and removed one by one.
    void setRows(std::vector<history::RunRow> rows);
    [[nodiscard]] const std::vector<history::RunRow>& rows() const { return m_rows; }
    /// Null: there is no such run.
    [[nodiscard]] const history::RunRow* row(const QString& id) const;
    [[nodiscard]] QModelIndex indexOf(const QString& id, int column = Name) const;
    /// What `row` is compared with; null when it is a baseline itself or its baseline is gone.
    [[nodiscard]] const history::RunRow* baselineOf(const history::RunRow& row) const;
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
    /// Accuracy against the baseline, fraction.
    [[nodiscard]] std::optional<double> change(const history::RunRow& row) const;
    /// Ratio of medians against the baseline.
    [[nodiscard]] std::optional<double> speedup(const history::RunRow& row) const;
    /// The comparison that was measured, when it is with the baseline that counts now.
    [[nodiscard]] const measure::Comparison* measuredComparison(const history::RunRow& row) const;

    std::vector<history::RunRow> m_rows;
};

/// Has the run a median and an accuracy to show?
[[nodiscard]] bool hasResult(const history::RunRow& row);
/// Half the width of the 95 % Wilson interval of an accuracy that was counted over `samples` (Wilson 1927), fraction.
[[nodiscard]] double accuracyHalfWidth(double accuracy, std::int64_t samples);

/// Sorts, and keeps the rows that have all words of the filter; "tag:x" asks for a tag that begins with x.
class HistoryFilter : public QSortFilterProxyModel {
    Q_OBJECT

public:
    explicit HistoryFilter(QObject* parent = nullptr);
    void setFilterText(const QString& text);

protected:
    [[nodiscard]] bool filterAcceptsRow(int sourceRow, const QModelIndex& sourceParent) const override;
    [[nodiscard]] bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    QStringList m_words, m_tags;
};

} // namespace lathe::views

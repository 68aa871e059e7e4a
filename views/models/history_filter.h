#pragma once

#include <optional>
#include <vector>

#include <QAbstractProxyModel>

#include <core/history/run_filter.h>
#include <views/models/history_model.h>

namespace lathe::views {

/// The runs that fit the filter, sorted: words, "tag:x" and figures ("accuracy>91") as core/history/run_filter.h reads them, figures also
/// by the names of the columns in the language of the window. Runs of other scopes are hidden, or stand behind those of the scope that is
/// shown, scope by scope. A filter or an order over 100 000 runs takes well under 100 ms (bench_run_table).
class HistoryFilter : public QAbstractProxyModel {
    Q_OBJECT

public:
    explicit HistoryFilter(QObject* parent = nullptr);
    /// A HistoryModel.
    void setSourceModel(QAbstractItemModel* source) override;
    void setFilterText(const QString& text);
    /// What of the filter cannot be used, one sentence; the rest of it holds. Empty: all is well.
    [[nodiscard]] QString problemText() const;
    void setOtherScopesHidden(bool hidden);
    /// -1: as the history has them, newest first. What has no value comes last, whichever way.
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

    [[nodiscard]] QModelIndex mapToSource(const QModelIndex& proxy) const override;
    [[nodiscard]] QModelIndex mapFromSource(const QModelIndex& source) const override;
    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex& child) const override;
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    [[nodiscard]] std::vector<int> wantedRows() const;
    void takeRows(std::vector<int> rows);
    /// Filters and sorts anew; selections stay where only the order changes.
    void update();
    void parse();

    HistoryModel* m_runs = nullptr;
    QString m_text;
    history::RunFilter m_filter;
    std::optional<history::FilterProblem> m_problem;
    bool m_hidesOtherScopes = false;
    int m_column = -1;
    Qt::SortOrder m_order = Qt::AscendingOrder;
    std::vector<int> m_rows;      ///< of the runs, in the order shown
    std::vector<int> m_positions; ///< of each run in m_rows; -1: not shown
};

} // namespace lathe::views

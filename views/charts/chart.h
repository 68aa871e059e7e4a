#pragma once

#include <vector>

#include <QWidget>

#include <core/history/history.h>
#include <core/history/standing.h>
#include <views/charts/bar_list.h>
#include <views/charts/chart_export.h>

class QComboBox;
class QCustomPlot;
class QLabel;
class QScrollBar;

namespace lathe::views {

/// What all charts share: a plot that follows theme, font and language, a choice above it, a text instead of it when there is nothing to
/// show, tool tips, runs that are selected with a click and activated with a double click, and a scroll bar for lists of rows that are
/// longer than the plot is high.
class Chart : public QWidget {
    Q_OBJECT

public:
    explicit Chart(QWidget* parent = nullptr);

    virtual void setRuns(const std::vector<history::RunRow>& rows);
    /// Shows the run as selected, without emitting runSelected.
    virtual void setSelectedRun(const QString& id);
    [[nodiscard]] QCustomPlot& plot() const { return *m_plot; }
    [[nodiscard]] QComboBox& choice() const { return *m_choice; }
    /// The numbers that are shown, with English names and units in them: for programs.
    [[nodiscard]] virtual ChartTable table() const = 0;
    [[nodiscard]] virtual QString title() const = 0;
    [[nodiscard]] QScrollBar& scrollBar() const { return *m_scroll; }
    /// Writes what is shown, of a list all rows; see exportChart.
    [[nodiscard]] base::Result<> exportTo(ChartFormat format, const QString& file);
    /// Shown instead of the plot; empty while there is something to show.
    [[nodiscard]] QString emptyText() const;

Q_SIGNALS:
    void runSelected(const QString& id);
    void runActivated(const QString& id);

protected:
    /// Fills the plot, which is empty and styled; returns what to say when there is nothing to show.
    [[nodiscard]] virtual QString fill() = 0;
    /// For charts that are lists: which of `count` rows are drawn now. The others are reached with the scroll bar or the wheel.
    [[nodiscard]] RowWindow rowWindow(std::size_t count);
    /// Words of the choice above the plot; an empty list: no choice.
    [[nodiscard]] virtual QStringList choices() const { return {}; }
    /// What is under the pointer: the id of its run, and a tool tip as plain text. Empty: nothing.
    [[nodiscard]] virtual QString runAt(QPointF position) const;
    [[nodiscard]] virtual QString toolTipAt(QPointF position) const;

    /// Of one scope of comparison.
    [[nodiscard]] const std::vector<history::RunRow>& rows() const { return m_rows; }
    /// How each of rows() stands against its baseline.
    [[nodiscard]] const history::Standing& standing(const history::RunRow& row) const;
    [[nodiscard]] const history::RunRow* row(const QString& id) const;
    [[nodiscard]] const QString& selectedRun() const { return m_selected; }
    void rebuild();

    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void retranslate();
    void rebuildSoon();

    QCustomPlot* m_plot;
    QScrollBar* m_scroll;
    QComboBox* m_choice;
    QLabel* m_empty;
    std::vector<history::RunRow> m_rows;
    history::Standings m_standings; ///< of m_rows
    QString m_selected;
    std::size_t m_rowCount = 0;      ///< of a list; 0: the chart is none
    bool m_isStale = true;           ///< filled when it is next shown
    bool m_isRebuildPending = false; ///< once for all that changes together
    bool m_areAllRowsWanted = false; ///< while it is exported
};

} // namespace lathe::views

#pragma once

#include <vector>

#include <QWidget>

#include <core/history/history.h>
#include <views/charts/chart_export.h>

class QComboBox;
class QCustomPlot;
class QLabel;

namespace lathe::views {

/// What all charts share: a plot that follows theme, font and language, a choice above it, a text instead of it when there is nothing to
/// show, tool tips, and runs that are selected with a click and activated with a double click.
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
    /// Shown instead of the plot; empty while there is something to show.
    [[nodiscard]] QString emptyText() const;

Q_SIGNALS:
    void runSelected(const QString& id);
    void runActivated(const QString& id);

protected:
    /// Fills the plot, which is empty and styled; returns what to say when there is nothing to show.
    [[nodiscard]] virtual QString fill() = 0;
    /// Words of the choice above the plot; an empty list: no choice.
    [[nodiscard]] virtual QStringList choices() const { return {}; }
    /// What is under the pointer: the id of its run, and a tool tip as plain text. Empty: nothing.
    [[nodiscard]] virtual QString runAt(QPointF position) const;
    [[nodiscard]] virtual QString toolTipAt(QPointF position) const;

    [[nodiscard]] const std::vector<history::RunRow>& rows() const { return m_rows; }
    [[nodiscard]] const history::RunRow* row(const QString& id) const;
    [[nodiscard]] const QString& selectedRun() const { return m_selected; }
    void rebuild();

    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void retranslate();

    QCustomPlot* m_plot;
    QComboBox* m_choice;
    QLabel* m_empty;
    std::vector<history::RunRow> m_rows;
    QString m_selected;
    bool m_isStale = true; ///< filled when it is next shown
};

} // namespace lathe::views

#pragma once

#include <optional>
#include <vector>

#include <QSet>
#include <QWidget>

#include <core/history/history.h>
#include <views/charts/chart_export.h>
#include <views/charts/run_chart.h>
#include <views/models/run_scopes.h>

class QHBoxLayout;
class QLabel;
class QMenu;
class QPushButton;
class QStackedWidget;
class QToolButton;

namespace lathe::views {

class FlatTabBar;

/// The charts of the runs. Each can be exported as SVG, PNG or CSV.
class ChartsPanel : public QWidget {
    Q_OBJECT

public:
    enum class Page { Pareto, Bars, Latency, Layers };

    explicit ChartsPanel(QWidget* parent = nullptr);

    /// Only runs of its scope are shown. Without: those of the newest run's.
    void setScopes(RunScopes& scopes);
    /// Newest first.
    void setRuns(const std::vector<history::RunRow>& rows);
    /// Where samples and layers of a run come from.
    void setRunSource(const RunSource& source);
    /// Shows the run as selected in all charts, without emitting runSelected.
    void setSelectedRun(const QString& id);
    /// Only these runs and their baselines, until the user wants all again; an empty list shows all.
    void showOnly(const QStringList& ids);

    void setPage(Page page);
    [[nodiscard]] Chart& chart(Page page) const;
    [[nodiscard]] Chart& currentChart() const;
    /// Writes the chart that is shown; says so, or what went wrong.
    void exportTo(ChartFormat format, const QString& file);

Q_SIGNALS:
    void runSelected(const QString& id);
    void runActivated(const QString& id);
    void exported(const QString& file);
    /// One sentence for the user.
    void problem(const QString& text);

protected:
    void changeEvent(QEvent* event) override;

private:
    [[nodiscard]] std::optional<history::Scope> shownScope() const;
    void handOut();
    void chooseFile(ChartFormat format);
    void retranslate();

    FlatTabBar* m_tabs;
    QStackedWidget* m_pages;
    QToolButton* m_export;
    QMenu* m_menu;
    RunScopes* m_scopes = nullptr;
    QHBoxLayout* m_tools;
    QWidget* m_only;
    QLabel* m_onlyText;
    QPushButton* m_showAll;
    std::vector<Chart*> m_charts;
    std::vector<history::RunRow> m_rows;
    QSet<QString> m_onlyIds;
    QString m_selected;
};

} // namespace lathe::views

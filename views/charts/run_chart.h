#pragma once

#include <functional>
#include <optional>

#include <views/charts/chart.h>

namespace lathe::views {

/// One run with samples and layers, which the list of runs does not hold.
using RunSource = std::function<base::Result<history::RunRow>(const QString& id)>;

/// A chart of the selected run, for which it is read in full.
class RunChart : public Chart {
    Q_OBJECT

public:
    using Chart::Chart;
    void setRunSource(RunSource source);
    void setRuns(const std::vector<history::RunRow>& rows) override;
    void setSelectedRun(const QString& id) override;

protected:
    /// Reads selected run and baseline when they are not read yet; returns what to say when there is none.
    [[nodiscard]] QString load();
    [[nodiscard]] const history::RunRow& run() const { return *m_run; }
    /// What the run was measured against, when it is still there.
    [[nodiscard]] const std::optional<history::RunRow>& baseline() const { return m_baseline; }

private:
    RunSource m_source;
    std::optional<history::RunRow> m_run, m_baseline;
};

} // namespace lathe::views

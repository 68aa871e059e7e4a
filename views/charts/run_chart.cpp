#include <views/charts/run_chart.h>

#include <views/models/engine_text.h>
#include <views/models/run_text.h>
#include <views/models/text.h>

namespace lathe::views {

void RunChart::setRunSource(RunSource source) {
    m_source = std::move(source);
    m_run.reset();
    rebuild();
}

void RunChart::setRuns(const std::vector<history::RunRow>& rows) {
    m_run.reset();
    Chart::setRuns(rows);
}

void RunChart::setSelectedRun(const QString& id) {
    if (id == selectedRun()) return;
    m_run.reset();
    Chart::setSelectedRun(id);
}

QString RunChart::load() {
    if (rows().empty()) return tr("No runs yet. Press F5 to compare the model with and without the recipe.");
    const history::RunRow* selected = row(selectedRun());
    // Without a choice the newest run is the one of interest.
    if (selected == nullptr) selected = &rows().front();
    if (!hasResult(*selected)) return tr("This run has no results.");
    if (m_run && m_run->id == selected->id) return {};
    if (!m_source) return tr("This run has no results.");
    base::Result<history::RunRow> run = m_source(toQt(selected->id));
    if (!run) return engineText(run.error());
    m_run = std::move(*run);
    m_baseline.reset();
    if (!m_run->parentId.empty()) {
        base::Result<history::RunRow> baseline = m_source(toQt(m_run->parentId));
        if (baseline) m_baseline = std::move(*baseline);
    }
    return {};
}

} // namespace lathe::views

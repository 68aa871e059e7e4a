#include <views/shell/scripted_picture.h>

#include <chrono>

#include <QAction>
#include <QApplication>
#include <QDialog>
#include <QLineEdit>
#include <QPainter>
#include <QPixmap>
#include <QStyle>
#include <QTableView>

#include <core/base/log.h>
#include <views/charts/charts_panel.h>
#include <views/models/text.h>
#include <views/panels/graph_panel.h>
#include <views/panels/history_panel.h>
#include <views/shell/main_window.h>
#include <views/shell/workspace.h>

namespace lathe::views {

namespace {
using namespace std::chrono_literals;
constexpr auto tickLength = 100ms;
constexpr int settledTicks = 8;
constexpr int maxTicks = 6000;
} // namespace

ScriptedPicture::ScriptedPicture(MainWindow& window, Script script) : QObject(&window), m_window(window), m_script(std::move(script)) {
    connect(&m_timer, &QTimer::timeout, this, &ScriptedPicture::tick);
    m_timer.start(tickLength);
}

void ScriptedPicture::tick() {
    if (++m_ticks > maxTicks) {
        base::log(base::LogLevel::Error, "the window did not come to rest within ten minutes");
        QApplication::exit(1);
        return;
    }
    m_idleTicks = m_window.isIdle() ? m_idleTicks + 1 : 0;
    if (m_idleTicks < settledTicks) return;
    m_idleTicks = 0;
    switch (m_phase) {
    case Phase::Start:
        m_phase = m_script.run ? Phase::Opening : Phase::Running;
        if (!m_script.sample.isEmpty()) m_window.openSample(m_script.sample);
        break;
    case Phase::Opening:
        m_phase = Phase::Running;
        m_window.actions().action(u"run.start")->trigger();
        break;
    case Phase::Running:
        m_phase = Phase::Settling;
        arrange();
        break;
    case Phase::Settling:
        finish();
        break;
    }
}

void ScriptedPicture::arrange() {
    Workspace* workspace = m_window.workspace();
    if (m_script.step > 0) m_window.session().selectStep(m_script.step - 1);
    if (!m_script.select.isEmpty()) m_window.session().selectNodes(m_script.select);
    if (m_script.stage == QLatin1String("optimized")) workspace->graphPanel()->setStage(GraphPanel::Stage::Optimized);
    if (m_script.stage == QLatin1String("after-step")) workspace->graphPanel()->setStage(GraphPanel::Stage::AfterStep);
    if (m_script.colour == QLatin1String("loss")) workspace->graphPanel()->setFigure(GraphPanel::Figure::Loss);
    if (m_script.colour == QLatin1String("time")) workspace->graphPanel()->setFigure(GraphPanel::Figure::Time);
    if (m_script.colour == QLatin1String("macs")) workspace->graphPanel()->setFigure(GraphPanel::Figure::Macs);
    if (!m_script.page.isEmpty()) workspace->showPage(m_script.page);
    if (m_script.chart > 0) workspace->chartsPanel()->setPage(static_cast<ChartsPanel::Page>(m_script.chart - 1));
    HistoryPanel* history = workspace->historyPanel();
    history->filterField()->setText(m_script.filter);
    if (m_script.scope > 0) history->scopes().choose(m_script.scope - 1);
    if (m_script.compare) {
        history->table()->selectAll();
        history->compareAction()->trigger();
    }
}

void ScriptedPicture::finish() {
    m_timer.stop();
    QPixmap picture = m_window.grab();
    // A dialog is a window of its own: it is shown in the middle.
    for (QDialog* dialog : m_window.findChildren<QDialog*>()) {
        if (!dialog->isVisible()) continue;
        const QRect place = QStyle::alignedRect(Qt::LeftToRight, Qt::AlignCenter, dialog->size(), m_window.rect());
        QPainter(&picture).drawPixmap(place.topLeft(), dialog->grab());
    }
    const bool isStored = picture.save(m_script.file, "PNG");
    if (!isStored) base::log(base::LogLevel::Error, toStd(m_script.file) + " could not be written");
    const bool hasProblem = m_window.messageBar()->isVisible();
    QApplication::exit(isStored && !hasProblem ? 0 : 1);
}

} // namespace lathe::views

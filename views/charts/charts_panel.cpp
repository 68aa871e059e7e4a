#include <views/charts/charts_panel.h>

#include <algorithm>

#include <QEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>
#include <qcustomplot.h>

#include <views/charts/bars_chart.h>
#include <views/charts/latency_chart.h>
#include <views/charts/layers_chart.h>
#include <views/charts/pareto_chart.h>
#include <views/models/engine_text.h>
#include <views/models/text.h>
#include <views/widgets/flat_tab_bar.h>
#include <views/widgets/labels.h>
#include <views/widgets/panel_header.h>
#include <views/widgets/scope_box.h>
#include <views/widgets/themed_icon.h>

namespace lathe::views {

ChartsPanel::ChartsPanel(QWidget* parent)
    : QWidget(parent), m_tabs(new FlatTabBar(this)), m_pages(new QStackedWidget(this)), m_export(new QToolButton(this)),
      m_menu(new QMenu(this)), m_only(new QWidget(this)), m_onlyText(makeLabel(LabelKind::Muted, m_only)),
      m_showAll(new QPushButton(m_only)), m_charts{new ParetoChart, new BarsChart, new LatencyChart, new LayersChart} {
    auto* header = new PanelHeader(this);
    header->row()->setContentsMargins(5, 0, 8, 1);
    header->row()->addWidget(m_tabs);
    header->row()->addStretch(1);
    header->row()->addWidget(m_export);
    m_tools = header->row();
    m_export->setIcon(themedIcon(QStringLiteral("export")));
    m_export->setPopupMode(QToolButton::InstantPopup);
    m_export->setProperty("flat", true);
    m_export->setMenu(m_menu);
    for (const ChartFormat format : {ChartFormat::Svg, ChartFormat::Png, ChartFormat::Csv}) {
        connect(m_menu->addAction(QString()), &QAction::triggered, this, [this, format] { chooseFile(format); });
    }
    auto* only = new QHBoxLayout(m_only);
    only->setContentsMargins(12, 4, 8, 0);
    only->addWidget(m_onlyText, 1);
    only->addWidget(m_showAll);
    m_only->hide();

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(header);
    column->addWidget(m_only);
    column->addWidget(m_pages, 1);
    for (Chart* chart : m_charts) {
        m_tabs->addTab({});
        m_pages->addWidget(chart);
        chart->plot().setContextMenuPolicy(Qt::CustomContextMenu);
        connect(&chart->plot(), &QWidget::customContextMenuRequested, this,
                [this, chart](QPoint position) { m_menu->popup(chart->plot().mapToGlobal(position)); });
        connect(chart, &Chart::runSelected, this, [this](const QString& id) {
            setSelectedRun(id);
            Q_EMIT runSelected(id);
        });
        connect(chart, &Chart::runActivated, this, &ChartsPanel::runActivated);
    }
    connect(m_tabs, &QTabBar::currentChanged, m_pages, &QStackedWidget::setCurrentIndex);
    connect(m_showAll, &QPushButton::clicked, this, [this] { showOnly({}); });
    retranslate();
}

void ChartsPanel::setScopes(RunScopes& scopes) {
    m_scopes = &scopes;
    m_tools->insertWidget(m_tools->indexOf(m_export), new ScopeBox(scopes, 8, this));
    connect(&scopes, &RunScopes::changed, this, &ChartsPanel::handOut);
    handOut();
}

void ChartsPanel::setRuns(const std::vector<history::RunRow>& rows) {
    m_rows = rows;
    handOut();
}

void ChartsPanel::showOnly(const QStringList& ids) {
    m_onlyIds = QSet<QString>(ids.begin(), ids.end());
    handOut();
}

std::optional<history::Scope> ChartsPanel::shownScope() const {
    if (m_scopes != nullptr && !m_scopes->showsAll()) return m_scopes->scope();
    // All are listed, but points of different scopes have no place in one chart.
    const auto selected =
        std::find_if(m_rows.begin(), m_rows.end(), [this](const history::RunRow& row) { return toQt(row.id) == m_selected; });
    if (selected != m_rows.end()) return history::scopeOf(*selected);
    if (m_scopes != nullptr) return m_scopes->scope();
    return m_rows.empty() ? std::nullopt : std::optional(history::scopeOf(m_rows.front()));
}

void ChartsPanel::handOut() {
    std::vector<history::RunRow> shown;
    const std::optional<history::Scope> scope = shownScope();
    for (const history::RunRow& row : m_rows)
        if (!scope || history::scopeOf(row) == *scope) shown.push_back(row);
    const std::size_t all = shown.size();
    if (!m_onlyIds.isEmpty()) {
        const history::Standings standings = history::standingsOf(shown);
        QSet<QString> wanted = m_onlyIds;
        for (std::size_t at = 0; at < shown.size(); ++at) {
            if (!m_onlyIds.contains(toQt(shown[at].id))) continue;
            wanted.insert(toQt(shown[at].parentId));
            if (const auto baseline = standings.standing[at].baseline) wanted.insert(toQt(shown[*baseline].id));
        }
        std::erase_if(shown, [&](const history::RunRow& row) { return !wanted.contains(toQt(row.id)); });
    }
    m_only->setVisible(!m_onlyIds.isEmpty());
    m_onlyText->setText(tr("%1 of %2 runs").arg(shown.size()).arg(all));
    for (Chart* chart : m_charts)
        chart->setRuns(shown);
}

void ChartsPanel::setRunSource(const RunSource& source) {
    for (Chart* chart : m_charts) {
        if (auto* one = qobject_cast<RunChart*>(chart)) one->setRunSource(source);
    }
}

void ChartsPanel::setSelectedRun(const QString& id) {
    m_selected = id;
    if (m_scopes != nullptr && m_scopes->showsAll()) handOut();
    for (Chart* chart : m_charts)
        chart->setSelectedRun(id);
}

void ChartsPanel::setPage(Page page) { m_tabs->setCurrentIndex(static_cast<int>(page)); }

Chart& ChartsPanel::chart(Page page) const { return *m_charts[static_cast<std::size_t>(page)]; }
Chart& ChartsPanel::currentChart() const { return *m_charts[static_cast<std::size_t>(m_pages->currentIndex())]; }

void ChartsPanel::chooseFile(ChartFormat format) {
    static constexpr const char* endings[] = {"svg", "png", "csv"};
    const QString ending = QString::fromLatin1(endings[static_cast<int>(format)]);
    const QString name = m_tabs->tabText(m_tabs->currentIndex()) % u'.' % ending;
    const QString file = QFileDialog::getSaveFileName(this, tr("Export Chart"), name, tr("%1 file (*.%2)").arg(ending.toUpper(), ending));
    if (!file.isEmpty()) exportTo(format, file);
}

void ChartsPanel::exportTo(ChartFormat format, const QString& file) {
    const base::Result<> written = currentChart().exportTo(format, file);
    if (written) {
        Q_EMIT exported(file);
    } else {
        Q_EMIT problem(engineText(written.error()));
    }
}

void ChartsPanel::retranslate() {
    m_tabs->setTabText(0, tr("Pareto"));
    m_tabs->setTabText(1, tr("Bars"));
    m_tabs->setTabText(2, tr("Latency"));
    m_tabs->setTabText(3, tr("Layers"));
    m_tabs->setAccessibleName(tr("Charts"));
    m_export->setToolTip(tr("Export this chart"));
    m_export->setAccessibleName(tr("Export this chart"));
    const QStringList words{tr("Export as &SVG…"), tr("Export as &PNG…"), tr("Export the Numbers as &CSV…")};
    for (int index = 0; index < words.size(); ++index)
        m_menu->actions().at(index)->setText(words[index]);
    m_showAll->setText(tr("Show All"));
    m_onlyText->setText(QString());
    if (!m_onlyIds.isEmpty()) handOut();
}

void ChartsPanel::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

} // namespace lathe::views

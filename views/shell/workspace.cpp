#include <views/shell/workspace.h>

#include <QDataStream>
#include <QEvent>
#include <QHBoxLayout>
#include <QIODevice>
#include <QLineEdit>

#include <views/charts/charts_panel.h>
#include <views/panels/graph_panel.h>
#include <views/panels/history_panel.h>
#include <views/panels/inspector_panel.h>
#include <views/panels/layers_panel.h>
#include <views/panels/log_panel.h>
#include <views/panels/recipe_panel.h>
#include <views/widgets/flat_tab_bar.h>
#include <views/widgets/panel_header.h>

namespace lathe::views {

Workspace::Workspace(Session& session, RecipeEditor& editor, Workbench& workbench, const QString& historyFile, QWidget* parent)
    : QWidget(parent), m_recipe(new RecipePanel(session, editor)), m_graph(new GraphPanel(session, workbench)),
      m_inspector(new InspectorPanel(session, editor, workbench)), m_layers(new LayersPanel(session)),
      m_history(new HistoryPanel(historyFile)), m_log(new LogPanel(session.log())), m_charts(new ChartsPanel), m_tabs(new FlatTabBar),
      m_pages(new QStackedWidget), m_pageTools(new QStackedWidget), m_bottomTable(makeBottom()), m_rows(new QSplitter(Qt::Vertical, this)),
      m_top(new QSplitter(Qt::Horizontal)), m_bottom(new QSplitter(Qt::Horizontal)) {
    m_recipe->setMinimumWidth(220);
    m_inspector->setMinimumWidth(290);
    m_bottomTable->setMinimumWidth(320);
    m_charts->setMinimumWidth(300);
    for (QWidget* panel : std::initializer_list<QWidget*>{m_recipe, m_graph, m_inspector})
        m_top->addWidget(panel);
    for (QWidget* panel : std::initializer_list<QWidget*>{m_bottomTable, m_charts})
        m_bottom->addWidget(panel);
    for (QWidget* row : std::initializer_list<QWidget*>{m_top, m_bottom})
        m_rows->addWidget(row);
    for (QSplitter* splitter : {m_rows, m_top, m_bottom}) {
        splitter->setHandleWidth(1);
        splitter->setChildrenCollapsible(false);
    }
    // What is in the middle takes the room of a larger window.
    m_top->setStretchFactor(1, 1);
    m_bottom->setStretchFactor(0, 1);
    m_rows->setStretchFactor(0, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_rows);
    restoreDefaultLayout();
    retranslate();
}

QWidget* Workspace::makeBottom() {
    auto* bottom = new QWidget;
    auto* header = new PanelHeader(bottom);
    header->row()->setContentsMargins(5, 0, 8, 1);
    header->row()->addWidget(m_tabs);
    header->row()->addStretch(1);
    header->row()->addWidget(m_pageTools);
    for (QWidget* page : std::initializer_list<QWidget*>{m_layers, m_history, m_log}) {
        m_tabs->addTab({});
        m_pages->addWidget(page);
    }
    m_layers->filterField()->setFixedWidth(220);
    m_pageTools->addWidget(m_layers->filterField());
    m_history->filterField()->setFixedWidth(220);
    m_pageTools->addWidget(m_history->tools());
    m_pageTools->addWidget(m_log->buttons());
    m_pageTools->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(m_tabs, &QTabBar::currentChanged, m_pages, &QStackedWidget::setCurrentIndex);
    connect(m_tabs, &QTabBar::currentChanged, m_pageTools, &QStackedWidget::setCurrentIndex);
    auto* column = new QVBoxLayout(bottom);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(header);
    column->addWidget(m_pages, 1);
    return bottom;
}

void Workspace::showPage(BottomPage page) {
    setPanelVisible(Panel::Bottom, true);
    m_tabs->setCurrentIndex(static_cast<int>(page));
}

Workspace::BottomPage Workspace::page() const { return static_cast<BottomPage>(m_tabs->currentIndex()); }

QWidget* Workspace::widgetOf(Panel panel) const {
    switch (panel) {
    case Panel::Recipe:
        return m_recipe;
    case Panel::Inspector:
        return m_inspector;
    case Panel::Bottom:
        return m_bottom;
    case Panel::Charts:
        return m_charts;
    }
    return nullptr;
}

void Workspace::setPanelVisible(Panel panel, bool visible) { widgetOf(panel)->setVisible(visible); }

bool Workspace::isPanelVisible(Panel panel) const { return !widgetOf(panel)->isHidden(); }

QByteArray Workspace::layoutState() const {
    QByteArray state;
    QDataStream out(&state, QIODevice::WriteOnly);
    for (const QSplitter* splitter : {m_rows, m_top, m_bottom})
        out << splitter->saveState();
    for (const Panel panel : {Panel::Recipe, Panel::Inspector, Panel::Bottom, Panel::Charts})
        out << isPanelVisible(panel);
    return state;
}

void Workspace::setLayoutState(const QByteArray& state) {
    QDataStream in(state);
    for (QSplitter* splitter : {m_rows, m_top, m_bottom}) {
        QByteArray part;
        in >> part;
        if (in.status() != QDataStream::Ok) return;
        splitter->restoreState(part);
        splitter->setHandleWidth(1);
    }
    for (const Panel panel : {Panel::Recipe, Panel::Inspector, Panel::Bottom, Panel::Charts}) {
        bool isVisible = true;
        in >> isVisible;
        if (in.status() == QDataStream::Ok) setPanelVisible(panel, isVisible);
    }
}

void Workspace::restoreDefaultLayout() {
    for (const Panel panel : {Panel::Recipe, Panel::Inspector, Panel::Bottom, Panel::Charts})
        setPanelVisible(panel, true);
    m_rows->setSizes({550, 260});
    m_top->setSizes({262, 838, 340});
    m_bottom->setSizes({980, 440});
}

void Workspace::retranslate() {
    m_tabs->setTabText(0, tr("Layers"));
    m_tabs->setTabText(1, tr("Runs"));
    m_tabs->setTabText(2, tr("Log"));
    m_tabs->setAccessibleName(tr("Tables"));
}

void Workspace::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

} // namespace lathe::views

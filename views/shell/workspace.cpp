#include <views/shell/workspace.h>

#include <QDataStream>
#include <QEvent>
#include <QHBoxLayout>
#include <QIODevice>

#include <views/charts/charts_panel.h>
#include <views/panels/graph_panel.h>
#include <views/panels/history_panel.h>
#include <views/panels/inspector_panel.h>
#include <views/panels/layers_panel.h>
#include <views/panels/recipe_panel.h>
#include <views/widgets/flat_tab_bar.h>
#include <views/widgets/panel_header.h>

namespace lathe::views {

namespace {

constexpr QStringView bottomId = u"bottom";

/// What can be hidden, in the order in which layouts are stored.
QStringList hideableIds() {
    QStringList ids;
    const auto add = [&ids](std::initializer_list<PanelPlace> places) {
        for (const PanelSpec& panel : panelSpecs())
            if (*panel.action && std::find(places.begin(), places.end(), panel.place) != places.end())
                ids.append(QString::fromLatin1(panel.id));
    };
    add({PanelPlace::TopLeft, PanelPlace::TopMiddle, PanelPlace::TopRight});
    ids.append(bottomId.toString());
    add({PanelPlace::BottomRight});
    return ids;
}

} // namespace

Workspace::Workspace(const PanelParts& parts, QWidget* parent)
    : QWidget(parent), m_tabs(new FlatTabBar), m_pages(new QStackedWidget), m_pageTools(new QStackedWidget),
      m_rows(new QSplitter(Qt::Vertical, this)), m_top(new QSplitter(Qt::Horizontal)), m_bottom(new QSplitter(Qt::Horizontal)) {
    for (const PanelSpec& spec : panelSpecs()) {
        m_panels.push_back(spec.make(parts));
        if (spec.leastWidth > 0) m_panels.back()->setMinimumWidth(spec.leastWidth);
    }
    for (const PanelPlace place : {PanelPlace::TopLeft, PanelPlace::TopMiddle, PanelPlace::TopRight})
        add(m_top, place);
    m_bottom->addWidget(makeBottom());
    add(m_bottom, PanelPlace::BottomRight);
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

void Workspace::add(QSplitter* row, PanelPlace place) {
    for (std::size_t at = 0; at < m_panels.size(); ++at)
        if (panelSpecs()[at].place == place) row->addWidget(m_panels[at]);
}

QWidget* Workspace::makeBottom() {
    auto* bottom = new QWidget;
    bottom->setMinimumWidth(320);
    auto* header = new PanelHeader(bottom);
    header->row()->setContentsMargins(5, 0, 8, 1);
    header->row()->addWidget(m_tabs);
    header->row()->addStretch(1);
    header->row()->addWidget(m_pageTools);
    for (std::size_t at = 0; at < m_panels.size(); ++at) {
        const PanelSpec& spec = panelSpecs()[at];
        if (spec.place != PanelPlace::Tab) continue;
        m_tabs->addTab({});
        m_tabSpecs.push_back(&spec);
        m_pages->addWidget(m_panels[at]);
        m_pageTools->addWidget(spec.tools != nullptr ? spec.tools(m_panels[at]) : new QWidget);
    }
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

RecipePanel* Workspace::recipePanel() const { return find<RecipePanel>(); }
GraphPanel* Workspace::graphPanel() const { return find<GraphPanel>(); }
InspectorPanel* Workspace::inspectorPanel() const { return find<InspectorPanel>(); }
LayersPanel* Workspace::layersPanel() const { return find<LayersPanel>(); }
HistoryPanel* Workspace::historyPanel() const { return find<HistoryPanel>(); }
ChartsPanel* Workspace::chartsPanel() const { return find<ChartsPanel>(); }

void Workspace::showPage(QStringView id) {
    for (std::size_t tab = 0; tab < m_tabSpecs.size(); ++tab) {
        if (id != QLatin1String(m_tabSpecs[tab]->id)) continue;
        setPanelVisible(bottomId, true);
        m_tabs->setCurrentIndex(static_cast<int>(tab));
    }
}

QString Workspace::page() const { return QString::fromLatin1(m_tabSpecs[static_cast<std::size_t>(m_tabs->currentIndex())]->id); }

QWidget* Workspace::widgetOf(QStringView id) const {
    if (id == bottomId) return m_bottom;
    for (std::size_t at = 0; at < m_panels.size(); ++at)
        if (id == QLatin1String(panelSpecs()[at].id)) return m_panels[at];
    return nullptr;
}

void Workspace::setPanelVisible(QStringView id, bool visible) {
    if (QWidget* panel = widgetOf(id)) panel->setVisible(visible);
}

bool Workspace::isPanelVisible(QStringView id) const {
    const QWidget* panel = widgetOf(id);
    return panel != nullptr && !panel->isHidden();
}

QByteArray Workspace::layoutState() const {
    QByteArray state;
    QDataStream out(&state, QIODevice::WriteOnly);
    for (const QSplitter* splitter : {m_rows, m_top, m_bottom})
        out << splitter->saveState();
    for (const QString& id : hideableIds())
        out << isPanelVisible(id);
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
    for (const QString& id : hideableIds()) {
        bool isVisible = true;
        in >> isVisible;
        if (in.status() == QDataStream::Ok) setPanelVisible(id, isVisible);
    }
}

void Workspace::restoreDefaultLayout() {
    for (const QString& id : hideableIds())
        setPanelVisible(id, true);
    m_rows->setSizes({550, 260});
    m_top->setSizes({262, 838, 340});
    m_bottom->setSizes({980, 440});
}

void Workspace::retranslate() {
    for (std::size_t tab = 0; tab < m_tabSpecs.size(); ++tab)
        m_tabs->setTabText(static_cast<int>(tab), tr(m_tabSpecs[tab]->title));
    m_tabs->setAccessibleName(tr("Tables"));
}

void Workspace::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

} // namespace lathe::views

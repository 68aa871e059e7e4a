#include <views/panels/graph_panel.h>

#include <algorithm>
#include <array>
#include <climits>
#include <utility>

#include <QEvent>
#include <QFileInfo>
#include <QMenu>
#include <QSet>
#include <QVBoxLayout>

#include <views/models/engine_text.h>
#include <views/models/number_text.h>
#include <views/models/prune_reach.h>
#include <views/models/run_text.h>
#include <views/models/text.h>
#include <views/widgets/flat_tab_bar.h>
#include <views/widgets/labels.h>
#include <views/widgets/panel_header.h>
#include <views/widgets/themed_icon.h>

namespace lathe::views {

namespace {

struct FigureWords {
    GraphPanel::Figure figure;
    const char* title;
    const char* unit;
};
constexpr std::array figureWords = {
    FigureWords{GraphPanel::Figure::None, QT_TRANSLATE_NOOP("GraphPanel", "nothing"), ""},
    FigureWords{GraphPanel::Figure::Loss, QT_TRANSLATE_NOOP("GraphPanel", "weight error ½‖θ−θ̂‖²"), ""},
    FigureWords{GraphPanel::Figure::Sqnr, QT_TRANSLATE_NOOP("GraphPanel", "SQNR"), "dB"},
    FigureWords{GraphPanel::Figure::Bits, QT_TRANSLATE_NOOP("GraphPanel", "bits"), "bit"},
    FigureWords{GraphPanel::Figure::Sparsity, QT_TRANSLATE_NOOP("GraphPanel", "zero weights"), "%"},
    FigureWords{GraphPanel::Figure::Parameters, QT_TRANSLATE_NOOP("GraphPanel", "parameters"), ""},
    FigureWords{GraphPanel::Figure::Macs, QT_TRANSLATE_NOOP("GraphPanel", "MACs"), ""},
    FigureWords{GraphPanel::Figure::Time, QT_TRANSLATE_NOOP("GraphPanel", "time in last run"), "µs"},
};

/// How the figure of a module is made of those of the layers inside.
enum class Whole { Sum, Lowest, MeanByParameters };

Whole wholeOf(GraphPanel::Figure figure) {
    if (figure == GraphPanel::Figure::Sqnr) return Whole::Lowest;
    const bool isShare = figure == GraphPanel::Figure::Bits || figure == GraphPanel::Figure::Sparsity;
    return isShare ? Whole::MeanByParameters : Whole::Sum;
}

std::optional<double> figureOf(GraphPanel::Figure figure, const client::LayerInfo& layer) {
    switch (figure) {
    case GraphPanel::Figure::None:
    case GraphPanel::Figure::Time: // of all nodes, see showTimes()
        return std::nullopt;
    case GraphPanel::Figure::Loss:
        return layer.loss;
    case GraphPanel::Figure::Sqnr:
        return layer.sqnrDb;
    case GraphPanel::Figure::Bits:
        return layer.bits;
    case GraphPanel::Figure::Sparsity:
        return layer.sparsity * 100;
    case GraphPanel::Figure::Parameters:
        return static_cast<double>(layer.parameters);
    case GraphPanel::Figure::Macs:
        return layer.macs ? std::optional(static_cast<double>(*layer.macs)) : std::nullopt;
    }
    return std::nullopt;
}

} // namespace

GraphPanel::GraphPanel(Session& session, Workbench& workbench, QWidget* parent)
    : QWidget(parent), m_session(session), m_workbench(workbench), m_header(new PanelHeader(this)), m_stages(new FlatTabBar(this)),
      m_colourLabel(makeLabel(LabelKind::Muted, this)), m_figure(new QComboBox(this)), m_find(new QPushButton(this)),
      m_view(new GraphView(this)) {
    for (int tab = 0; tab < 3; ++tab)
        m_stages->addTab({});
    for (std::size_t index = 0; index < figureWords.size(); ++index)
        m_figure->addItem({});
    m_figure->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_colourLabel->setBuddy(m_figure);
    m_find->setIcon(themedIcon(QStringLiteral("find")));

    PanelHeader* header = m_header;
    header->row()->setContentsMargins(5, 0, 8, 1);
    header->row()->addWidget(m_stages);
    header->row()->addStretch(1);
    header->row()->addWidget(m_colourLabel);
    header->row()->addWidget(m_figure);
    header->row()->addWidget(m_find);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(header);
    column->addWidget(m_view, 1);

    connect(m_stages, &QTabBar::currentChanged, this, &GraphPanel::requestDrawing);
    connect(m_figure, &QComboBox::currentIndexChanged, this, &GraphPanel::showFigure);
    connect(m_find, &QPushButton::clicked, m_view, &GraphView::openFind);
    connect(m_view, &GraphView::selectionChanged, this, [this](const QStringList& ids) { m_session.selectNodes(nodesOf(ids)); });
    connect(m_view, &GraphView::nodeActivated, this, [this](const QString& id) {
        if (const QString path = closedModule(id); !path.isEmpty()) openModule(path);
    });
    connect(m_view, &GraphView::menuRequested, this, &GraphPanel::showMenu);
    connect(m_view, &GraphView::searched, this, &GraphPanel::search);
    connect(m_view, &GraphView::hiddenChosen, this, &GraphPanel::reveal);
    connect(m_view, &GraphView::nodeHovered, this, [this](const QString& id) {
        m_hovered = id;
        showOutlines();
    });
    connect(m_view, &GraphView::coverCancelled, &workbench, &Workbench::cancel);
    connect(&workbench, &Workbench::busyChanged, this, &GraphPanel::showOpening);
    connect(&session, &Session::selectedNodesChanged, this, [this] {
        m_view->setSelectedNodes(shownFor(m_session.selectedNodes()));
        showOutlines();
    });
    connect(&session, &Session::selectedStepChanged, this, [this] {
        showStages();
        if (stage() == Stage::AfterStep) requestDrawing();
        showOutlines();
    });
    connect(&session, &Session::modelChanged, this, [this] {
        showStages();
        requestDrawing();
    });
    connect(&session, &Session::previewChanged, this, [this] {
        if (stage() != Stage::Original) requestDrawing();
        showFigure();
        showOutlines();
    });
    connect(&session, &Session::lastRunChanged, this, &GraphPanel::showFigure);
    connect(&session.recipe(), &RecipeModel::recipeChanged, this, &GraphPanel::showStages);
    retranslate();
}

GraphPanel::Stage GraphPanel::stage() const { return static_cast<Stage>(m_stages->currentIndex()); }

void GraphPanel::setStage(Stage stage) { m_stages->setCurrentIndex(static_cast<int>(stage)); }

void GraphPanel::setFigure(Figure figure) { m_figure->setCurrentIndex(static_cast<int>(figure)); }

void GraphPanel::showStages() {
    const int step = m_session.selectedStep();
    m_stages->setTabText(0, tr("Original"));
    m_stages->setTabText(1, step < 0 ? tr("After Step") : tr("After Step %1").arg(step + 1));
    m_stages->setTabText(2, tr("Optimized"));
    m_stages->setTabEnabled(1, step >= 0);
    fitHeader(); // the words of the tabs have changed
}

int GraphPanel::steps() const {
    if (stage() == Stage::Original) return -1;
    return stage() == Stage::AfterStep ? m_session.selectedStep() + 1 : m_session.recipe().stepCount();
}

void GraphPanel::requestDrawing() {
    const int serial = ++m_serial;
    m_isAwaitingDrawing = false;
    if (!m_session.model()) {
        m_view->clear();
        return;
    }
    const layout::Drawing& first = m_session.model()->drawing;
    if (m_session.model()->file != m_drawnModel) {
        m_view->clear();
        m_open = {};
    }
    m_drawnModel = m_session.model()->file;
    const bool isFirst = m_open.kind == OpenModules::Kind::Fitting ||
                         (m_open.kind == OpenModules::Kind::All ? layout::ClosedModules(first).isEmpty() : m_open.paths == first.open);
    if (stage() == Stage::Original && isFirst) return showDrawing(first);
    // A recipe that cannot be applied as a whole has no optimized graph; the last one stays, the recipe panel says why.
    if (stage() == Stage::Optimized && m_session.preview() && m_session.preview()->error) return;
    m_isAwaitingDrawing = true;
    m_workbench.drawing(steps(), m_open, this, [this, serial](const base::Result<client::DrawingReply>& reply) {
        if (serial != m_serial) return;
        m_isAwaitingDrawing = false;
        if (reply) return showDrawing(reply->drawing);
        // Not the drawing of another stage in its place.
        if (reply.error().code != base::ErrorCode::Cancelled) m_view->showProblem(engineText(reply.error()));
    });
}

void GraphPanel::showDrawing(const layout::Drawing& drawing) {
    m_session.setDrawing(drawing);
    m_closedModules = layout::ClosedModules(drawing);
    // Every stage shows the same modules open; what fits as a whole stays whole.
    if (m_open.kind == OpenModules::Kind::Fitting)
        m_open = m_closedModules.isEmpty() ? OpenModules{OpenModules::Kind::All} : OpenModules{OpenModules::Kind::Chosen, drawing.open};
    m_view->setDrawing(drawing);
    if (!m_revealed.isEmpty()) m_session.selectNodes({std::exchange(m_revealed, {})});
    m_view->setSelectedNodes(shownFor(m_session.selectedNodes()));
    showFigure();
    showOutlines();
    emit modulesChanged();
}

QString GraphPanel::closedModule(const QString& id) const {
    const std::vector<layout::DrawNode>& nodes = m_session.drawing().nodes;
    const auto found = std::ranges::find(nodes, toStd(id), &layout::DrawNode::id);
    return found == nodes.end() || found->op != layout::moduleOp ? QString() : toQt(found->scope);
}

QStringList GraphPanel::openModules(const QString& id) const {
    const QString closed = closedModule(id);
    const std::vector<std::string>& open = m_session.drawing().open;
    QStringList around;
    for (const std::string& path : layout::pathsAround(toStd(closed.isEmpty() ? id : closed)))
        if (std::ranges::find(open, path) != open.end()) around << toQt(path);
    return around;
}

QString GraphPanel::shownFor(const QString& node) const {
    const std::string* module = m_closedModules.around(toStd(node));
    return module == nullptr ? node : toQt(*module);
}

QStringList GraphPanel::shownFor(const QStringList& nodes) const {
    if (m_closedModules.isEmpty()) return nodes;
    QStringList shown;
    for (const QString& node : nodes)
        shown << shownFor(node);
    shown.removeDuplicates();
    return shown;
}

QStringList GraphPanel::nodesOf(const QStringList& shown) const {
    if (m_closedModules.isEmpty()) return shown;
    QHash<QString, QStringList> layersInside;
    for (const client::LayerInfo& layer : m_session.layers().layers())
        if (const std::string* module = m_closedModules.around(layer.name)) layersInside[toQt(*module)] << toQt(layer.name);
    const QStringList& before = m_session.selectedNodes();
    const QSet<QString> chosenBefore(before.begin(), before.end());
    QStringList nodes;
    for (const QString& id : shown) {
        const QStringList inside = layersInside.value(id);
        // Whoever chose layers in the table keeps them while their module is chosen too.
        QStringList chosen;
        for (const QString& layer : inside)
            if (chosenBefore.contains(layer)) chosen << layer;
        nodes << (inside.isEmpty() ? QStringList{id} : chosen.isEmpty() ? inside : chosen);
    }
    return nodes;
}

void GraphPanel::setOpen(OpenModules open, const QString& keptModule) {
    m_open = std::move(open);
    QStringList chosen = m_session.selectedNodes();
    chosen.removeIf([this](const QString& node) { return !closedModule(node).isEmpty(); }); // it may be away then
    m_session.selectNodes(chosen);
    if (!keptModule.isEmpty()) m_view->keepInPlace(keptModule);
    requestDrawing();
}

std::vector<std::string> GraphPanel::openPaths() const {
    return m_open.kind == OpenModules::Kind::Chosen ? m_open.paths : m_session.drawing().open;
}

void GraphPanel::openModule(const QString& path) {
    std::vector<std::string> paths = openPaths();
    paths.push_back(toStd(path));
    setOpen({OpenModules::Kind::Chosen, std::move(paths)}, path);
}

void GraphPanel::closeModule(const QString& path) {
    // Those inside stay as they are: opened again, it looks as it did.
    std::vector<std::string> paths = openPaths();
    std::erase(paths, toStd(path));
    setOpen({OpenModules::Kind::Chosen, std::move(paths)}, path);
}

void GraphPanel::openSelected() {
    std::vector<std::string> paths = openPaths();
    QString first;
    for (const QString& id : m_view->selectedNodes()) {
        const QString path = closedModule(id);
        if (path.isEmpty()) continue;
        paths.push_back(toStd(path));
        if (first.isEmpty()) first = path;
    }
    if (!first.isEmpty()) setOpen({OpenModules::Kind::Chosen, std::move(paths)}, first);
}

void GraphPanel::closeAroundSelected() {
    std::vector<std::string> paths = openPaths();
    QString first;
    for (const QString& id : m_view->selectedNodes()) {
        const QStringList around = openModules(id);
        if (around.isEmpty()) continue;
        std::erase(paths, toStd(around.front()));
        if (first.isEmpty()) first = around.front();
    }
    if (!first.isEmpty()) setOpen({OpenModules::Kind::Chosen, std::move(paths)}, first);
}

void GraphPanel::openAll() { setOpen({OpenModules::Kind::All}); }
void GraphPanel::closeAll() { setOpen({OpenModules::Kind::Chosen}); }
bool GraphPanel::canOpen() const { return !m_closedModules.isEmpty(); }
bool GraphPanel::canClose() const { return !m_session.drawing().open.empty(); }

void GraphPanel::reveal(const QString& node) {
    std::vector<std::string> paths = openPaths();
    for (std::string& path : layout::pathsAround(toStd(node)))
        if (std::ranges::find(paths, path) == paths.end()) paths.push_back(std::move(path));
    m_view->scrollToWhenShown(node);
    m_revealed = node;
    setOpen({OpenModules::Kind::Chosen, std::move(paths)});
}

void GraphPanel::search(const QString& text) {
    m_workbench.find(steps(), text, this, [this, text](const base::Result<client::FindReply>& reply) {
        // Without an answer what is drawn is still found.
        if (reply) m_view->setFound(text, toQt(reply->nodes), static_cast<int>(std::min<std::int64_t>(reply->count, INT_MAX)));
    });
}

void GraphPanel::showMenu(const QString& id, QPoint globalPosition) {
    QMenu menu(this);
    if (const QString path = closedModule(id); !path.isEmpty())
        menu.addAction(tr("Expand %1").arg(path), this, [this, path] { openModule(path); });
    for (const QString& path : openModules(id))
        menu.addAction(tr("Collapse %1").arg(path), this, [this, path] { closeModule(path); });
    menu.addSeparator();
    menu.addAction(tr("Expand All Modules"), this, &GraphPanel::openAll)->setEnabled(canOpen());
    menu.addAction(tr("Collapse All Modules"), this, &GraphPanel::closeAll)->setEnabled(canClose());
    menu.exec(globalPosition);
}

void GraphPanel::showOpening() {
    const QString name = QFileInfo(m_workbench.openingFile()).fileName();
    //: While a model file is read; %1 is its name
    m_view->setCover(m_workbench.isOpeningAnother() ? tr("Opening %1…").arg(name) : QString());
}

void GraphPanel::showFigure() {
    const FigureWords& words = figureWords[static_cast<std::size_t>(std::max(0, m_figure->currentIndex()))];
    if (words.figure == Figure::Time) return showTimes();
    QHash<QString, double> values, weights;
    const Whole whole = wholeOf(words.figure);
    for (const client::LayerInfo& layer : m_session.layers().layers()) {
        const std::optional<double> value = figureOf(words.figure, layer);
        if (!value) continue;
        const QString name = toQt(layer.name), shown = shownFor(name);
        if (shown == name) {
            values.insert(name, *value);
        } else if (whole == Whole::Lowest) {
            values.insert(shown, std::min(*value, values.value(shown, *value)));
        } else {
            const double weight = whole == Whole::Sum ? 1 : static_cast<double>(std::max<std::int64_t>(layer.parameters, 1));
            values[shown] += *value * weight;
            weights[shown] += weight;
        }
    }
    if (whole == Whole::MeanByParameters)
        for (auto weight = weights.cbegin(); weight != weights.cend(); ++weight)
            values[weight.key()] /= *weight;
    m_view->setNodeValues(tr(words.title), QString::fromUtf8(words.unit), values);
}

void GraphPanel::showTimes() {
    QHash<QString, double> values;
    QHash<QString, QString> texts;
    const std::optional<measure::RunDocument>& run = m_session.lastRun();
    if (!run) return m_view->setNodeValues({}, {}, {});
    // Each drawing has the times of what it shows: those of the optimized model would be false on the original.
    const bool isOriginal = stage() == Stage::Original;
    const measure::ModelResult& result = isOriginal ? run->baseline : run->optimized;
    for (const measure::LayerResult& layer : result.layers) {
        if (!layer.p50Us) continue;
        values[shownFor(toQt(layer.name))] += *layer.p50Us;
        //: In a node of the graph, instead of its time: it runs as a part of the node %1
        for (const std::string& covered : layer.covers)
            texts.insert(toQt(covered), tr("in %1").arg(toQt(layer.name)));
    }
    QString title = isOriginal ? tr("time of the original in the last run") : tr("time in last run");
    if (const auto rest = measure::restUs(result))
        //: %1 is "time in last run", %2 and %3 are times: of a whole call, and what of it no operator has
        title = tr("%1: call %2, rest %3").arg(title, microsecondsText(result.latency.p50 * 1000), microsecondsText(rest));
    if (!measure::isReliable(result.latency)) {
        //: %1 is "time in last run"
        title = tr("%1: not reliable").arg(isOriginal ? tr("time of the original in the last run") : tr("time in last run"));
    }
    m_view->setNodeValues(title, QStringLiteral("µs"), values, texts, notReliableText(result.latency.whyNotReliable));
}

void GraphPanel::showOutlines() {
    const PruneReach reach = pruneReach(m_session, m_session.selectedStep());
    QStringList asking = m_session.selectedLayers();
    if (asking.isEmpty() && m_session.layers().layer(m_hovered) != nullptr) asking << m_hovered;
    // Of the step all that it takes, until a layer is asked for.
    m_view->outlineNodes(shownFor(asking.isEmpty() ? reach.shrinking : m_session.layers().coupledWith(asking)), reach.staying);
}

void GraphPanel::fitHeader() {
    // Where all controls have no room beside each other, the words go that one can do without. The tabs and what is chosen stay whole.
    const auto needed = [this] { return m_header->row()->minimumSize().width(); };
    m_colourLabel->hide();
    m_find->setText({});
    setMinimumWidth(needed());
    m_find->setText(tr("Find"));
    if (needed() > width()) m_find->setText({});
    m_colourLabel->show();
    if (needed() > width()) m_colourLabel->hide();
    m_find->setToolTip(m_find->text().isEmpty() ? tr("Find") : QString());
}

void GraphPanel::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fitHeader();
}

void GraphPanel::retranslate() {
    showStages();
    showOpening();
    m_stages->setAccessibleName(tr("Stage of the model"));
    //: Label of a drop-down: the graph is coloured by a figure of its layers
    m_colourLabel->setText(tr("Colour by"));
    m_figure->setAccessibleName(tr("Colour by"));
    m_find->setAccessibleName(tr("Find"));
    for (std::size_t index = 0; index < figureWords.size(); ++index)
        m_figure->setItemText(static_cast<int>(index), tr(figureWords[index].title));
    fitHeader();
    showFigure();
}

void GraphPanel::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

} // namespace lathe::views

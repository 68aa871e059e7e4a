#include <views/graph/graph_view.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <QAccessible>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>

#include <views/graph/colour_scale.h>
#include <views/graph/corner_placer.h>
#include <views/graph/find_bar.h>
#include <views/graph/graph_canvas.h>
#include <views/graph/graph_scene.h>
#include <views/graph/legend.h>
#include <views/graph/minimap.h>
#include <views/graph/node_item.h>
#include <views/models/engine_text.h>
#include <views/models/number_text.h>
#include <views/models/text.h>
#include <views/widgets/labels.h>

namespace lathe::views {

namespace {

constexpr int margin = 14;
constexpr QSize minimapSize{122, 132};

LayoutJob::Placer orGraphviz(LayoutJob::Placer placer) {
    if (placer) return placer;
    return [](const layout::Drawing& drawing, const std::vector<layout::NodeSize>& sizes, std::stop_token stop) {
        return layout::place(drawing, sizes, stop);
    };
}

} // namespace

GraphView::GraphView(QWidget* parent, LayoutJob::Placer placer)
    : QWidget(parent), m_job(new LayoutJob(orGraphviz(std::move(placer)), this)), m_scene(new GraphScene(this)),
      m_canvas(new GraphCanvas(m_scene, this)), m_findBar(new FindBar(m_scene, m_canvas, this)), m_legend(new Legend(this)),
      m_minimap(new Minimap(m_scene, m_canvas, this)), m_notice(new QWidget(this)),
      m_noticeText(makeWrappedLabel(LabelKind::Muted, m_notice)), m_noticeButton(new QPushButton(m_notice)),
      m_noticeDelay(new QTimer(this)), m_placeDelay(new QTimer(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_canvas);
    setFocusProxy(m_canvas);
    m_legend->hide();
    m_minimap->hide();

    auto* notice = new QVBoxLayout(m_notice);
    m_noticeText->setAlignment(Qt::AlignCenter);
    notice->addWidget(m_noticeText);
    notice->addWidget(m_noticeButton, 0, Qt::AlignHCenter);
    m_notice->hide();
    m_noticeDelay->setSingleShot(true);
    m_noticeDelay->setInterval(300);

    // While the view moves, overlays stay where they are.
    m_placeDelay->setSingleShot(true);
    m_placeDelay->setInterval(120);
    connect(m_placeDelay, &QTimer::timeout, this, &GraphView::placeOverlays);
    connect(m_canvas, &GraphCanvas::viewMoved, m_placeDelay, qOverload<>(&QTimer::start));
    makeCover();

    connect(m_noticeDelay, &QTimer::timeout, this, [this] { showNotice(tr("Laying out…"), tr("Cancel")); });
    connect(m_noticeButton, &QPushButton::clicked, this, [this] {
        if (!m_job->isRunning()) return startLayout();
        m_job->cancel();
        blank();
        showNotice(tr("The layout was cancelled."), tr("Lay Out Again"));
    });
    connect(m_job, &LayoutJob::placed, this, &GraphView::showPlacement);
    connect(m_job, &LayoutJob::failed, this, &GraphView::showFailure);
    connect(m_scene, &QGraphicsScene::selectionChanged, this, [this] {
        const QStringList ids = selectedNodes();
        if (const NodeItem* node = m_scene->current()) {
            m_canvas->setAccessibleDescription(toQt(node->node().label) % QStringLiteral(", ") % NodeItem::operatorLine(node->node()));
            QAccessibleEvent changed(m_canvas, QAccessible::DescriptionChanged);
            QAccessible::updateAccessibility(&changed);
        }
        Q_EMIT selectionChanged(ids);
    });
    connect(m_canvas, &GraphCanvas::nodeActivated, this, &GraphView::nodeActivated);
    connect(m_canvas, &GraphCanvas::nodeHovered, this, &GraphView::nodeHovered);
    connect(m_canvas, &GraphCanvas::findRequested, this, &GraphView::openFind);
    connect(m_canvas, &GraphCanvas::menuRequested, this, &GraphView::menuRequested);
    connect(m_findBar, &FindBar::searched, this, &GraphView::searched);
    connect(m_findBar, &FindBar::hiddenChosen, this, &GraphView::hiddenChosen);
    retranslate();
}

GraphView::~GraphView() = default;

void GraphView::makeCover() {
    m_cover = new QWidget(this);
    m_coverText = makeWrappedLabel(LabelKind::Muted, m_cover);
    m_coverButton = new QPushButton(m_cover);
    m_cover->setAutoFillBackground(true);
    m_cover->setBackgroundRole(QPalette::AlternateBase); // that of the canvas
    m_coverText->setAlignment(Qt::AlignCenter);
    auto* bar = new QProgressBar(m_cover);
    bar->setRange(0, 0);
    bar->setTextVisible(false);
    bar->setFixedWidth(180);
    auto* column = new QVBoxLayout(m_cover);
    column->addStretch(1);
    column->addWidget(m_coverText);
    column->addWidget(bar, 0, Qt::AlignHCenter);
    column->addWidget(m_coverButton, 0, Qt::AlignHCenter);
    column->addStretch(1);
    m_cover->hide();
    connect(m_coverButton, &QPushButton::clicked, this, &GraphView::coverCancelled);
}

void GraphView::setCover(const QString& sentence) {
    m_coverText->setText(sentence);
    m_cover->setVisible(!sentence.isEmpty());
    placeOverlays();
}

QString GraphView::cover() const { return m_cover->isHidden() ? QString() : m_coverText->text(); }

void GraphView::setDrawing(const layout::Drawing& drawing) {
    const bool isShown = !m_job->isRunning() && drawing == m_scene->drawing() && !m_scene->nodes().empty();
    m_drawing = drawing;
    if (!isShown && (drawing.nodes.empty() || !m_scene->updateTexts(drawing, font()))) return startLayout();
    m_job->cancel();
    m_noticeDelay->stop();
    m_notice->hide();
    m_keptModule.clear();
    m_awaited.clear();
    applyValues();
    m_findBar->refresh();
    Q_EMIT drawingShown();
}

void GraphView::clear() {
    m_job->cancel();
    m_keptModule.clear();
    m_awaited.clear();
    m_noticeDelay->stop();
    m_notice->hide();
    m_drawing = {};
    blank();
}

void GraphView::showProblem(const QString& sentence) {
    clear();
    showNotice(sentence, {});
}

QString GraphView::notice() const { return m_notice->isHidden() ? QString() : m_noticeText->text(); }

void GraphView::blank() {
    m_scene->clearDrawing();
    m_minimap->hide();
    m_legend->hide();
    m_findBar->refresh();
    m_canvas->viewport()->update();
}

void GraphView::startLayout() {
    m_notice->hide();
    if (m_drawing.nodes.empty()) return clear();
    m_noticeDelay->start();
    m_job->start(m_drawing, GraphScene::nodeSizes(m_drawing, font()));
}

void GraphView::showFailure(const base::Error& error) {
    m_noticeDelay->stop();
    m_notice->hide();
    blank();
    if (error.code != base::ErrorCode::Cancelled) showNotice(engineText(error), tr("Lay Out Again"));
}

void GraphView::showPlacement(const layout::Placement& placement) {
    m_noticeDelay->stop();
    m_notice->hide();
    const bool isSameModel = !m_scene->nodes().empty() && m_scene->drawing().name == m_drawing.name;
    const QStringList selected = m_wantedSelection.isEmpty() ? selectedNodes() : m_wantedSelection;
    const QPointF centre = m_canvas->mapToScene(m_canvas->viewport()->rect().center());
    if (!m_scene->setDrawing(m_drawing, placement, font())) {
        showNotice(tr("The layout does not fit the graph."), tr("Lay Out Again"));
        return;
    }
    m_wantedSelection.clear();
    m_scene->selectNodes(selected);
    m_canvas->updateSceneRect();
    const NodeItem* kept = m_keptModule.empty() ? nullptr : m_scene->firstOf(std::exchange(m_keptModule, {}));
    if (isSameModel && kept != nullptr) {
        const QPointF middle = QRectF(m_canvas->viewport()->rect()).center();
        m_canvas->centerOn(kept->pos() + (middle - m_keptPlace) / m_canvas->zoom());
    } else if (isSameModel) {
        m_canvas->centerOn(centre);
    } else {
        m_canvas->showTop();
    }
    if (const NodeItem* awaited = m_scene->node(std::exchange(m_awaited, {}))) m_canvas->scrollTo(*awaited);
    applyOutlines();
    applyValues();
    m_findBar->refresh();
    m_canvas->viewport()->update();
    Q_EMIT drawingShown();
}

void GraphView::showNotice(const QString& text, const QString& buttonText) {
    m_noticeText->setText(text);
    m_noticeButton->setText(buttonText);
    m_noticeButton->setVisible(!buttonText.isEmpty());
    m_notice->show();
    placeOverlays();
}

void GraphView::keepInPlace(const QString& modulePath) {
    const NodeItem* node = m_scene->firstOf(toStd(modulePath));
    if (node == nullptr) return;
    m_keptModule = toStd(modulePath);
    m_keptPlace = m_canvas->viewportTransform().map(node->pos());
    // What is out of sight comes into the middle.
    const QRectF seen = m_canvas->viewport()->rect();
    if (!seen.contains(m_keptPlace)) m_keptPlace = seen.center();
}

void GraphView::setFound(const QString& text, const QStringList& ids, int count) { m_findBar->setFound(text, ids, count); }

QStringList GraphView::selectedNodes() const { return m_scene->selectedNodes(); }

void GraphView::setSelectedNodes(const QStringList& ids) {
    m_wantedSelection = m_job->isRunning() ? ids : QStringList();
    QStringList sorted = ids, before = selectedNodes();
    sorted.sort();
    before.sort();
    if (sorted == before) return;
    m_scene->selectNodes(ids);
    m_minimap->redraw();
    if (const NodeItem* node = m_scene->current()) m_canvas->scrollTo(*node);
}

void GraphView::setNodeValues(const QString& title, const QString& unit, const QHash<QString, double>& values,
                              const QHash<QString, QString>& texts, const QString& doubt) {
    m_valuesTitle = title;
    m_valuesUnit = unit;
    m_values = values;
    m_valueTexts = texts;
    m_valuesDoubt = doubt;
    applyValues();
}

void GraphView::applyValues() {
    ColourScale scale;
    bool isEmpty = true;
    for (const double value : std::as_const(m_values)) {
        if (!std::isfinite(value)) continue;
        scale.minimum = isEmpty ? value : std::min(scale.minimum, value);
        scale.maximum = isEmpty ? value : std::max(scale.maximum, value);
        isEmpty = false;
    }
    const bool isDoubtful = !m_valuesDoubt.isEmpty();
    const auto valueText = [&](double value) -> QString {
        return (isDoubtful ? QStringLiteral("≈") : QString()) % unitText(value, m_valuesUnit);
    };
    for (NodeItem* node : m_scene->nodes()) {
        const auto found = m_values.constFind(node->id());
        if (found == m_values.cend() || !std::isfinite(*found)) {
            node->setValue(std::nullopt, m_valueTexts.value(node->id()));
        } else {
            // A colour would be a verdict.
            node->setValue(isDoubtful ? std::nullopt : std::optional(scale.colour(*found)), valueText(*found), m_valuesDoubt);
        }
    }
    m_legend->setVisible(!isEmpty && !m_scene->nodes().empty());
    if (!isEmpty) {
        m_legend->setScale(m_valuesTitle, isDoubtful ? std::nullopt : std::optional(scale), valueText(scale.minimum),
                           valueText(scale.maximum));
    }
    m_minimap->redraw();
    placeOverlays();
}

void GraphView::outlineNodes(const QStringList& ids, const QHash<QString, QString>& staying) {
    m_outlined = QSet<QString>(ids.begin(), ids.end());
    m_staying = staying;
    applyOutlines();
}

void GraphView::applyOutlines() {
    using Outline = NodeItem::Outline;
    for (NodeItem* node : m_scene->nodes()) {
        const QString id = node->id();
        const bool stays = m_staying.contains(id) && !m_outlined.contains(id);
        node->setOutline(m_outlined.contains(id) ? Outline::Shrinks : stays ? Outline::Stays : Outline::None, m_staying.value(id));
    }
}

void GraphView::fit() { m_canvas->fit(); }
void GraphView::resetZoom() { m_canvas->setZoom(1, QRectF(m_canvas->viewport()->rect()).center()); }
void GraphView::zoomIn() { m_canvas->zoomBy(1.25); }
void GraphView::zoomOut() { m_canvas->zoomBy(1 / 1.25); }

void GraphView::openFind() {
    m_findBar->open();
    placeOverlays();
}

std::vector<QRectF> GraphView::visibleNodes() const {
    std::vector<QRectF> rects;
    const QTransform toView = m_canvas->viewportTransform();
    for (const QGraphicsItem* item : m_canvas->items(m_canvas->viewport()->rect())) {
        const auto* node = dynamic_cast<const NodeItem*>(item);
        if (node) rects.push_back(toView.mapRect(node->card().translated(node->pos())));
    }
    return rects;
}

void GraphView::placeOverlays() {
    m_findBar->adjustSize();
    m_findBar->move(width() - m_findBar->width() - margin, margin - 4);
    const std::vector<QRectF> nodes = visibleNodes();
    std::vector<QRect> taken;
    if (m_findBar->isVisible()) taken.push_back(m_findBar->geometry());
    m_legend->resize(m_legend->sizeHint());
    const CornerPlace legend = placeInCorner(size(), m_legend->size(), margin, Corner::BottomLeft, nodes, taken);
    m_legend->move(legend.rect.topLeft());
    m_legend->setTranslucent(!legend.isFree());
    if (!m_legend->isHidden()) taken.push_back(m_legend->geometry());
    placeMinimap(nodes, taken);
    const int noticeWidth = std::min(width() - 2 * margin, 420);
    m_notice->resize(noticeWidth, m_notice->layout()->totalHeightForWidth(noticeWidth));
    m_notice->move((width() - m_notice->width()) / 2, (height() - m_notice->height()) / 2);
    m_cover->setGeometry(rect());
    for (QWidget* overlay :
         {static_cast<QWidget*>(m_legend), static_cast<QWidget*>(m_minimap), m_notice, static_cast<QWidget*>(m_findBar), m_cover}) {
        overlay->raise();
    }
}

void GraphView::placeMinimap(const std::vector<QRectF>& nodes, const std::vector<QRect>& taken) {
    // Under the pointer it is being used: it neither goes nor moves.
    if (m_minimap->isVisible() && m_minimap->underMouse()) return;
    const QRectF visible = m_canvas->viewportTransform().inverted().mapRect(QRectF(m_canvas->viewport()->rect()));
    const bool isNeeded = !m_scene->nodes().empty() && !visible.contains(m_scene->content());
    const CornerPlace place = placeInCorner(size(), minimapSize, margin, Corner::BottomRight, nodes, taken);
    // A small view needs its room for the nodes themselves.
    const bool hasRoom = width() >= 420 && height() >= 240 && (place.isFree() || (width() >= 700 && height() >= 420));
    m_minimap->setGeometry(place.rect);
    m_minimap->setVisible(isNeeded && hasRoom);
}

void GraphView::retranslate() {
    m_canvas->setAccessibleName(tr("Graph of the model"));
    m_minimap->setAccessibleName(tr("Overview of the graph"));
    m_minimap->setToolTip(tr("Overview: drag to move"));
    m_coverButton->setText(tr("Cancel"));
    // Tool tips hold translated words.
    for (NodeItem* node : m_scene->nodes())
        node->setNode(layout::DrawNode(node->node()));
    if (m_job->isRunning() && m_notice->isVisible()) showNotice(tr("Laying out…"), tr("Cancel"));
}

void GraphView::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    if (event->type() == QEvent::PaletteChange) m_scene->update();
    if (event->type() == QEvent::FontChange && !m_drawing.nodes.empty()) startLayout();
    QWidget::changeEvent(event);
}

void GraphView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    placeOverlays();
}

} // namespace lathe::views

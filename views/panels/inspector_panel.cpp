#include <views/panels/inspector_panel.h>

#include <algorithm>

#include <QEvent>
#include <QVBoxLayout>

#include <core/layout/node_detail.h>
#include <views/graph/node_item.h>
#include <views/models/engine_text.h>
#include <views/models/figure_words.h>
#include <views/models/number_text.h>
#include <views/models/step_text.h>
#include <views/models/text.h>
#include <views/panels/layer_inspector.h>
#include <views/panels/step_inspector.h>
#include <views/widgets/figure_list.h>
#include <views/widgets/labels.h>
#include <views/widgets/panel_header.h>

namespace lathe::views {

namespace {

QScrollArea* scrolling(QWidget* content) {
    auto* area = new QScrollArea;
    area->setWidget(content);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    return area;
}

const layout::DrawNode* findNode(const Session& session, const QString& id) {
    if (!session.model()) return nullptr;
    // The original's facts, where it was drawn with this node in sight.
    for (const layout::Drawing* drawing : {&session.model()->drawing, &session.drawing()}) {
        const auto found = std::ranges::find(drawing->nodes, toStd(id), &layout::DrawNode::id);
        if (found != drawing->nodes.end()) return &*found;
    }
    return nullptr;
}

} // namespace

InspectorPanel::InspectorPanel(Session& session, RecipeEditor& editor, Workbench& workbench, QWidget* parent)
    : QWidget(parent), m_session(session), m_title(new ElidedLabel(LabelKind::Strong, this)),
      m_subtitle(new ElidedLabel(LabelKind::Muted, this)), m_pages(new QStackedWidget(this)),
      m_layer(new LayerInspector(session, editor, workbench)), m_step(new StepInspector(session, editor)), m_facts(new QWidget),
      m_factsList(new FigureList(m_facts)), m_factsNote(makeWrappedLabel(LabelKind::Muted, m_facts)) {
    auto* header = new PanelHeader(this);
    m_title->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    header->row()->addWidget(m_title);
    header->row()->addWidget(m_subtitle, 1);

    auto* factsColumn = new QVBoxLayout(m_facts);
    factsColumn->setContentsMargins(12, 10, 8, 10);
    factsColumn->setSpacing(10);
    factsColumn->addWidget(m_factsList);
    factsColumn->addWidget(m_factsNote);
    factsColumn->addStretch(1);
    for (QWidget* page : std::initializer_list<QWidget*>{m_layer, m_step, m_facts})
        m_pages->addWidget(scrolling(page));
    retranslate();

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(header);
    column->addWidget(m_pages, 1);

    connect(&session, &Session::selectedNodesChanged, this, &InspectorPanel::showSelection);
    connect(&session, &Session::selectedStepChanged, this, &InspectorPanel::showSelection);
    connect(&session, &Session::modelChanged, this, &InspectorPanel::showSelection);
    connect(&session.recipe(), &RecipeModel::recipeChanged, this, &InspectorPanel::showSelection);
    connect(&session, &Session::previewChanged, this, &InspectorPanel::showSelection);
    connect(&session, &Session::lastRunChanged, this, &InspectorPanel::showSelection);
    showSelection();
}

QString InspectorPanel::title() const { return m_title->text(); }

void InspectorPanel::showSelection() {
    const QStringList layers = m_session.selectedLayers();
    const QStringList& nodes = m_session.selectedNodes();
    if (!layers.isEmpty()) {
        m_pages->setCurrentIndex(0);
        if (layers.size() == 1) {
            m_title->setText(layers.front());
            const layout::DrawNode* node = findNode(m_session, layers.front());
            const QString separator = toQt(layout::detailSeparator);
            m_subtitle->setText(
                toQt(m_session.layers().layer(layers.front())->op) %
                (node && !node->detail.empty() ? separator % NodeItem::operatorLine(*node).section(separator, 1) : QString()));
        } else {
            m_title->setText(tr("%n layers", nullptr, static_cast<int>(layers.size())));
            m_subtitle->setText(layers.join(QStringLiteral(", ")));
        }
    } else if (!nodes.isEmpty()) {
        m_pages->setCurrentIndex(2);
        showNode(nodes.front());
    } else if (m_session.selectedStep() >= 0) {
        m_pages->setCurrentIndex(1);
        m_title->setText(step_text::title(m_session.recipe().step(m_session.selectedStep()).op));
        m_subtitle->setText(tr("step %1").arg(m_session.selectedStep() + 1));
    } else {
        m_pages->setCurrentIndex(2);
        showModel();
    }
}

void InspectorPanel::showNode(const QString& id) {
    m_title->setText(id);
    m_subtitle->clear();
    std::vector<FigureList::Figure> figures;
    if (const layout::DrawNode* node = findNode(m_session, id)) {
        m_title->setText(toQt(node->label));
        const bool isModule = node->op == layout::moduleOp;
        m_subtitle->setText(isModule ? NodeItem::operatorLine(*node) : toQt(node->op));
        if (isModule) {
            figures.push_back({tr("Parameters"), countText(node->parameters), {}});
            if (node->macs > 0) figures.push_back({tr("MACs"), countText(node->macs), {}});
            m_factsList->setFigures(figures);
            m_factsNote->setText(tr("A module without layers: there is nothing to set for it."));
            return;
        }
        figures.push_back({tr("Shape"), shapeText(toQt(node->shape)), {}});
        figures.push_back({tr("Type"), toQt(node->dtype), {}});
        if (!node->scope.empty()) figures.push_back({tr("Module"), toQt(node->scope), {}});
        if (!node->source.empty()) figures.push_back({tr("Source"), toQt(node->source), {}});
        if (node->macs > 0) figures.push_back({tr("MACs"), countText(node->macs), {}});
        if (const measure::LayerResult* result = m_session.layers().measured(id)) {
            figures.push_back({tr("Kernel"), toQt(result->kernel), {}});
            for (const history::Figure& figure : history::layerFigures())
                if (const auto value = history::valueOf(figure, *result); value && figure.isOfRun)
                    figures.push_back({figureName(figure), figureNumberText(figure, *value), {}});
        } else if (const QString other = m_session.layers().coveredBy(id); !other.isEmpty()) {
            //: Instead of a time: the operator runs as a part of the node %1
            figures.push_back({tr("Time"), tr("in %1").arg(other), {}});
        }
    }
    m_factsList->setFigures(figures);
    m_factsNote->setText(tr("This operator has no weights: there is nothing to set for it."));
}

void InspectorPanel::showModel() {
    m_title->setText(tr("Model"));
    m_subtitle->clear();
    std::vector<FigureList::Figure> figures;
    m_factsNote->setText(tr("Select a layer in the graph or in the table, or a step of the recipe, to change it."));
    if (m_session.model()) {
        const client::OpenReply& model = *m_session.model();
        m_subtitle->setText(toQt(model.name));
        figures.push_back({tr("Format"), toQt(model.format), {}});
        figures.push_back({tr("File"), bytesText(model.fileBytes), {}});
        figures.push_back({tr("Parameters"), countText(model.parameters), {}});
        figures.push_back({tr("MACs"), macsText(model.macs, model.macsUnknownLayers), {}});
        for (const std::string& signature : model.report.inputs)
            figures.push_back({tr("Input"), signatureText(toQt(signature)), {}});
        for (const std::string& state : model.report.state)
            //: What the model keeps from one call to the next
            figures.push_back({tr("State"), signatureText(toQt(state)), {}});
        figures.push_back({tr("Operators"), countText(model.report.nodes), {}});
        if (!model.report.problems.empty()) {
            QStringList problems;
            for (const client::ImportIssue& issue : model.report.problems)
                problems << toQt(issue.op) % QStringLiteral(": ") % engineText(issue.reason);
            m_factsNote->setText(problems.join(u'\n'));
        }
    }
    m_factsList->setFigures(figures);
}

void InspectorPanel::retranslate() {
    for (int page = 0; page < m_pages->count(); ++page)
        m_pages->widget(page)->setAccessibleName(tr("Inspector"));
}

void InspectorPanel::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
        showSelection();
    }
    QWidget::changeEvent(event);
}

} // namespace lathe::views

#include <views/panels/layer_inspector.h>

#include <algorithm>

#include <QEvent>

#include <core/steps/step_table.h>
#include <views/models/engine_text.h>
#include <views/models/figure_words.h>
#include <views/models/number_text.h>
#include <views/models/step_text.h>
#include <views/models/text.h>
#include <views/panels/knob_form.h>
#include <views/panels/loss_figures.h>
#include <views/widgets/flat_tab_bar.h>
#include <views/widgets/labels.h>
#include <views/widgets/panel_header.h>

namespace lathe::views {

namespace {

constexpr int histogramBins = 48;

std::vector<const steps::ParameterSpec*> layerParameters(const std::string& op) {
    std::vector<const steps::ParameterSpec*> parameters;
    const steps::StepSpec* spec = steps::findStepSpec(op);
    if (!spec) return parameters;
    for (const steps::ParameterSpec& parameter : spec->parameters) {
        if (parameter.perLayer) parameters.push_back(&parameter);
    }
    // First whether the step applies to the layer at all.
    std::stable_partition(parameters.begin(), parameters.end(),
                          [](const auto* parameter) { return parameter->key == "keep" || parameter->key == "skip"; });
    return parameters;
}

} // namespace

LayerInspector::LayerInspector(Session& session, RecipeEditor& editor, Workbench& workbench, QWidget* parent)
    : QWidget(parent), m_session(session), m_editor(editor), m_workbench(workbench), m_sectionsArea(new QWidget(this)),
      m_sectionsLayout(new QVBoxLayout(m_sectionsArea)), m_noKnobs(makeWrappedLabel(LabelKind::Muted, this)),
      m_weightsHeader(new PanelHeader(this)), m_weightsTabs(new FlatTabBar(this)), m_histogram(new HistogramWidget(this)),
      m_codebook(makeWrappedLabel(LabelKind::Muted, this)), m_spectrum(new SpectrumWidget(this)),
      m_rank(makeWrappedLabel(LabelKind::Muted, this)), m_figures(new FigureList(this)) {
    m_sectionsLayout->setContentsMargins(12, 8, 8, 8);
    m_sectionsLayout->setSpacing(6);
    m_sectionsLayout->addWidget(m_noKnobs);
    m_weightsTabs->addTab({});
    m_weightsHeader->row()->setContentsMargins(5, 0, 8, 1);
    m_weightsHeader->row()->addWidget(m_weightsTabs);
    m_weightsHeader->row()->addStretch(1);

    auto* figures = new QWidget(this);
    auto* figuresColumn = new QVBoxLayout(figures);
    figuresColumn->setContentsMargins(12, 8, 8, 10);
    figuresColumn->addWidget(m_histogram);
    figuresColumn->addWidget(m_codebook);
    figuresColumn->addWidget(m_spectrum);
    figuresColumn->addWidget(m_rank);
    figuresColumn->addWidget(m_figures);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_sectionsArea);
    column->addWidget(m_weightsHeader);
    column->addWidget(figures);
    column->addStretch(1);

    m_rank->setObjectName(QStringLiteral("rankWords"));
    connect(m_spectrum, &SpectrumWidget::rankShown, this, &LayerInspector::showRank);
    connect(m_spectrum, &SpectrumWidget::rankChosen, this, &LayerInspector::chooseRank);
    connect(&session, &Session::selectedNodesChanged, this, &LayerInspector::showSelection);
    connect(&session.recipe(), &RecipeModel::recipeChanged, this, &LayerInspector::showSelection);
    connect(&session, &Session::previewChanged, this, [this] {
        showFigures();
        for (const Section& section : m_sections) {
            showNotes(section);
            showCoupled(section);
        }
        requestWeights();
    });
    connect(&session, &Session::lastRunChanged, this, &LayerInspector::showFigures);
    showSelection();
}

KnobForm* LayerInspector::form(int step) const {
    for (const Section& section : m_sections) {
        if (section.step == step) return section.form;
    }
    return nullptr;
}

void LayerInspector::showSelection() {
    rebuildSections();
    for (const Section& section : m_sections) {
        showSection(section);
        showNotes(section);
        showCoupled(section);
    }
    showFigures();
    requestWeights();
}

void LayerInspector::rebuildSections() {
    std::vector<std::pair<int, std::string>> wanted;
    for (int step = 0; step < m_session.recipe().stepCount(); ++step) {
        const std::string& op = m_session.recipe().step(step).op;
        if (!layerParameters(op).empty()) wanted.emplace_back(step, op);
    }
    const bool isSame = std::equal(wanted.begin(), wanted.end(), m_sections.begin(), m_sections.end(),
                                   [](const auto& a, const Section& b) { return a.first == b.step && a.second == b.op; });
    m_noKnobs->setVisible(wanted.empty());
    m_noKnobs->setText(tr("Add a step that prunes or quantizes to see its settings for single layers here."));
    if (isSame) return; // A control that is being dragged must survive its own edit.

    for (const Section& section : m_sections) {
        delete section.title;
        delete section.form;
        delete section.notes;
        delete section.coupled;
    }
    m_sections.clear();
    for (const auto& [step, op] : wanted) {
        Section section{step, op, makeLabel(LabelKind::Strong, m_sectionsArea), new KnobForm(layerParameters(op), m_sectionsArea),
                        makeWrappedLabel(LabelKind::Muted, m_sectionsArea)};
        section.notes->setObjectName(QStringLiteral("layerNotes%1").arg(step));
        section.title->setContentsMargins(0, m_sections.empty() ? 0 : 8, 0, 0);
        m_sectionsLayout->addWidget(section.title);
        m_sectionsLayout->addWidget(section.form);
        m_sectionsLayout->addWidget(section.notes);
        if (op == "prune.structured") {
            section.coupled = makeWrappedLabel(LabelKind::Muted, m_sectionsArea);
            m_sectionsLayout->addWidget(section.coupled);
        }
        connect(section.form, &KnobForm::edited, this, [this, index = step](const std::string& key, const base::Json& value) {
            m_editor.setParameter({index, key, m_session.selectedLayers()}, value);
        });
        connect(section.form, &KnobForm::resetWished, this, [this, index = step](const std::string& key) {
            m_editor.setParameter({index, key, m_session.selectedLayers()}, std::nullopt);
        });
        connect(section.form, &KnobForm::dragBegan, &m_editor, &RecipeEditor::beginGesture);
        connect(section.form, &KnobForm::dragEnded, &m_editor, &RecipeEditor::endGesture);
        m_sections.push_back(section);
    }
}

void LayerInspector::showSection(const Section& section) {
    const steps::Step step = m_session.recipe().boundStep(section.step);
    steps::Step common = step; // what would hold for a layer of which nothing is said by itself
    common.layers.clear();
    const std::vector<std::string> layers = toStd(m_session.selectedLayers());
    //: Number and title of a step: "4 · Quantize static"
    section.title->setText(tr("%1 · %2").arg(section.step + 1).arg(step_text::title(step.op)));
    section.title->setEnabled(step.enabled);
    section.form->setEnabled(step.enabled && !layers.empty());
    if (layers.empty()) return;
    const bool areLeftOut = std::all_of(layers.begin(), layers.end(), [&](const std::string& layer) { return step.leavesOut(layer); });
    section.form->showValues([&](const steps::ParameterSpec& parameter) {
        KnobForm::Value value{step.parameter(parameter.key, layers.front()), false, true};
        value.isEnabled = !areLeftOut || parameter.key == "keep" || parameter.key == "skip";
        for (const std::string& layer : layers) {
            const base::Json own = step.parameter(parameter.key, layer);
            if (value.value && own != *value.value) value.value.reset();
            value.isOverridden |= own != common.parameter(parameter.key, layer);
        }
        return value;
    });
}

void LayerInspector::showCoupled(const Section& section) {
    if (!section.coupled) return;
    const QStringList coupled = m_session.layers().coupledWith(m_session.selectedLayers());
    //: %1 is a list of layers whose tensors get smaller when channels of the selected layer are removed
    section.coupled->setText(tr("Also shrinks: %1").arg(coupled.join(QStringLiteral(", "))));
    section.coupled->setVisible(!coupled.isEmpty());
}

void LayerInspector::showNotes(const Section& section) {
    QStringList notes;
    for (const QString& name : m_session.selectedLayers()) {
        for (const client::LayerNote& note : m_session.layers().layer(name)->notes) {
            if (note.step == section.step) notes << engineText(note.message);
        }
    }
    section.notes->setText(notes.join(u'\n'));
    section.notes->setVisible(!notes.isEmpty());
}

void LayerInspector::addLayerFigures(std::vector<FigureList::Figure>& figures, const measure::LayerFigures& layer, bool areOfRun) const {
    for (const history::Figure& figure : history::layerFigures()) {
        const auto value = history::valueOf(figure, layer);
        // The bits stand beside the shape; what no step made of the layer, and no zeros, are nothing to tell.
        const bool isToldElsewhere = figure.name == "bits" || (figure.name == "sparsity" && value == 0);
        const bool isPart = std::ranges::any_of(history::lossPartFigures(), [&](const history::Figure& part) { return &part == &figure; });
        const bool isOfSomeLayers = !figure.isAlwaysInJson && figure.isOfWeights;
        if (figure.isOfRun != areOfRun || isToldElsewhere || (isOfSomeLayers && !value)) continue;
        const bool isDoubtful = value && m_session.layers().isDoubtful(figure);
        figures.push_back({(isPart ? QStringLiteral("– ") : QString()) % figureName(figure),
                           (isDoubtful ? QStringLiteral("≈") : QString()) % layerFigureText(figure, value),
                           isDoubtful ? tr("not reliable") : QString()});
    }
}

void LayerInspector::showFigures() {
    const QStringList names = m_session.selectedLayers();
    std::vector<FigureList::Figure> figures;
    if (names.size() == 1) {
        const client::LayerInfo* layer = m_session.layers().layer(names.front());
        figures.push_back({tr("Weights"), shapeText(toQt(tensor::text(layer->weightShape))),
                           layer->bits == 16  ? tr("half")
                           : layer->bits < 32 ? tr("int%1").arg(layer->bits)
                                              : tr("float")});
        addLayerFigures(figures, *layer, false);
        if (const measure::LayerResult* result = m_session.layers().measured(names.front())) {
            const QString truth = result->kind == measure::Truth::Real ? tr("real") : tr("simulated");
            addLayerFigures(figures, *result, true);
            figures.push_back({tr("Kernel"), toQt(result->kernel), truth});
            if (!result->covers.empty()) {
                //: Nodes whose work is done within the layer's kernel, and is in its time: a list follows
                figures.push_back({tr("Together with"), toQt(result->covers).join(QStringLiteral(", ")), {}});
            }
            if (!result->reason.empty()) figures.push_back({tr("Chosen because"), engineText(result->reason), {}});
        }
    } else if (names.size() > 1) {
        std::int64_t parameters = 0, macs = 0, unknown = 0;
        const history::Figure& loss = *history::layerFigureNamed("loss");
        measure::LayerFigures sum;
        const auto add = [&](const history::Figure& figure, const measure::LayerFigures& layer) {
            if (const auto value = history::valueOf(figure, layer))
                (void)history::setValue(figure, history::valueOf(figure, sum).value_or(0) + *value, sum);
        };
        for (const QString& name : names) {
            const client::LayerInfo* layer = m_session.layers().layer(name);
            parameters += layer->parameters;
            macs += layer->macs.value_or(0);
            unknown += layer->macs ? 0 : 1;
            add(loss, *layer);
            for (const history::Figure& part : history::lossPartFigures())
                add(part, *layer);
        }
        figures.push_back({figureName(loss), layerFigureText(loss, sum.loss), {}});
        addLossParts(figures, sum.lossParts);
        figures.push_back({tr("Parameters"), countText(parameters), {}});
        figures.push_back({tr("MACs"), macsText(macs, unknown), {}});
    }
    m_figures->setFigures(figures);
    m_weightsTabs->setTabText(0, names.size() > 1 ? tr("All selected") : tr("Weights"));
    m_histogram->setAccessibleName(tr("Distribution of the weights"));
}

void LayerInspector::requestWeights() {
    const QStringList names = m_session.selectedLayers();
    const int serial = ++m_weightsSerial;
    m_histogram->setVisible(names.size() == 1);
    if (names.size() != 1) return showWeights({});
    m_workbench.weights(names.front(), histogramBins, this, [this, serial](const base::Result<client::WeightsReply>& reply) {
        if (serial != m_weightsSerial) return;
        if (reply) return showWeights(*reply);
        showWeights({});
        HistogramWidget::Content problem;
        problem.message = engineText(reply.error());
        m_histogram->setContent(std::move(problem));
        m_histogram->setToolTip({});
    });
}

void LayerInspector::showWeights(const client::WeightsReply& weights) {
    HistogramWidget::Content content{weights.histogram.from, weights.histogram.to, weights.histogram.counts, std::nullopt, {}, {}};
    if (weights.codebook && weights.codebook->codebooks == 1) content.marks = weights.codebook->numbers;
    m_histogram->setContent(std::move(content));
    m_codebook->setVisible(weights.codebook.has_value());
    if (weights.codebook) {
        const auto numbers = static_cast<int>(weights.codebook->numbers.size());
        m_codebook->setText(weights.codebook->codebooks == 1
                                ? tr("Marked: the %n numbers of its codebook", nullptr, numbers)
                                : tr("It has %n codebooks", nullptr, static_cast<int>(weights.codebook->codebooks)));
    }
    m_spectrumInfo = weights.spectrum;
    m_spectrum->setVisible(weights.spectrum.has_value());
    m_rank->setVisible(weights.spectrum.has_value());
    std::vector<SpectrumWidget::Point> points;
    if (weights.spectrum) {
        for (const client::SpectrumPoint& point : weights.spectrum->points)
            points.push_back({point.rank, point.energy});
    }
    m_spectrum->setContent(std::move(points), weights.spectrum ? weights.spectrum->rank : 0);
    showRank(m_spectrum->rank());
    m_histogram->setToolTip(
        tr("%1 values, mean %2, standard deviation %3, %4 zeros")
            .arg(countText(weights.count), figureText(weights.mean), figureText(weights.stddev), countText(weights.zeros)));
}

void LayerInspector::showRank(std::int64_t rank) {
    if (!m_spectrumInfo) return;
    const auto& points = m_spectrumInfo->points;
    const auto at = std::find_if(points.begin(), points.end(), [&](const client::SpectrumPoint& point) { return point.rank == rank; });
    if (at == points.end()) return m_rank->clear();
    const client::SpectrumPoint& before = m_spectrumInfo->before;
    QStringList lines{tr("Rank %1 of %2 keeps %3 of the energy").arg(countText(at->rank), countText(before.rank), percentText(at->energy))};
    lines << tr("%1 parameters instead of %2").arg(countText(at->parameters), countText(before.parameters));
    if (at->macs && before.macs) lines << tr("%1 instead of %2").arg(macsText(*at->macs, 0), macsText(*before.macs, 0));
    if (at->parameters >= before.parameters) lines << tr("The layer would not get smaller");
    m_rank->setText(lines.join(u'\n'));
}

void LayerInspector::chooseRank(std::int64_t rank) {
    if (!m_spectrumInfo) return;
    const QStringList layers = m_session.selectedLayers();
    m_editor.setParameter({m_spectrumInfo->step, "target", layers}, "rank");
    m_editor.setParameter({m_spectrumInfo->step, "rank", layers}, rank);
}

void LayerInspector::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        for (const Section& section : m_sections)
            section.form->retranslate();
        showSelection();
    }
    QWidget::changeEvent(event);
}

} // namespace lathe::views

#include <views/panels/step_inspector.h>

#include <QCoreApplication>
#include <QEvent>
#include <QVBoxLayout>

#include <core/history/step_curve.h>
#include <core/steps/step_table.h>
#include <views/models/engine_text.h>
#include <views/models/latency_prediction.h>
#include <views/models/number_text.h>
#include <views/models/step_text.h>
#include <views/models/text.h>
#include <views/panels/knob_form.h>
#include <views/panels/loss_figures.h>
#include <views/panels/where_editor.h>
#include <views/widgets/labels.h>
#include <views/widgets/loss_curve.h>

namespace lathe::views {

namespace {

/// Each part of the curve, from the first epoch to the last.
void addCurve(std::vector<FigureList::Figure>& figures, const steps::TrainingCurve& curve) {
    for (const steps::TrainingCurvePart& part : steps::trainingCurveParts) {
        const std::vector<double>& values = curve.*part.values;
        if (values.empty()) continue;
        const auto text = [&](double value) { return part.isFraction ? percentText(value, 2) : figureText(value); };
        figures.push_back(
            {QCoreApplication::translate("Figure", part.words), text(values.front()) % QStringLiteral(" → ") % text(values.back()), {}});
    }
}

/// The result of step `index` in a run that had the recipe as it is now.
const measure::StepResult* resultOf(const Session& session, int index) {
    const std::optional<measure::RunDocument>& run = session.lastRun();
    if (!run || run->recipeJson.empty()) return nullptr;
    const base::Result<recipe::Recipe> ran = recipe::parse(run->recipeJson);
    if (!ran || ran->steps.size() != static_cast<std::size_t>(session.recipe().stepCount())) return nullptr;
    // The run lists enabled steps only.
    std::size_t position = 0;
    for (int step = 0; step < index; ++step)
        position += session.recipe().step(step).enabled ? 1 : 0;
    if (!(ran->steps[static_cast<std::size_t>(index)] == session.recipe().step(index)) || !session.recipe().step(index).enabled)
        return nullptr;
    return position < run->steps.size() ? &run->steps[position] : nullptr;
}

} // namespace

StepInspector::StepInspector(Session& session, RecipeEditor& editor, QWidget* parent)
    : QWidget(parent), m_session(session), m_editor(editor), m_description(makeWrappedLabel(LabelKind::Muted, this)),
      m_where(new WhereEditor(this)), m_warnings(makeWrappedLabel(LabelKind::Strong, this)), m_figures(new FigureList(this)),
      m_curve(new LossCurve(this)), m_notes(makeWrappedLabel(LabelKind::Muted, this)) {
    m_curve->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_curve->setFixedHeight(64);
    setStyleProperty(m_warnings, "bad", true);
    m_warnings->setObjectName(QStringLiteral("stepWarnings"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 10, 8, 10);
    column->setSpacing(10);
    column->addWidget(m_description);
    column->addWidget(m_warnings);
    column->addWidget(m_where);
    column->addWidget(m_figures);
    column->addWidget(m_curve);
    column->addWidget(m_notes);
    column->addStretch(1);
    connect(m_where, &WhereEditor::edited, this, [this](const steps::Where& where) { m_editor.setWhere(m_session.selectedStep(), where); });
    connect(&session, &Session::selectedStepChanged, this, &StepInspector::showStep);
    connect(&session, &Session::modelChanged, this, &StepInspector::showStep);
    connect(&session.recipe(), &RecipeModel::recipeChanged, this, &StepInspector::showStep);
    connect(&session, &Session::previewChanged, this, &StepInspector::showFigures);
    connect(&session, &Session::lastRunChanged, this, &StepInspector::showFigures);
    showStep();
}

void StepInspector::showStep() {
    const int index = m_session.selectedStep();
    if (index < 0) return;
    const steps::Step& step = m_session.recipe().step(index);
    const steps::StepSpec* spec = steps::findStepSpec(step.op);
    if (!spec) return;
    m_description->setText(step_text::description(step.op));
    m_where->setVisible(steps::takesWhere(*spec));
    m_where->showStep(step, m_session.recipe().layerNames());
    if (!m_form || m_formOp != step.op) {
        delete m_form;
        std::vector<const steps::ParameterSpec*> shown;
        for (const steps::ParameterSpec& parameter : spec->parameters) {
            // These make sense for single layers only.
            if (parameter.key != "keep" && parameter.key != "skip") shown.push_back(&parameter);
        }
        m_form = new KnobForm(shown, this);
        m_formOp = step.op;
        static_cast<QVBoxLayout*>(layout())->insertWidget(2, m_form);
        m_form->setVisible(!m_form->isEmpty());
        connect(m_form, &KnobForm::edited, this, [this](const std::string& key, const base::Json& value) {
            m_editor.setParameter({m_session.selectedStep(), key, {}}, value);
        });
        connect(m_form, &KnobForm::resetWished, this, [this](const std::string& key) {
            m_editor.setParameter({m_session.selectedStep(), key, {}}, std::nullopt);
        });
        connect(m_form, &KnobForm::dragBegan, &m_editor, &RecipeEditor::beginGesture);
        connect(m_form, &KnobForm::dragEnded, &m_editor, &RecipeEditor::endGesture);
    }
    m_form->showValues([&](const steps::ParameterSpec& parameter) {
        const base::Json value = step.parameter(parameter.key);
        return KnobForm::Value{value, value != parameter.defaultValue, true};
    });
    showFigures();
}

void StepInspector::showFigures() {
    const int index = m_session.selectedStep();
    if (index < 0) return;
    std::vector<FigureList::Figure> figures;
    QStringList notes, warnings;
    steps::TrainingCurve curve;
    if (m_session.preview()) {
        for (const client::StageInfo& stage : m_session.preview()->stages) {
            if (stage.step != index) continue;
            figures.push_back({tr("Parameters"), countText(stage.parameters), {}});
            figures.push_back({tr("MACs"), macsText(stage.macs, stage.macsUnknownLayers), {}});
            figures.push_back({tr("Weights"), bytesText(stage.weightBytes), {}});
            if (&stage == &m_session.preview()->stages.back()) {
                const std::optional<measure::RunDocument>& run = m_session.lastRun();
                const auto callUs = run ? predictedCallUs(m_session.preview()->layers, *run) : std::nullopt;
                // Beside a time that was worked out, or instead of one.
                figures.push_back({tr("Latency"), callUs ? QStringLiteral("≈ ") % microsecondsText(callUs) : QStringLiteral("–"),
                                   callUs ? tr("predicted") : tr("run to measure")});
            }
            if (stage.lossTotal) figures.push_back({QStringLiteral("½‖θ−θ̂‖²"), figureText(stage.lossTotal), {}});
            addLossParts(figures, stage.lossParts);
            for (const base::Message& warning : stage.warnings)
                warnings << engineText(warning);
            for (const base::Message& note : stage.notes)
                notes << engineText(note);
        }
    }
    if (const measure::StepResult* result = resultOf(m_session, index)) {
        figures.push_back({tr("Last run"), microsecondsText(result->seconds * 1e6), {}});
        curve = history::curveOf(*result);
        addCurve(figures, curve);
        for (const base::Message& warning : result->warnings) {
            if (const QString text = engineText(warning); !warnings.contains(text)) warnings << text;
        }
        for (const base::Message& note : result->notes) {
            if (const QString text = engineText(note); !notes.contains(text)) notes << text;
        }
    }
    m_figures->setFigures(figures);
    m_curve->clear();
    for (std::size_t epoch = 0; epoch < curve.losses.size(); ++epoch) {
        const double done = static_cast<double>(epoch + 1) / static_cast<double>(curve.losses.size());
        const bool isValidated = epoch < curve.validationLosses.size();
        m_curve->add(done, curve.losses[epoch], isValidated ? std::optional(curve.validationLosses[epoch]) : std::nullopt);
    }
    m_curve->setVisible(m_curve->points().size() > 1);
    for (const QString& warning : warnings)
        notes.removeAll(warning); // said above
    m_warnings->setText(warnings.join(u'\n'));
    m_warnings->setVisible(!warnings.isEmpty());
    m_notes->setText(notes.join(u'\n'));
    m_notes->setVisible(!notes.isEmpty());
}

void StepInspector::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        if (m_form) m_form->retranslate();
        showStep();
    }
    QWidget::changeEvent(event);
}

} // namespace lathe::views

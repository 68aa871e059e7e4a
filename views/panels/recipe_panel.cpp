#include <views/panels/recipe_panel.h>

#include <QAction>
#include <QEvent>
#include <QFileInfo>
#include <QVBoxLayout>

#include <core/steps/step_table.h>
#include <views/models/engine_text.h>
#include <views/models/latency_prediction.h>
#include <views/models/number_text.h>
#include <views/models/step_text.h>
#include <views/models/text.h>
#include <views/panels/step_delegate.h>
#include <views/widgets/labels.h>
#include <views/widgets/panel_header.h>
#include <views/widgets/themed_icon.h>

namespace lathe::views {

RecipePanel::RecipePanel(Session& session, RecipeEditor& editor, QWidget* parent)
    : QWidget(parent), m_session(session), m_editor(editor), m_title(makeLabel(LabelKind::Strong, this)),
      m_name(new ElidedLabel(LabelKind::Muted, this)), m_list(new QListView(this)), m_empty(makeWrappedLabel(LabelKind::Muted, this)),
      m_add(new QPushButton(this)), m_addMenu(new QMenu(this)), m_predictionTitle(makeLabel(LabelKind::Muted, this)),
      m_prediction(makeWrappedLabel(LabelKind::Strong, this)), m_predictionNote(makeWrappedLabel(LabelKind::Muted, this)) {
    auto* header = new PanelHeader(this);
    header->row()->addWidget(m_title);
    header->row()->addWidget(m_name, 1);
    m_name->setAlignment(Qt::AlignRight | Qt::AlignVCenter);

    m_list->setObjectName(QStringLiteral("recipeList"));
    m_list->setModel(&session.recipe());
    m_list->setItemDelegate(new StepDelegate(m_list));
    m_list->setSelectionMode(QAbstractItemView::SingleSelection);
    m_list->setDragDropMode(QAbstractItemView::InternalMove);
    m_list->setDefaultDropAction(Qt::MoveAction);
    m_list->setResizeMode(QListView::Adjust);
    m_list->setMouseTracking(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_list->viewport()->installEventFilter(this);

    m_add->setIcon(themedIcon(QStringLiteral("add")));
    m_add->setMenu(m_addMenu);
    m_add->setProperty("menu", true);
    m_empty->setContentsMargins(12, 12, 12, 0);

    auto* addRow = new QHBoxLayout;
    addRow->setContentsMargins(12, 6, 12, 6);
    addRow->addWidget(m_add);
    addRow->addStretch(1);

    auto* footer = new QFrame(this);
    auto* footerColumn = new QVBoxLayout(footer);
    footerColumn->setContentsMargins(12, 8, 12, 8);
    footerColumn->setSpacing(2);
    for (QLabel* label : {m_predictionTitle, m_prediction, m_predictionNote})
        footerColumn->addWidget(label);
    auto* line = new QFrame(this);
    line->setFrameShape(QFrame::HLine);
    line->setForegroundRole(QPalette::Mid);
    line->setFrameShadow(QFrame::Plain);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(header);
    column->addWidget(m_empty);
    column->addWidget(m_list, 1);
    column->addLayout(addRow);
    column->addStretch(0);
    column->addWidget(line);
    column->addWidget(footer);

    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this,
            [this](const QModelIndex& current) { m_session.selectStep(current.isValid() ? current.row() : -1); });
    // Choosing a step turns the inspector to it, also when it was the current one already.
    connect(m_list, &QListView::clicked, this, [this] { m_session.selectNodes({}); });
    connect(&session, &Session::selectedStepChanged, this, &RecipePanel::showSelectedStep);
    connect(&session, &Session::previewChanged, this, &RecipePanel::showPrediction);
    connect(&session, &Session::lastRunChanged, this, &RecipePanel::showPrediction);
    connect(&session, &Session::engineChanged, this, &RecipePanel::fillAddMenu);
    connect(&session, &Session::recipeFileChanged, this, &RecipePanel::showName);
    connect(&session.recipe(), &RecipeModel::recipeChanged, this, [this] {
        showName();
        fitList();
        showSelectedStep();
    });
    connect(&session.recipe(), &RecipeModel::dataChanged, this, &RecipePanel::fitList);
    retranslate();
}

void RecipePanel::fillAddMenu() {
    m_addMenu->clear();
    QString group;
    for (const steps::StepSpec& spec : steps::stepSpecs()) {
        const QString next = step_text::groupTitle(spec.op);
        if (next != group && !group.isEmpty()) m_addMenu->addSeparator();
        group = next;
        QAction* action = m_addMenu->addAction(step_text::title(spec.op));
        action->setToolTip(step_text::description(spec.op));
        action->setData(toQt(spec.op));
        connect(action, &QAction::triggered, this, [this, op = spec.op] {
            m_session.selectNodes({});
            m_session.selectStep(m_editor.addStep(op, m_session.selectedStep()));
        });
    }
    m_addMenu->setToolTipsVisible(true);
}

void RecipePanel::showName() {
    m_name->setText(m_session.recipeFile().isEmpty() ? QString() : QFileInfo(m_session.recipeFile()).completeBaseName());
}

void RecipePanel::showSelectedStep() {
    const QModelIndex wanted = m_session.recipe().index(m_session.selectedStep());
    if (m_list->currentIndex() == wanted) return;
    if (wanted.isValid())
        m_list->setCurrentIndex(wanted);
    else
        m_list->clearSelection();
}

void RecipePanel::showPrediction() {
    const std::optional<client::PreviewReply>& preview = m_session.preview();
    const bool hasStages = preview && !preview->stages.empty();
    m_session.recipe().setProblem(-1, {});
    QHash<int, QString> warnings;
    if (preview) {
        for (const client::StageInfo& stage : preview->stages) {
            if (stage.warnings.empty()) continue;
            QString sentence = engineText(stage.warnings.front());
            if (const auto more = static_cast<int>(stage.warnings.size()) - 1; more > 0)
                //: Behind a sentence on a layer: as many others of its kind are in the inspector
                sentence += u' ' % tr("(%n more)", nullptr, more);
            warnings.insert(stage.step, sentence);
        }
    }
    m_session.recipe().setWarnings(warnings);
    if (!preview) {
        m_predictionTitle->setText(tr("Prediction"));
        m_prediction->setText({});
        m_predictionNote->setText(m_session.model() ? tr("Working it out…") : tr("Open a model to see what the recipe does to it."));
    } else if (preview->error) {
        // The step that failed is the first enabled one behind the last stage that worked.
        int failed = hasStages ? preview->stages.back().step + 1 : 0;
        while (failed < m_session.recipe().stepCount() && !m_session.recipe().step(failed).enabled)
            ++failed;
        if (failed < m_session.recipe().stepCount()) m_session.recipe().setProblem(failed, engineText(*preview->error));
        m_predictionTitle->setText(tr("This recipe cannot run"));
        m_prediction->setText({});
        m_predictionNote->setText(engineText(*preview->error));
    } else if (!hasStages) {
        m_predictionTitle->setText(tr("Prediction"));
        m_prediction->setText({});
        m_predictionNote->setText(tr("Nothing changes: the recipe has no enabled step."));
    } else {
        const client::StageInfo& last = preview->stages.back();
        m_predictionTitle->setText(tr("Predicted after step %1").arg(last.step + 1));
        QString sizes = bytesText(last.weightBytes);
        const std::int64_t before = m_session.model() ? m_session.model()->weightBytes : 0;
        if (before > 0 && last.weightBytes > 0 && before != last.weightBytes) {
            //: %1 is a number: 8.0× smaller
            sizes += u' ' % tr("(%1× smaller)").arg(ratioText(static_cast<double>(before) / static_cast<double>(last.weightBytes), 1));
        }
        const std::optional<measure::RunDocument>& run = m_session.lastRun();
        const auto callUs = run ? predictedCallUs(preview->layers, *run) : std::nullopt;
        const QString latency = callUs ? QStringLiteral(" · ≈ ") % microsecondsText(callUs) : QString();
        m_prediction->setToolTip(
            tr("Size of the weights, and multiply-accumulate operations for one sample") %
            (callUs ? u'\n' % tr("≈: what a call takes by the times of the layers in the last run, each as a share of its "
                                 "MACs")
                    : QString()));
        m_prediction->setText(sizes % QStringLiteral(" · ") % macsText(last.macs, last.macsUnknownLayers) % latency);
        const QString loss = last.lossTotal ? QStringLiteral("½‖θ−θ̂‖² ") % figureText(last.lossTotal) % QStringLiteral(" · ") : QString();
        m_predictionNote->setText(loss % tr("run to measure accuracy and latency"));
    }
    m_prediction->setVisible(!m_prediction->text().isEmpty());
}

void RecipePanel::fitList() {
    // The button to add a step stands right below the last card; a long recipe scrolls.
    int height = 0;
    for (int row = 0; row < m_session.recipe().stepCount(); ++row)
        height += m_list->sizeHintForRow(row);
    m_list->setMaximumHeight(std::max(height, 1));
    m_empty->setVisible(m_session.recipe().stepCount() == 0);
    m_list->setVisible(m_session.recipe().stepCount() > 0);
}

bool RecipePanel::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_list->viewport() && event->type() == QEvent::Resize) fitList();
    return QWidget::eventFilter(watched, event);
}

void RecipePanel::retranslate() {
    m_title->setText(tr("Recipe"));
    m_list->setAccessibleName(tr("Recipe steps"));
    m_add->setText(tr("Add Step"));
    m_empty->setText(tr("No steps yet. Each step makes the model cheaper; the order matters."));
    fillAddMenu();
    m_session.recipe().retranslate();
    showName();
    showPrediction();
    fitList();
}

void RecipePanel::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

} // namespace lathe::views

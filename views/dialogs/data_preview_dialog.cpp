#include <views/dialogs/data_preview_dialog.h>

#include <QGridLayout>
#include <QHBoxLayout>
#include <QVBoxLayout>

#include <views/models/engine_text.h>
#include <views/models/number_text.h>
#include <views/models/text.h>
#include <views/widgets/labels.h>

namespace lathe::views {

namespace {

constexpr int rows = 3, columns = 4, formWidth = 340;

QString shapeText(const tensor::Shape& shape) {
    QStringList sizes;
    for (const std::int64_t size : shape)
        sizes << QString::number(size);
    return sizes.join(u'×');
}

QString caption(const client::SamplesReply& reply, const client::SampleView& view) {
    if (view.label < 0) return {};
    const auto label = static_cast<std::size_t>(view.label);
    return label < reply.classes.size() ? toQt(reply.classes[label]) : QString::number(view.label);
}

} // namespace

DataPreviewDialog::DataPreviewDialog(Session& session, RecipeEditor& editor, Workbench& workbench, QWidget* parent)
    : Dialog(parent), m_session(session), m_editor(editor), m_workbench(workbench), m_headline(makeWrappedLabel(LabelKind::Normal, this)),
      m_form(new PreprocessingForm(this)), m_evaluation(new EvaluationForm(this)), m_previous(new QPushButton(this)),
      m_next(new QPushButton(this)) {
    setWindowTitle(tr("What the Model Sees"));
    auto* grid = new QGridLayout;
    grid->setSpacing(8);
    for (int at = 0; at < rows * columns; ++at) {
        m_tiles.push_back(new SampleTile(this));
        grid->addWidget(m_tiles.back(), at / columns, at % columns);
    }
    m_previous->setText(tr("Previous"));
    m_next->setText(tr("Next"));
    auto* close = new QPushButton(tr("Close"), this);
    close->setDefault(true);
    close->setFocus();
    connect(m_previous, &QPushButton::clicked, this, [this] { ask(m_first - rows * columns); });
    connect(m_next, &QPushButton::clicked, this, [this] { ask(m_first + rows * columns); });
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    connect(m_form, &PreprocessingForm::edited, this, &DataPreviewDialog::change);
    connect(m_evaluation, &EvaluationForm::edited, this, &DataPreviewDialog::changeEvaluation);
    m_evaluation->showValues(session.recipe().recipe().evaluation);
    m_evaluation->setFixedWidth(formWidth);
    m_form->showValues(session.recipe().recipe().preprocessing);
    m_form->showKind({});
    m_form->setFixedWidth(formWidth);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_previous);
    buttons->addWidget(m_next);
    buttons->addStretch(1);
    buttons->addWidget(close);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(12);
    column->addWidget(m_headline);
    auto* middle = new QHBoxLayout;
    middle->setSpacing(20);
    middle->addLayout(grid, 1);
    auto* forms = new QVBoxLayout;
    forms->setSpacing(8);
    const auto addForm = [&](const QString& heading, QWidget* form) {
        QLabel* title = makeLabel(LabelKind::Strong, this);
        title->setText(heading);
        forms->addWidget(title);
        forms->addWidget(form);
        forms->addSpacing(10);
    };
    addForm(tr("Preprocessing"), m_form);
    addForm(tr("Quality"), m_evaluation);
    forms->addStretch(1);
    middle->addLayout(forms);
    column->addLayout(middle, 1);
    column->addLayout(buttons);
    resize(940, 620);
    ask(0);
}

void DataPreviewDialog::ask(std::int64_t first) {
    m_first = first;
    m_previous->setEnabled(false);
    m_next->setEnabled(false);
    m_headline->setText(tr("Reading the data…"));
    m_workbench.samples(first, this, [this, question = ++m_question](const base::Result<client::SamplesReply>& reply) {
        if (question != m_question) return;
        if (reply)
            take(*reply);
        else
            m_headline->setText(engineText(reply.error()));
    });
}

void DataPreviewDialog::change(const recipe::Preprocessing& preprocessing) {
    recipe::Recipe recipe = m_session.recipe().recipe();
    recipe.preprocessing = preprocessing;
    m_editor.replace(std::move(recipe), tr("Change Preprocessing"));
    ask(m_first);
}

void DataPreviewDialog::changeEvaluation(const recipe::Evaluation& evaluation) {
    recipe::Recipe recipe = m_session.recipe().recipe();
    recipe.evaluation = evaluation;
    m_editor.replace(std::move(recipe), tr("Change Quality"));
}

void DataPreviewDialog::take(const client::SamplesReply& reply) {
    m_headline->setText(
        tr("%1: samples of %2 %3; %4 for training, %5 for the test")
            .arg(toQt(reply.data), shapeText(reply.shape), toQt(reply.dtype), countText(reply.trainSamples), countText(reply.testSamples)));
    for (std::size_t at = 0; at < m_tiles.size(); ++at) {
        const bool isThere = at < reply.samples.size();
        m_tiles[at]->setSample(isThere ? reply.samples[at] : client::SampleView{}, isThere ? caption(reply, reply.samples[at]) : QString());
    }
    m_form->showKind(reply.kind);
    const std::int64_t all = reply.testSamples > 0 ? reply.testSamples : reply.trainSamples;
    m_previous->setEnabled(m_first > 0);
    m_next->setEnabled(m_first + rows * columns < all);
}

} // namespace lathe::views

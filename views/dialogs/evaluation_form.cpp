#include <views/dialogs/evaluation_form.h>

#include <cmath>

#include <QLocale>
#include <QSignalBlocker>

#include <views/models/task_words.h>
#include <views/models/text.h>
#include <views/widgets/labels.h>

namespace lathe::views {

EvaluationForm::EvaluationForm(QWidget* parent)
    : QWidget(parent), m_grid(new QGridLayout(this)), m_task(new QComboBox(this)), m_output(new QLineEdit(this)),
      m_threshold(new QLineEdit(this)), m_problem(makeWrappedLabel(LabelKind::Normal, this)) {
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(14);
    m_grid->setVerticalSpacing(8);
    m_grid->setColumnStretch(1, 1);
    m_task->addItem(tr("As the labels look"));
    for (const auto& [name, task] : recipe::taskNames())
        m_task->addItem(taskWords(std::string(name)), static_cast<int>(task));
    m_task->setToolTip(tr("What the labels say of a sample, and so how quality is measured"));
    m_output->setPlaceholderText(tr("The first that the labels fit"));
    m_output->setToolTip(tr("Name or number (from 0) of the output that the labels are for"));
    m_threshold->setPlaceholderText(tr("0.5 of probabilities, else 0"));
    m_threshold->setToolTip(tr("From this score on the answer is yes"));
    addRow(tr("Labels are"), m_task);
    addRow(tr("Output"), m_output);
    addRow(tr("Yes from"), m_threshold);
    m_grid->addWidget(m_problem, m_grid->rowCount(), 0, 1, 2);
    m_problem->hide();
    connect(m_task, &QComboBox::currentIndexChanged, this, &EvaluationForm::takeEdit);
    for (QLineEdit* field : {m_output, m_threshold})
        connect(field, &QLineEdit::editingFinished, this, &EvaluationForm::takeEdit);
}

void EvaluationForm::addRow(const QString& label, QWidget* field) {
    QLabel* name = makeLabel(LabelKind::Muted, this);
    name->setText(label);
    name->setBuddy(field);
    const int row = m_grid->rowCount();
    m_grid->addWidget(name, row, 0);
    m_grid->addWidget(field, row, 1);
}

void EvaluationForm::showValues(const recipe::Evaluation& evaluation) {
    m_shown = evaluation;
    const QSignalBlocker blockers[] = {QSignalBlocker(m_task), QSignalBlocker(m_output), QSignalBlocker(m_threshold)};
    m_task->setCurrentIndex(evaluation.task ? m_task->findData(static_cast<int>(*evaluation.task)) : 0);
    m_output->setText(toQt(evaluation.output));
    m_threshold->setText(evaluation.threshold ? QLocale::c().toString(*evaluation.threshold, 'g', QLocale::FloatingPointShortest)
                                              : QString());
    m_problem->hide();
}

void EvaluationForm::takeEdit() {
    recipe::Evaluation wanted;
    if (m_task->currentIndex() > 0) wanted.task = static_cast<recipe::Task>(m_task->currentData().toInt());
    wanted.output = toStd(m_output->text().trimmed());
    bool isNumber = true;
    if (const QString text = m_threshold->text().trimmed(); !text.isEmpty()) {
        const double threshold = QLocale::c().toDouble(text, &isNumber);
        isNumber = isNumber && std::isfinite(threshold);
        wanted.threshold = isNumber ? std::optional(threshold) : m_shown.threshold;
    }
    m_problem->setText(isNumber ? QString() : tr("The score from which on an answer is yes is a number."));
    m_problem->setVisible(!isNumber);
    if (!isNumber || wanted == m_shown) return;
    m_shown = wanted;
    emit edited(wanted);
}

} // namespace lathe::views

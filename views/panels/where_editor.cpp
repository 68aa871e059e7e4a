#include <views/panels/where_editor.h>

#include <algorithm>
#include <array>

#include <QEvent>
#include <QGridLayout>
#include <QSignalBlocker>

#include <views/models/engine_text.h>
#include <views/models/step_text.h>
#include <views/models/text.h>
#include <views/widgets/labels.h>

namespace lathe::views {

namespace {

/// The rules of the list, in its order; behind them stands the choice of own patterns.
const std::array<steps::Where, 4>& usualRules() {
    static const std::array<steps::Where, 4> rules{steps::Where{}, {"!first", "!last"}, {"!first"}, {"!last"}};
    return rules;
}
constexpr int ownPatterns = 4;

int indexOf(const steps::Where& where) {
    const auto found = std::find(usualRules().begin(), usualRules().end(), where);
    return static_cast<int>(found - usualRules().begin());
}

} // namespace

WhereEditor::WhereEditor(QWidget* parent)
    : QWidget(parent), m_label(makeLabel(LabelKind::Muted, this)), m_choice(new QComboBox(this)), m_field(new QLineEdit(this)),
      m_result(makeWrappedLabel(LabelKind::Muted, this)) {
    // As the form of parameters below it.
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(6);
    grid->setVerticalSpacing(3);
    grid->setColumnMinimumWidth(0, 92);
    grid->setColumnStretch(1, 1);
    grid->setColumnMinimumWidth(2, 20); // where parameters have their button to reset them
    grid->addWidget(m_label, 0, 0);
    grid->addWidget(m_choice, 0, 1);
    grid->addWidget(m_field, 1, 1);
    grid->addWidget(m_result, 2, 1);
    m_choice->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_choice->setMinimumContentsLength(8);
    for (int index = 0; index <= ownPatterns; ++index)
        m_choice->addItem({});
    m_label->setBuddy(m_choice);
    connect(m_choice, &QComboBox::activated, this, &WhereEditor::takeChoice);
    connect(m_field, &QLineEdit::textEdited, this, [this] { showResult(patternsIn(m_field->text())); });
    connect(m_field, &QLineEdit::editingFinished, this, &WhereEditor::takeField);
    retranslate();
}

steps::Where WhereEditor::patternsIn(const QString& text) {
    steps::Where where;
    for (const QString& part : text.split(u',')) {
        const QString pattern = part.trimmed();
        if (!pattern.isEmpty() && pattern != QLatin1String("!")) where.push_back(toStd(pattern));
    }
    return where;
}

void WhereEditor::showStep(const steps::Step& step, const std::vector<std::string>& layerNames) {
    if (step.where != m_step.where || step.op != m_step.op) m_areOwnPatternsWanted = false;
    m_step = step;
    m_layerNames = layerNames;
    const int index = m_areOwnPatternsWanted ? ownPatterns : indexOf(step.where);
    m_choice->setCurrentIndex(index);
    m_field->setVisible(index == ownPatterns);
    if (!m_field->hasFocus() || patternsIn(m_field->text()) != step.where) m_field->setText(toQt(step.where).join(QStringLiteral(", ")));
    showResult(step.where);
}

void WhereEditor::takeChoice(int index) {
    m_areOwnPatternsWanted = index == ownPatterns;
    if (index != ownPatterns) {
        m_field->hide();
        showResult(usualRules()[static_cast<std::size_t>(index)]);
        emit edited(usualRules()[static_cast<std::size_t>(index)]);
        return;
    }
    m_field->show();
    m_field->setFocus(Qt::OtherFocusReason);
    m_field->selectAll();
}

void WhereEditor::takeField() {
    const steps::Where where = patternsIn(m_field->text());
    showResult(where);
    if (where == m_step.where || (!m_layerNames.empty() && !steps::check(where, m_layerNames))) return;
    emit edited(where);
}

void WhereEditor::showResult(const steps::Where& where) {
    const auto checked = m_layerNames.empty() ? base::Result<>{} : steps::check(where, m_layerNames);
    setStyleProperty(m_result, "muted", checked.has_value());
    setStyleProperty(m_result, "bad", !checked);
    m_result->setVisible(!m_layerNames.empty());
    if (!checked) return m_result->setText(engineText(checked.error().message));
    steps::Step step = m_step;
    step.where = steps::bound(where, m_layerNames);
    const auto chosen =
        std::count_if(m_layerNames.begin(), m_layerNames.end(), [&](const std::string& name) { return !step.leavesOut(name); });
    m_result->setText(tr("%1 of %n layers", nullptr, static_cast<int>(m_layerNames.size())).arg(chosen));
}

void WhereEditor::retranslate() {
    m_label->setText(tr("Layers"));
    m_choice->setAccessibleName(tr("Layers"));
    for (int index = 0; index < ownPatterns; ++index)
        m_choice->setItemText(index, step_text::ruleText(usualRules()[static_cast<std::size_t>(index)]));
    m_choice->setItemText(ownPatterns, tr("patterns…"));
    m_field->setAccessibleName(tr("Patterns of layers"));
    m_field->setPlaceholderText(tr("layer2.*.conv1, !last"));
    m_field->setToolTip(tr("Patterns with * and ?, with commas between them; ! takes layers away; first and last are the model's."));
}

void WhereEditor::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
        showResult(m_step.where);
    }
    QWidget::changeEvent(event);
}

} // namespace lathe::views

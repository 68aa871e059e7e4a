#include <views/panels/knob_form.h>

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QScopedValueRollback>
#include <QSpinBox>
#include <QWheelEvent>

#include <views/models/number_text.h>
#include <views/models/step_text.h>
#include <views/models/text.h>
#include <views/widgets/labels.h>
#include <views/widgets/ratio_slider.h>
#include <views/widgets/themed_icon.h>
#include <views/widgets/toggle_switch.h>

namespace lathe::views {

namespace {

/// A field of numbers without buttons and without accidents: the wheel scrolls the panel.
template<class Field>
class QuietField : public Field {
public:
    explicit QuietField(QWidget* parent) : Field(parent) {
        this->setFocusPolicy(Qt::StrongFocus);
        if constexpr (!std::is_same_v<Field, QComboBox>) {
            this->setButtonSymbols(QAbstractSpinBox::NoButtons);
            this->setKeyboardTracking(false);
        }
    }

protected:
    void wheelEvent(QWheelEvent* event) override { event->ignore(); }
};

/// Shows as many decimals as a number has: 0.9 and 0.001, not 0.9000.
class NumberField : public QuietField<QDoubleSpinBox> {
public:
    explicit NumberField(QWidget* parent) : QuietField(parent) { setDecimals(6); }
    [[nodiscard]] QString textFromValue(double value) const override { return settingText(value, locale()); }
};

} // namespace

KnobForm::KnobForm(const std::vector<const steps::ParameterSpec*>& specs, QWidget* parent) : QWidget(parent) {
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(6);
    grid->setVerticalSpacing(3);
    grid->setColumnMinimumWidth(0, 92);
    grid->setColumnStretch(1, 1);
    int row = 0;
    QString section;
    for (const steps::ParameterSpec* spec : specs) {
        if (spec->kind == steps::ParameterKind::Choice && spec->choices.size() < 2) continue;
        if (const QString title = step_text::sectionTitle(spec->key); title != section) {
            section = title;
            QLabel* heading = makeLabel(LabelKind::Strong, this);
            heading->setVisible(!title.isEmpty());
            if (!title.isEmpty()) grid->setRowMinimumHeight(row, 28);
            grid->addWidget(heading, row++, 0, 1, 3, Qt::AlignBottom);
            m_headings.emplace_back(heading, spec->key);
        }
        Knob knob = makeKnob(*spec);
        const bool isSwitch = qobject_cast<ToggleSwitch*>(knob.control);
        grid->addWidget(knob.label, row, 0);
        grid->addWidget(knob.control, row, 1, isSwitch ? Qt::AlignLeft | Qt::AlignVCenter : Qt::AlignVCenter);
        grid->addWidget(knob.reset, row, 2);
        grid->setRowMinimumHeight(row++, 24);
        knob.label->setBuddy(knob.control);
        m_knobs.push_back(std::move(knob));
    }
    retranslate();
}

KnobForm::Knob KnobForm::makeKnob(const steps::ParameterSpec& spec) {
    Knob knob{&spec, makeLabel(LabelKind::Muted, this), nullptr, new QToolButton(this), {}, [] {}};
    knob.reset->setIcon(themedIcon(QStringLiteral("reset")));
    knob.reset->setIconSize({12, 12});
    knob.reset->setFixedWidth(20);
    setStyleProperty(knob.reset, "flat", true);
    QSizePolicy keepsRoom = knob.reset->sizePolicy();
    keepsRoom.setRetainSizeWhenHidden(true);
    knob.reset->setSizePolicy(keepsRoom);
    connect(knob.reset, &QToolButton::clicked, this, [this, &spec] { emit resetWished(spec.key); });

    switch (spec.kind) {
    case steps::ParameterKind::Boolean:
        makeSwitch(knob, true, false);
        break;
    case steps::ParameterKind::Choice:
        if (spec.key == "keep")
            makeSwitch(knob, "float", "quantized");
        else
            makeChoice(knob);
        break;
    case steps::ParameterKind::Integer:
        makeIntegerField(knob);
        break;
    case steps::ParameterKind::Number:
        if (step_text::isRatio(spec))
            makeSlider(knob);
        else
            makeNumberField(knob);
        break;
    case steps::ParameterKind::Text:
        makeTextField(knob);
        break;
    }
    return knob;
}

void KnobForm::makeSwitch(Knob& knob, const base::Json& on, const base::Json& off) {
    auto* button = new ToggleSwitch(this);
    knob.control = button;
    knob.show = [button, on](const std::optional<base::Json>& value) {
        button->setChecked(value && *value == on);
        button->setMixed(!value);
    };
    connect(button, &ToggleSwitch::clicked, this,
            [this, spec = knob.spec, on, off](bool checked) { emit edited(spec->key, checked ? on : off); });
}

void KnobForm::makeSlider(Knob& knob) {
    auto* slider = new RatioSlider(this);
    slider->setRange(knob.spec->minimum, knob.spec->maximum);
    knob.control = slider;
    knob.show = [slider](const std::optional<base::Json>& value) {
        slider->setRatio(value && value->is_number() ? value->get<double>() : 0);
    };
    connect(slider, &RatioSlider::ratioEdited, this, [this, spec = knob.spec](double ratio) { emit edited(spec->key, ratio); });
    connect(slider, &RatioSlider::dragBegan, this, &KnobForm::dragBegan);
    connect(slider, &RatioSlider::dragEnded, this, &KnobForm::dragEnded);
}

void KnobForm::makeIntegerField(Knob& knob) {
    auto* field = new QuietField<QSpinBox>(this);
    field->setRange(static_cast<int>(knob.spec->minimum), static_cast<int>(std::min(knob.spec->maximum, 1e9)));
    field->setGroupSeparatorShown(true);
    knob.control = field;
    knob.show = [field](const std::optional<base::Json>& value) {
        field->setValue(value && value->is_number() ? value->get<int>() : field->minimum());
    };
    connect(field, &QSpinBox::valueChanged, this, [this, spec = knob.spec](int value) {
        if (!m_isShowing) emit edited(spec->key, value);
    });
}

void KnobForm::makeNumberField(Knob& knob) {
    auto* field = new NumberField(this);
    const double usual = knob.spec->defaultValue.is_number() ? knob.spec->defaultValue.get<double>() : 0;
    field->setRange(knob.spec->minimum, knob.spec->maximum);
    field->setSingleStep(usual > 0 ? usual / 10 : 0.0001);
    knob.control = field;
    knob.show = [field](const std::optional<base::Json>& value) {
        field->setValue(value && value->is_number() ? value->get<double>() : field->minimum());
    };
    connect(field, &QDoubleSpinBox::valueChanged, this, [this, spec = knob.spec](double value) {
        if (!m_isShowing) emit edited(spec->key, value);
    });
}

void KnobForm::makeChoice(Knob& knob) {
    auto* box = new QuietField<QComboBox>(this);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(8);
    const steps::ParameterSpec* spec = knob.spec;
    for (const base::Json& choice : spec->choices)
        box->addItem(step_text::choiceLabel(spec->key, choice));
    knob.control = box;
    knob.show = [box, spec](const std::optional<base::Json>& value) {
        const auto found = value ? std::find(spec->choices.begin(), spec->choices.end(), *value) : spec->choices.end();
        box->setCurrentIndex(found == spec->choices.end() ? -1 : static_cast<int>(found - spec->choices.begin()));
    };
    knob.retranslate = [box, spec] {
        for (int index = 0; index < box->count(); ++index) {
            box->setItemText(index, step_text::choiceLabel(spec->key, spec->choices[static_cast<std::size_t>(index)]));
        }
        //: A drop-down whose value differs between the selected layers
        box->setPlaceholderText(tr("different"));
    };
    connect(box, &QComboBox::activated, this,
            [this, spec](int index) { emit edited(spec->key, spec->choices[static_cast<std::size_t>(index)]); });
}

void KnobForm::makeTextField(Knob& knob) {
    auto* field = new QLineEdit(this);
    knob.control = field;
    knob.show = [field](const std::optional<base::Json>& value) {
        field->setText(value && value->is_string() ? toQt(value->get<std::string>()) : QString());
    };
    connect(field, &QLineEdit::editingFinished, this, [this, field, spec = knob.spec] { emit edited(spec->key, toStd(field->text())); });
}

void KnobForm::showValues(const std::function<Value(const steps::ParameterSpec&)>& valueOf) {
    const QScopedValueRollback showing(m_isShowing, true);
    for (const Knob& knob : m_knobs) {
        const Value value = valueOf(*knob.spec);
        knob.show(value.value);
        knob.reset->setVisible(value.isOverridden);
        knob.control->setEnabled(value.isEnabled);
        QFont font = knob.label->font();
        font.setBold(value.isOverridden);
        knob.label->setFont(font);
    }
}

QWidget* KnobForm::control(const std::string& key) const {
    for (const Knob& knob : m_knobs) {
        if (knob.spec->key == key) return knob.control;
    }
    return nullptr;
}

void KnobForm::retranslate() {
    const QScopedValueRollback showing(m_isShowing, true);
    for (const auto& [heading, key] : m_headings)
        heading->setText(step_text::sectionTitle(key));
    for (const Knob& knob : m_knobs) {
        const QString label = step_text::parameterLabel(knob.spec->key);
        knob.label->setText(label);
        knob.reset->setToolTip(tr("Reset to the step's value"));
        knob.reset->setAccessibleName(tr("Reset %1").arg(label));
        if (auto* slider = qobject_cast<RatioSlider*>(knob.control))
            slider->setName(label);
        else
            knob.control->setAccessibleName(label);
        knob.retranslate();
    }
}

} // namespace lathe::views

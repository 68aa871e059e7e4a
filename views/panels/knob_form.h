#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <QGridLayout>
#include <QLabel>
#include <QToolButton>
#include <QWidget>

#include <core/recipe/recipe.h>
#include <core/steps/step_spec.h>

namespace lathe::views {

/// One control per parameter of a step, made from its specification: switch, field, slider or drop-down.
class KnobForm : public QWidget {
    Q_OBJECT

public:
    struct Value {
        std::optional<base::Json> value; ///< nothing: the selected layers differ
        bool isOverridden = false;       ///< set for the layer (step: not the default); can be reset
        bool isEnabled = true;
    };

    /// `specs` live as long as the form (they are static). A drop-down with a single choice is left out.
    KnobForm(const std::vector<const steps::ParameterSpec*>& specs, QWidget* parent = nullptr);
    /// Shows values without emitting; asks once per control.
    void showValues(const std::function<Value(const steps::ParameterSpec&)>& valueOf);
    [[nodiscard]] QWidget* control(const std::string& key) const;
    [[nodiscard]] bool isEmpty() const { return m_knobs.empty(); }
    void retranslate();

signals:
    void edited(const std::string& key, const lathe::base::Json& value);
    void resetWished(const std::string& key);
    /// Changes between these two are one.
    void dragBegan();
    void dragEnded();

private:
    struct Knob {
        const steps::ParameterSpec* spec;
        QLabel* label;
        QWidget* control;
        QToolButton* reset;
        std::function<void(const std::optional<base::Json>&)> show;
        std::function<void()> retranslate;
    };
    [[nodiscard]] Knob makeKnob(const steps::ParameterSpec& spec);
    void makeSwitch(Knob& knob, const base::Json& on, const base::Json& off);
    void makeSlider(Knob& knob);
    void makeIntegerField(Knob& knob);
    void makeNumberField(Knob& knob);
    void makeChoice(Knob& knob);
    void makeTextField(Knob& knob);

    std::vector<Knob> m_knobs;
    std::vector<std::pair<QLabel*, std::string>> m_headings; ///< with the key below each
    bool m_isShowing = false;
};

} // namespace lathe::views

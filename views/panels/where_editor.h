#pragma once

#include <optional>
#include <vector>

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QWidget>

#include <core/recipe/recipe.h>

namespace lathe::views {

/// Which layers a step is for: a choice of usual rules, or patterns with commas between them ("layer2.*.conv1, !*.1.*"), and below how many
/// layers that are, or why it is none.
class WhereEditor : public QWidget {
    Q_OBJECT

public:
    explicit WhereEditor(QWidget* parent = nullptr);
    /// The rule and the exceptions of a step of a model with these layers (none: no model is open).
    void showStep(const steps::Step& step, const std::vector<std::string>& layerNames);
    [[nodiscard]] QComboBox* choice() const { return m_choice; }
    [[nodiscard]] QLineEdit* field() const { return m_field; }
    /// "19 of 21 layers", or what is wrong with the patterns.
    [[nodiscard]] QString result() const { return m_result->text(); }

    /// The patterns in a text; nothing when it holds none.
    [[nodiscard]] static steps::Where patternsIn(const QString& text);

signals:
    /// By the user, and some layer fits it.
    void edited(const lathe::steps::Where& where);

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void takeChoice(int index);
    void takeField();
    void showResult(const steps::Where& where);

    QLabel* m_label;
    QComboBox* m_choice;
    QLineEdit* m_field;
    QLabel* m_result;
    steps::Step m_step;
    std::vector<std::string> m_layerNames;
    bool m_areOwnPatternsWanted = false; ///< chosen in the list, but still the same rule as one of the usual ones
};

} // namespace lathe::views

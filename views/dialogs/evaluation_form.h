#pragma once

#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QWidget>

#include <core/recipe/evaluation.h>

namespace lathe::views {

/// Fields for how the quality of the model is measured: what the labels are of, which output they are for, from which score on an answer is
/// yes. What is empty is chosen from labels and outputs.
class EvaluationForm : public QWidget {
    Q_OBJECT

public:
    explicit EvaluationForm(QWidget* parent = nullptr);
    /// Shows values without emitting.
    void showValues(const recipe::Evaluation& evaluation);
    /// What is wrong with a field, in a sentence; "" when nothing is.
    [[nodiscard]] QString problem() const { return m_problem->text(); }

    [[nodiscard]] QComboBox* taskField() const { return m_task; }
    [[nodiscard]] QLineEdit* outputField() const { return m_output; }
    [[nodiscard]] QLineEdit* thresholdField() const { return m_threshold; }

signals:
    /// All fields are valid; what they say together.
    void edited(const lathe::recipe::Evaluation& evaluation);

private:
    void takeEdit();
    void addRow(const QString& label, QWidget* field);

    QGridLayout* m_grid;
    QComboBox* m_task;
    QLineEdit *m_output, *m_threshold;
    QLabel* m_problem;
    recipe::Evaluation m_shown;
};

} // namespace lathe::views

#pragma once

#include <vector>

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QWidget>

#include <core/recipe/preprocessing.h>

namespace lathe::views {

/// Fields for how stored samples become what the model sees: those that there are for this kind of data. "As stored" where nothing is set.
class PreprocessingForm : public QWidget {
    Q_OBJECT

public:
    explicit PreprocessingForm(QWidget* parent = nullptr);
    /// Shows values without emitting.
    void showValues(const recipe::Preprocessing& preprocessing);
    /// "images", "sound", "table", "arrays" as in client::SamplesReply; anything else shows all fields.
    void showKind(const std::string& kind);
    /// What is wrong with a field, in a sentence; "" when nothing is.
    [[nodiscard]] QString problem() const { return m_problem->text(); }

    [[nodiscard]] QSpinBox* resizeField() const { return m_resize; }
    [[nodiscard]] QComboBox* channelsField() const { return m_channels; }
    [[nodiscard]] QLineEdit* meanField() const { return m_mean; }
    [[nodiscard]] QLineEdit* labelField() const { return m_label; }
    [[nodiscard]] QPushButton* imageNetButton() const { return m_imageNet; }

signals:
    /// All fields are valid; what they say together.
    void edited(const lathe::recipe::Preprocessing& preprocessing);

private:
    void addRow(const QString& label, QWidget* field, unsigned kinds);
    QSpinBox* sizeField();
    void takeEdit();

    /// Not a QFormLayout: that of Qt 6.4 writes past its rows when hidden ones are among them and texts wrap.
    QGridLayout* m_grid;
    QSpinBox *m_resize, *m_cropHeight, *m_cropWidth, *m_length;
    QComboBox* m_channels;
    QLineEdit *m_mean, *m_deviation, *m_label, *m_ignored;
    QCheckBox* m_integers;
    QPushButton* m_imageNet;
    QLabel *m_nothing, *m_problem;
    struct Row {
        QWidget *label, *field;
        unsigned kinds;
    };
    std::vector<Row> m_rows;
    recipe::Preprocessing m_shown;
};

} // namespace lathe::views

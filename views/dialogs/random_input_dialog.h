#pragma once

#include <map>
#include <string>
#include <vector>

#include <QGridLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>

#include <views/models/model_signature.h>
#include <views/widgets/dialog.h>

namespace lathe::views {

/// The inputs of the model, and how large each free size is in random input: for everything but accuracy, when there is no data.
class RandomInputDialog : public Dialog {
    Q_OBJECT

public:
    /// `signatures` of the import report; `data`: what is chosen now, whose sizes are shown when it is random input.
    RandomInputDialog(const std::vector<std::string>& signatures, const QString& data, QWidget* parent = nullptr);
    /// As it is written after --data: "random", "random:seq=64,seed=2". Only what is not the usual is in it.
    [[nodiscard]] QString data() const;
    /// By the name of the size ("seq"); nullptr when the model has no such free size.
    [[nodiscard]] QSpinBox* sizeField(const QString& name) const;
    /// By the name of an input of unknown shape.
    [[nodiscard]] QLineEdit* shapeField(const QString& input) const;
    [[nodiscard]] QSpinBox* seedField() const { return m_seed; }
    [[nodiscard]] QPushButton* useButton() const { return m_use; }

private:
    void addInput(const InputSignature& input);
    void addRow(const QString& label, QWidget* field);
    void showValues(const QString& data);
    void check();

    QGridLayout* m_grid;
    std::map<QString, QSpinBox*> m_sizes;
    std::map<QString, QLineEdit*> m_shapes;
    QSpinBox *m_samples, *m_seed;
    QPushButton* m_use;
};

} // namespace lathe::views

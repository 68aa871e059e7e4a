#pragma once

#include <QDoubleSpinBox>
#include <QSlider>
#include <QWidget>

namespace lathe::views {

/// A share of 1 as slider and percentage field.
class RatioSlider : public QWidget {
    Q_OBJECT

public:
    explicit RatioSlider(QWidget* parent = nullptr);
    /// Both 0..1.
    void setRange(double minimum, double maximum);
    void setRatio(double ratio);
    [[nodiscard]] double ratio() const;
    void setName(const QString& accessibleName);

signals:
    /// By the user, also while dragging.
    void ratioEdited(double ratio);
    void dragBegan();
    void dragEnded();

private:
    QSlider* m_slider;
    QDoubleSpinBox* m_field;
};

} // namespace lathe::views

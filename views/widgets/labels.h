#pragma once

#include <QLabel>

namespace lathe::views {

enum class LabelKind { Normal, Muted, Strong, Chip, Headline };

/// A label that shows its text as it is: names from model files never become HTML.
[[nodiscard]] QLabel* makeLabel(LabelKind kind = LabelKind::Normal, QWidget* parent = nullptr);
[[nodiscard]] QLabel* makeWrappedLabel(LabelKind kind = LabelKind::Normal, QWidget* parent = nullptr);

/// Sets a property that the stylesheet asks for ("accent", "muted") and has the widget drawn anew.
void setStyleProperty(QWidget* widget, const char* property, bool value);

/// One line that is shortened with … where there is no room, with the whole text as its tool tip.
class ElidedLabel : public QLabel {
    Q_OBJECT

public:
    explicit ElidedLabel(LabelKind kind = LabelKind::Normal, QWidget* parent = nullptr);
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace lathe::views

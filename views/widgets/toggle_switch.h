#pragma once

#include <QAbstractButton>

namespace lathe::views {

/// On and off at once; a check box in the shape of a switch.
class ToggleSwitch : public QAbstractButton {
    Q_OBJECT

public:
    explicit ToggleSwitch(QWidget* parent = nullptr);
    [[nodiscard]] QSize sizeHint() const override { return naturalSize(); }
    [[nodiscard]] static QSize naturalSize() { return {28, 16}; }
    /// Neither on nor off: the selected layers differ. The next click sets it on.
    void setMixed(bool mixed);

    /// Also for delegates.
    static void draw(QPainter& painter, const QRect& rect, bool on, bool enabled, const QPalette& palette, bool mixed = false);

protected:
    void paintEvent(QPaintEvent* event) override;
    void nextCheckState() override;

private:
    bool m_isMixed = false;
};

} // namespace lathe::views

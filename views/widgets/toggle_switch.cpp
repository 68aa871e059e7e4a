#include <views/widgets/toggle_switch.h>

#include <QPainter>

#include <views/widgets/theme.h>

namespace lathe::views {

ToggleSwitch::ToggleSwitch(QWidget* parent) : QAbstractButton(parent) {
    setCheckable(true);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setFocusPolicy(Qt::StrongFocus);
    setFixedSize(naturalSize());
}

void ToggleSwitch::setMixed(bool mixed) {
    m_isMixed = mixed;
    update();
}

void ToggleSwitch::nextCheckState() {
    setChecked(m_isMixed || !isChecked());
    m_isMixed = false;
}

void ToggleSwitch::draw(QPainter& painter, const QRect& rect, bool on, bool enabled, const QPalette& palette, bool mixed) {
    const ThemeColors& colors = themeColors(palette);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF track = QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5);
    painter.setPen(QPen(on || mixed ? colors.accent : colors.scroll, 1));
    QColor fill = on ? colors.accent : colors.chip;
    if (!enabled) fill = colors.chip;
    painter.setBrush(fill);
    painter.drawRoundedRect(track, track.height() / 2, track.height() / 2);
    const double diameter = track.height() - 4;
    const double left = mixed ? track.center().x() - diameter / 2 : on ? track.right() - 2 - diameter : track.left() + 2;
    painter.setPen(Qt::NoPen);
    painter.setBrush(enabled ? QColor(0xffffff) : colors.disabled);
    painter.drawEllipse(QRectF(left, track.top() + 2, diameter, diameter));
    painter.restore();
}

void ToggleSwitch::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    draw(painter, rect(), isChecked(), isEnabled(), palette(), m_isMixed);
    if (hasFocus()) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(themeColors(palette()).text, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8);
    }
}

} // namespace lathe::views

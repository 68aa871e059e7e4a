#include <views/widgets/flat_tab_bar.h>

#include <QPainter>
#include <QStyleOption>

#include <views/widgets/panel_header.h>
#include <views/widgets/theme.h>

namespace lathe::views {

namespace {
constexpr int padding = 7;
}

FlatTabBar::FlatTabBar(QWidget* parent) : QTabBar(parent) {
    setDrawBase(false);
    setExpanding(false);
    setUsesScrollButtons(false);
    setElideMode(Qt::ElideNone);
    setFocusPolicy(Qt::TabFocus);
}

QFont FlatTabBar::strongFont() const {
    QFont strong = font();
    strong.setBold(true);
    return strong;
}

QSize FlatTabBar::tabSizeHint(int index) const {
    // Room for the strong font in every state, so that nothing moves when the tab changes.
    return {QFontMetrics(strongFont()).horizontalAdvance(tabText(index)) + 2 * padding, PanelHeader::height - 1};
}

void FlatTabBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const ThemeColors& colors = themeColors(palette());
    for (int index = 0; index < count(); ++index) {
        const QRect rect = tabRect(index);
        const bool isCurrent = index == currentIndex();
        painter.setFont(isCurrent ? strongFont() : font());
        painter.setPen(!isTabEnabled(index) ? colors.disabled : isCurrent ? colors.text : colors.muted);
        painter.drawText(rect, Qt::AlignCenter, tabText(index));
        if (!isCurrent) continue;
        painter.fillRect(QRect(rect.left() + padding - 1, rect.bottom() - 1, rect.width() - 2 * padding + 2, 2), colors.accent);
        if (hasFocus()) {
            painter.setPen(QPen(colors.accent, 1, Qt::DotLine));
            painter.drawRect(rect.adjusted(2, 7, -3, -8));
        }
    }
}

} // namespace lathe::views

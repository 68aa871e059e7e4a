#include <views/widgets/panel_header.h>

#include <QPainter>

#include <views/widgets/theme.h>

namespace lathe::views {

PanelHeader::PanelHeader(QWidget* parent) : QWidget(parent), m_row(new QHBoxLayout(this)) {
    setFixedHeight(height);
    m_row->setContentsMargins(12, 0, 8, 1);
    m_row->setSpacing(8);
}

void PanelHeader::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const ThemeColors& colors = themeColors(palette());
    painter.fillRect(rect(), colors.window);
    painter.fillRect(QRect(0, rect().bottom(), width(), 1), colors.border);
}

} // namespace lathe::views

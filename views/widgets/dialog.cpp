#include <views/widgets/dialog.h>

#include <algorithm>

#include <QEvent>
#include <QLayout>
#include <QScreen>

namespace lathe::views {

bool Dialog::event(QEvent* event) {
    const bool isHandled = QDialog::event(event);
    switch (event->type()) {
    case QEvent::LayoutRequest:
    case QEvent::Polish:
    case QEvent::Resize:
    case QEvent::Show:
        fit();
        break;
    default:
        break;
    }
    return isHandled;
}

void Dialog::fit() {
    if (!layout()) return;
    const QSize least = layout()->totalMinimumSize();
    const int atWidth =
        layout()->hasHeightForWidth() ? layout()->totalMinimumHeightForWidth(std::max(width(), least.width())) : least.height();
    const int needed = std::min(std::max(least.height(), atWidth), screen()->availableGeometry().height());
    if (minimumHeight() != needed) setMinimumHeight(needed);
}

} // namespace lathe::views

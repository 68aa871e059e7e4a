#include <views/graph/legend.h>

#include <algorithm>
#include <utility>

#include <QPainter>

#include <views/widgets/theme.h>

namespace lathe::views {

namespace {

constexpr int barHeight = 8, margin = 6, steps = 9, narrowest = 126;

} // namespace

Legend::Legend(QWidget* parent) : QWidget(parent) { setAttribute(Qt::WA_TransparentForMouseEvents); }

void Legend::setTranslucent(bool translucent) {
    if (std::exchange(m_isTranslucent, translucent) != translucent) update();
}

void Legend::setScale(const QString& title, std::optional<ColourScale> scale, const QString& minimumText, const QString& maximumText) {
    m_title = title;
    m_scale = scale;
    m_minimumText = minimumText;
    m_maximumText = maximumText;
    setAccessibleName(QStringLiteral("%1: %2 – %3").arg(title, minimumText, maximumText));
    update();
}

QSize Legend::sizeHint() const {
    const QFontMetrics metrics(font());
    const int ends = metrics.horizontalAdvance(m_minimumText) + metrics.horizontalAdvance(m_maximumText) + 16;
    const int width = std::max({narrowest, metrics.horizontalAdvance(m_title), ends});
    return {width + 2 * margin, 2 * metrics.height() + barHeight + 8 + 2 * margin};
}

void Legend::paintEvent(QPaintEvent*) {
    const ThemeColors& colors = themeColors(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor back = colors.canvas;
    back.setAlphaF(m_isTranslucent ? 0.55F : 0.9F);
    painter.setPen(Qt::NoPen);
    painter.setBrush(back);
    painter.drawRoundedRect(rect(), 4, 4);
    const QRect inner = rect().adjusted(margin, margin, -margin, -margin);
    const int line = painter.fontMetrics().height();
    painter.setPen(colors.muted);
    painter.drawText(inner, Qt::AlignLeft | Qt::AlignTop | Qt::TextSingleLine, m_title);
    painter.setRenderHint(QPainter::Antialiasing, false);
    const QRect bar(inner.left(), inner.top() + line + 4, inner.width(), barHeight);
    for (int step = 0; step < steps; ++step) {
        const int from = bar.left() + bar.width() * step / steps, to = bar.left() + bar.width() * (step + 1) / steps;
        painter.fillRect(from, bar.top(), to - from, bar.height(),
                         m_scale ? viridis(static_cast<double>(step) / (steps - 1)) : colors.scroll);
    }
    const QRect ends(inner.left(), bar.bottom() + 4, inner.width(), line);
    painter.drawText(ends, Qt::AlignLeft | Qt::TextSingleLine, m_minimumText);
    painter.drawText(ends, Qt::AlignRight | Qt::TextSingleLine, m_maximumText);
}

} // namespace lathe::views

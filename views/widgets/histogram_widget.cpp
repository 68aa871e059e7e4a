#include <views/widgets/histogram_widget.h>

#include <algorithm>

#include <QPainter>

#include <views/models/number_text.h>
#include <views/widgets/theme.h>

namespace lathe::views {

HistogramWidget::HistogramWidget(QWidget* parent) : QWidget(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed); }

void HistogramWidget::setContent(Content content) {
    m_content = std::move(content);
    setAccessibleDescription(m_content.counts.empty()
                                 ? m_content.message
                                 : tr("Values from %1 to %2").arg(figureText(m_content.from), figureText(m_content.to)));
    update();
}

void HistogramWidget::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const ThemeColors& colors = themeColors(palette());
    const int textHeight = fontMetrics().height();
    const QRect plot = rect().adjusted(4, 4, -4, -textHeight - 4);
    painter.fillRect(QRect(plot.left(), plot.bottom() + 1, plot.width(), 1), colors.border);
    if (!m_content.message.isEmpty()) {
        painter.setPen(colors.muted);
        painter.drawText(plot, Qt::AlignCenter | Qt::TextWordWrap, m_content.message);
    }
    if (m_content.counts.empty() || !(m_content.to > m_content.from)) return;

    const auto highest = std::max<std::int64_t>(1, *std::max_element(m_content.counts.begin(), m_content.counts.end()));
    const double width = static_cast<double>(plot.width()) / static_cast<double>(m_content.counts.size());
    for (std::size_t bin = 0; bin < m_content.counts.size(); ++bin) {
        if (m_content.counts[bin] == 0) continue;
        const double height = std::max(1.0, static_cast<double>(m_content.counts[bin]) / static_cast<double>(highest) * plot.height());
        const double left = plot.left() + static_cast<double>(bin) * width;
        painter.fillRect(QRectF(left, plot.bottom() + 1 - height, std::max(1.0, width - 1), height), colors.accent);
    }

    const double perUnit = plot.width() / (m_content.to - m_content.from);
    if (m_content.limits) {
        painter.setPen(QPen(colors.mark, 1.5, Qt::DashLine));
        for (const double limit : {m_content.limits->first, m_content.limits->second}) {
            const double x = std::clamp(plot.left() + (limit - m_content.from) * perUnit, plot.left() + 0.5, plot.right() + 0.5);
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
        }
    }
    painter.setPen(QPen(colors.mark, 1));
    for (const double number : m_content.marks) {
        if (!(number >= m_content.from && number <= m_content.to)) continue;
        const double x = plot.left() + (number - m_content.from) * perUnit;
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom() + 4));
    }
    painter.setPen(colors.muted);
    const QRect axis(plot.left(), plot.bottom() + 3, plot.width(), textHeight);
    painter.drawText(axis, Qt::AlignLeft | Qt::AlignVCenter, figureText(m_content.from));
    painter.drawText(axis, Qt::AlignRight | Qt::AlignVCenter, figureText(m_content.to));
    if (m_content.from < 0 && m_content.to > 0) {
        const double zero = plot.left() - m_content.from * perUnit;
        if (zero > plot.left() + plot.width() * 0.25 && zero < plot.left() + plot.width() * 0.75) {
            painter.drawText(QRectF(zero - 20, axis.top(), 40, textHeight), Qt::AlignCenter, QStringLiteral("0"));
        }
    }
}

} // namespace lathe::views

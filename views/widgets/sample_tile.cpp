#include <views/widgets/sample_tile.h>

#include <QImage>
#include <QPainter>
#include <QPolygonF>

#include <views/models/number_text.h>

namespace lathe::views {

SampleTile::SampleTile(QWidget* parent) : QWidget(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding); }

void SampleTile::setSample(const client::SampleView& view, const QString& caption) {
    m_view = view;
    m_caption = caption;
    setAccessibleName(caption);
    setToolTip(view.levels.empty() ? QString() : tr("values from %1 to %2").arg(figureText(view.minimum), figureText(view.maximum)));
    update();
}

SampleTile::Kind SampleTile::kind() const { return m_view.shape.size() == 3 && m_view.shape[1] > 1 ? Kind::Image : Kind::Curve; }

QImage SampleTile::image() const {
    if (kind() != Kind::Image) return {};
    const auto channels = m_view.shape[0], height = m_view.shape[1], width = m_view.shape[2];
    QImage image(static_cast<int>(width), static_cast<int>(height), QImage::Format_RGB32);
    for (std::int64_t row = 0; row < height; ++row) {
        for (std::int64_t column = 0; column < width; ++column) {
            const auto level = [&](std::int64_t channel) {
                const std::int64_t plane = channels == 3 ? channel : 0;
                return static_cast<int>(m_view.levels[static_cast<std::size_t>((plane * height + row) * width + column)]);
            };
            image.setPixel(static_cast<int>(column), static_cast<int>(row), qRgb(level(0), level(1), level(2)));
        }
    }
    return image;
}

void SampleTile::paintEvent(QPaintEvent*) {
    if (m_view.levels.empty()) return;
    QPainter painter(this);
    const int captionHeight = fontMetrics().height() + 4;
    const QRect area = rect().adjusted(2, 2, -2, -captionHeight);
    if (kind() == Kind::Image) {
        const QImage picture = image();
        QRect target(QPoint(), picture.size().scaled(area.size(), Qt::KeepAspectRatio));
        target.moveCenter(area.center());
        // Pixels stay pixels: this is what the model sees.
        painter.drawImage(target, picture);
    } else {
        QPolygonF curve;
        const auto count = static_cast<double>(m_view.levels.size());
        for (std::size_t at = 0; at < m_view.levels.size(); ++at) {
            const double x = area.left() + area.width() * (count > 1 ? static_cast<double>(at) / (count - 1) : 0.5);
            curve << QPointF(x, area.bottom() - area.height() * static_cast<double>(m_view.levels[at]) / 255);
        }
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(palette().color(QPalette::Highlight), 1.2));
        painter.drawPolyline(curve);
    }
    painter.setPen(palette().color(QPalette::WindowText));
    const QRect captionArea(0, height() - captionHeight, width(), captionHeight);
    painter.drawText(captionArea, Qt::AlignCenter, fontMetrics().elidedText(m_caption, Qt::ElideRight, captionArea.width()));
}

} // namespace lathe::views

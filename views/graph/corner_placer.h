#pragma once

#include <span>

#include <QRect>
#include <QSize>

namespace lathe::views {

enum class Corner { BottomRight, BottomLeft, TopRight, TopLeft };

/// Where an overlay goes, and how much it hides there.
struct CornerPlace {
    QRect rect;
    double covered = 0; ///< square pixels of what lies below it
    [[nodiscard]] bool isFree() const { return covered == 0; }
};

/// The corner of `room` (margin pixels from its edges) in which an overlay of that size covers nothing of `below`: the preferred one when
/// it is free, else the next in the order of Corner, else the one that covers least. A corner where another overlay (`taken`) stands comes
/// last, whatever it covers.
[[nodiscard]] CornerPlace placeInCorner(QSize room, QSize size, int margin, Corner preferred, std::span<const QRectF> below,
                                        std::span<const QRect> taken);

} // namespace lathe::views

#include <views/graph/corner_placer.h>

#include <algorithm>
#include <array>
#include <optional>

namespace lathe::views {

namespace {

QRect rectIn(Corner corner, QSize room, QSize size, int margin) {
    const bool isRight = corner == Corner::BottomRight || corner == Corner::TopRight;
    const bool isBottom = corner == Corner::BottomRight || corner == Corner::BottomLeft;
    return {{isRight ? room.width() - size.width() - margin : margin, isBottom ? room.height() - size.height() - margin : margin}, size};
}

} // namespace

CornerPlace placeInCorner(QSize room, QSize size, int margin, Corner preferred, std::span<const QRectF> below,
                          std::span<const QRect> taken) {
    std::array corners{Corner::BottomRight, Corner::BottomLeft, Corner::TopRight, Corner::TopLeft};
    std::stable_partition(corners.begin(), corners.end(), [&](Corner corner) { return corner == preferred; });
    std::optional<CornerPlace> best;
    bool isBestTaken = true;
    for (const Corner corner : corners) {
        CornerPlace place{rectIn(corner, room, size, margin)};
        for (const QRectF& rect : below) {
            const QRectF hidden = rect & QRectF(place.rect);
            place.covered += std::max(0.0, hidden.width()) * std::max(0.0, hidden.height());
        }
        const bool isTaken = std::any_of(taken.begin(), taken.end(), [&](const QRect& other) { return other.intersects(place.rect); });
        const bool isBetter = !best || (isBestTaken && !isTaken) || (isBestTaken == isTaken && place.covered < best->covered);
        if (!isBetter) continue;
        best = place;
        isBestTaken = isTaken;
    }
    return *best;
}

} // namespace lathe::views

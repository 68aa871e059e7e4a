#include <views/graph/label_placer.h>

#include <algorithm>
#include <cmath>

namespace lathe::views {

template<class Visit>
void LabelPlacer::forCells(const QRectF& rect, Visit visit) {
    constexpr double cell = 128;
    const auto index = [](double coordinate) { return static_cast<qint32>(std::floor(coordinate / cell)); };
    for (qint32 y = index(rect.top()); y <= index(rect.bottom()); ++y) {
        for (qint32 x = index(rect.left()); x <= index(rect.right()); ++x) {
            visit((static_cast<quint64>(static_cast<quint32>(y)) << 32) | static_cast<quint32>(x));
        }
    }
}

void LabelPlacer::take(const QRectF& rect) {
    forCells(rect, [&](quint64 key) { m_cells[key].push_back(rect); });
}

bool LabelPlacer::isFree(const QRectF& rect) const {
    bool free = true;
    forCells(rect, [&](quint64 key) {
        const auto found = m_cells.find(key);
        if (found == m_cells.end()) return;
        free =
            free && std::none_of(found->second.begin(), found->second.end(), [&](const QRectF& taken) { return taken.intersects(rect); });
    });
    return free;
}

std::optional<QRectF> LabelPlacer::place(std::span<const QRectF> candidates) {
    for (const QRectF& candidate : candidates) {
        if (!isFree(candidate)) continue;
        take(candidate);
        return candidate;
    }
    return std::nullopt;
}

} // namespace lathe::views

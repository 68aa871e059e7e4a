#pragma once

#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include <QRectF>

namespace lathe::views {

/// Finds room for labels among rectangles that are taken. Rectangles are kept in the cells of a grid, so that thousands stay fast.
class LabelPlacer {
public:
    void take(const QRectF& rect);
    [[nodiscard]] bool isFree(const QRectF& rect) const;
    /// The first candidate that touches nothing taken; it is taken from then on. Nothing when all are in the way.
    std::optional<QRectF> place(std::span<const QRectF> candidates);

private:
    template<class Visit>
    static void forCells(const QRectF& rect, Visit visit);

    std::unordered_map<quint64, std::vector<QRectF>> m_cells;
};

} // namespace lathe::views

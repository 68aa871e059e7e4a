#include <views/charts/pareto_front.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lathe::views {

std::vector<std::size_t> paretoFront(std::span<const ParetoPoint> points) {
    std::vector<std::size_t> order;
    for (std::size_t index = 0; index < points.size(); ++index) {
        if (std::isfinite(points[index].cost) && std::isfinite(points[index].value)) order.push_back(index);
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return points[a].cost != points[b].cost ? points[a].cost < points[b].cost : points[a].value > points[b].value;
    });
    std::vector<std::size_t> front;
    for (const std::size_t index : order) {
        const ParetoPoint& point = points[index];
        const bool isFirst = front.empty();
        const ParetoPoint last = isFirst ? ParetoPoint{0, -std::numeric_limits<double>::infinity()} : points[front.back()];
        const bool isEqual = !isFirst && point.cost == last.cost && point.value == last.value;
        if (point.value > last.value || isEqual) front.push_back(index);
    }
    return front;
}

} // namespace lathe::views

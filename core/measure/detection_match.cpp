#include <core/measure/detection_match.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <core/graph/operators/conversion.h>

namespace lathe::measure {

namespace {

constexpr double enoughOverlap = 0.9, scoreTolerance = 0.01;

double areaOf(const float* box) {
    return std::max(0.0, static_cast<double>(box[2]) - box[0]) * std::max(0.0, static_cast<double>(box[3]) - box[1]);
}

/// Intersection over union.
double overlapOf(const float* a, const float* b) {
    if (std::equal(a, a + 4, b)) return 1; // also without an area
    const float shared[] = {std::max(a[0], b[0]), std::max(a[1], b[1]), std::min(a[2], b[2]), std::min(a[3], b[3])};
    const double both = areaOf(shared);
    return both / std::max(areaOf(a) + areaOf(b) - both, 1e-12);
}

} // namespace

std::optional<Detections> detectionsOf(const std::vector<tensor::Tensor>& outputs) {
    const tensor::Tensor *boxes = nullptr, *labels = nullptr, *scores = nullptr;
    for (const tensor::Tensor& output : outputs) {
        const bool isFloat = graph::isFloatingPoint(output.dtype());
        const std::size_t rank = output.shape().size();
        const tensor::Tensor** place = rank == 2 && output.shape()[1] == 4 && isFloat ? &boxes
                                       : rank == 1                                    ? (isFloat ? &scores : &labels)
                                                                                      : nullptr;
        if (place == nullptr) continue;
        if (*place != nullptr) return std::nullopt;
        *place = &output;
    }
    if (boxes == nullptr || scores == nullptr || boxes->shape()[0] != scores->shape()[0]) return std::nullopt;
    if (labels != nullptr && labels->shape() != scores->shape()) return std::nullopt;
    return Detections{boxes->toFloats(), labels != nullptr ? labels->toFloats() : std::vector<float>{}, scores->toFloats()};
}

double matchedShare(const Detections& actual, const Detections& expected) {
    const std::size_t most = std::max(actual.count(), expected.count());
    if (most == 0) return 1;
    if (actual.count() == 0 || expected.count() == 0 || actual.labels.empty() != expected.labels.empty()) return 0;
    const double tolerance = scoreTolerance * std::max(static_cast<double>(*std::ranges::max_element(expected.scores)), 1e-12);
    std::vector<std::size_t> order(actual.count());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return actual.scores[a] > actual.scores[b]; });
    std::vector<bool> isTaken(expected.count(), false);
    std::size_t found = 0;
    for (const std::size_t at : order) {
        double best = 0;
        std::size_t partner = 0;
        for (std::size_t other = 0; other < expected.count(); ++other) {
            if (isTaken[other] || (!actual.labels.empty() && actual.labels[at] != expected.labels[other])) continue;
            if (!(std::fabs(static_cast<double>(actual.scores[at]) - expected.scores[other]) <= tolerance)) continue;
            const double overlap = overlapOf(&actual.boxes[4 * at], &expected.boxes[4 * other]);
            if (overlap < enoughOverlap || overlap <= best) continue;
            best = overlap;
            partner = other;
        }
        if (best == 0) continue;
        isTaken[partner] = true;
        ++found;
    }
    return static_cast<double>(found) / static_cast<double>(most);
}

} // namespace lathe::measure

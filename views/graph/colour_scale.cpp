#include <views/graph/colour_scale.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lathe::views {

namespace {

/// Every 1/16 of the published table of 256 colours; linear between them, at most 6/255 from it.
constexpr std::array<QRgb, 17> anchors{0x440154, 0x48186a, 0x472d7b, 0x424086, 0x3b528b, 0x33638d, 0x2c728e, 0x26828e, 0x21918c,
                                       0x1f9f88, 0x27ad81, 0x3dbc74, 0x5cc863, 0x81d34d, 0xaadc32, 0xd5e21a, 0xfde725};

} // namespace

QColor viridis(double position) {
    if (std::isnan(position)) return {};
    const double place = std::clamp(position, 0.0, 1.0) * (anchors.size() - 1);
    const auto lower = std::min(static_cast<std::size_t>(place), anchors.size() - 2);
    const double share = place - static_cast<double>(lower);
    const QColor from(anchors[lower]), to(anchors[lower + 1]);
    const auto mix = [share](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * share)); };
    return {mix(from.red(), to.red()), mix(from.green(), to.green()), mix(from.blue(), to.blue())};
}

double ColourScale::position(double value) const {
    if (std::isnan(value)) return value;
    return maximum > minimum ? (value - minimum) / (maximum - minimum) : 0;
}

} // namespace lathe::views

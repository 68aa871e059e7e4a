#pragma once

#include <QColor>

namespace lathe::views {

/// The colour at `position` 0..1 of viridis (Smith & van der Walt, matplotlib 1.5): equal steps look equal, also to colour-blind people and
/// in grey. Outside 0..1 it is that of the nearer end; NaN gives an invalid colour.
[[nodiscard]] QColor viridis(double position);

/// Maps values from `minimum` to `maximum` to colours. All equal values are at the lower end.
struct ColourScale {
    double minimum = 0, maximum = 1;

    /// 0..1; NaN stays NaN.
    [[nodiscard]] double position(double value) const;
    [[nodiscard]] QColor colour(double value) const { return viridis(position(value)); }
};

} // namespace lathe::views

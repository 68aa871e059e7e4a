#pragma once

#include <cmath>

#include <core/history/figures.h>

namespace lathe::test {

/// A number for the figure that no other has (within what it may be), never 0.
[[nodiscard]] inline double numberFor(const history::Figure& figure) {
    const auto place = static_cast<double>(&figure - history::figures().data());
    const bool isCount = std::visit([](const auto& member) { return member.largestCount > 0; }, figure.in);
    return isCount ? 1001 + place : 0.25 + place / 1024;
}

/// Gives every figure its number. Without reasons to doubt them; macs_unknown_layers stays 0, since it makes another figure a part.
inline void setEveryFigure(measure::ModelResult& result, std::optional<measure::Comparison>& comparison) {
    for (const history::Figure& figure : history::figures())
        if (figure.name != "macs_unknown_layers") (void)history::setValue(figure, numberFor(figure), result, comparison);
}

/// A complete optimized run that has every figure.
[[nodiscard]] inline history::RunRow rowWithEveryFigure() {
    history::RunRow row;
    row.id = "every";
    row.name = "every figure";
    row.role = history::RunRole::Optimized;
    row.state = history::RunState::Complete;
    row.comparison.emplace();
    setEveryFigure(row.result, row.comparison);
    return row;
}

} // namespace lathe::test

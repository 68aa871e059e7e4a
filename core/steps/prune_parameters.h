#pragma once

#include <string>
#include <string_view>

#include <core/steps/parameters.h>

namespace lathe::steps {

/// What both kinds of pruning have in common.
inline constexpr NumberParameter pruneRatio{"ratio", 0.5, 0, 0.99, Reach::Layer};
inline constexpr FlagParameter pruneSkip{"skip", false, Reach::Layer};

/// "L1 50 %" for the criterion "l1", "geometric median 50 %" for "geometric_median".
[[nodiscard]] std::string pruneBrief(std::string_view criterion, const Step& step);

} // namespace lathe::steps

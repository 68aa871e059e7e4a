#pragma once

#include <cstdint>
#include <string>

#include <QString>

#include <core/history/history.h>

namespace lathe::views {

// What is said about one run, in the language of the window.

/// What a speed-up is a ratio to, in the language of the window: "Lathe's FP32 plan"; empty: not recorded.
[[nodiscard]] QString speedupBaselineText(const measure::Speedup& speedup);
/// "Not reliable", the reason of core's and what to do; empty for an empty reason.
[[nodiscard]] QString notReliableText(const std::string& reason);
/// One sentence: the run's speed is not reliable, why, and what to do; empty when it is.
[[nodiscard]] QString doubtText(const history::RunRow& row);
/// Has the run a median and an accuracy to show?
[[nodiscard]] bool hasResult(const history::RunRow& row);
/// What was measured in turns: "2.26× (2.23–2.28)" with the 95 % interval, or that there is no significant difference.
[[nodiscard]] QString measuredSpeedupText(const measure::Speedup& speedup);
/// "28.2 dB", "identical" or a dash: the outputs against those of the original.
[[nodiscard]] QString sqnrText(const measure::Quality& quality);
/// Half the width of the 95 % Wilson interval of an accuracy that was counted over `samples` (Wilson 1927), fraction.
[[nodiscard]] double accuracyHalfWidth(double accuracy, std::int64_t samples);

} // namespace lathe::views

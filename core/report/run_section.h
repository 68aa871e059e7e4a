#pragma once

#include <string>

#include <core/history/history.h>

namespace lathe::report {

/// The part of the HTML report about one run: state, recipe and steps, exports, layers, classes, confusion matrix, flipped samples,
/// environment. `label` is the letter by which the report names it.
[[nodiscard]] std::string runSection(const history::RunRow& run, const std::string& label);

/// "running", "complete", "cancelled", "failed", "interrupted".
[[nodiscard]] const char* name(history::RunState state);

} // namespace lathe::report

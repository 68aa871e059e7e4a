#pragma once

#include <string>
#include <vector>

#include <core/history/history.h>

namespace lathe::history {

// A comparison is one document and two rows of the history; each can be made from the other.

/// The rows of a comparison, baseline first: the document that was just measured (or read from JSON) reports like one from the history.
/// Ids that the document does not have become "baseline" and "optimized".
[[nodiscard]] std::vector<RunRow> rowsOf(const measure::RunDocument& document, const std::string& createdAt = {});

/// The document of the two. `baseline` may be empty: its row is gone. Without the name of the history's file, which rows do not know.
[[nodiscard]] measure::RunDocument documentOf(const RunRow& baseline, const RunRow& optimized);

} // namespace lathe::history

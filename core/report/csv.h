#pragma once

#include <span>
#include <string>
#include <string_view>

#include <core/history/history.h>

namespace lathe::report {

/// One cell of text as RFC 4180 wants it. A text that a spreadsheet would run as a formula (it begins with = + - @ TAB or CR and is not a
/// number) gets a ' in front.
[[nodiscard]] std::string csvCell(std::string_view text);

/// The history as a table: one line per run and a header. Numbers in the C locale at full precision, empty where there is none, units in
/// the header's names.
[[nodiscard]] std::string runsCsv(std::span<const history::RunRow> runs);

/// Every latency sample: run_id, name, sample (from 0, in the order of measuring), latency_ms.
[[nodiscard]] std::string latencyCsv(std::span<const history::RunRow> runs);

/// Every layer of every run with its figures.
[[nodiscard]] std::string layersCsv(std::span<const history::RunRow> runs);

} // namespace lathe::report

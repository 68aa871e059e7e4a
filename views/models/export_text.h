#pragma once

#include <QString>

#include <core/history/exported_file.h>

namespace lathe::views::export_text {

// What judges found out about an exported file, in the words of the window.

/// "torch 2.11.0".
[[nodiscard]] QString judge(const history::ExportCheck& check);
/// "✓ the same", "✗ different", "– not judged".
[[nodiscard]] QString verdict(history::ExportVerdict verdict);
/// Of all judges together: different when one found that, the same when one did and none differs; "– not verified" without judges.
[[nodiscard]] QString verdict(const std::vector<history::ExportCheck>& checks);
/// "0.0021 (0.03 %)": the largest difference, and what share of the largest output it is.
[[nodiscard]] QString difference(const history::ExportCheck& check);
[[nodiscard]] QString milliseconds(std::optional<double> value);
/// Why it is not judged, or what differs, with the judge's name; "" where the figures say it.
[[nodiscard]] QString reason(const history::ExportCheck& check);
/// File, sizes and every check, one line each.
[[nodiscard]] QString summary(const history::ExportedFile& exported);

} // namespace lathe::views::export_text

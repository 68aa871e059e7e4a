#pragma once

#include <filesystem>

#include <core/base/result.h>
#include <core/client/protocol.h>
#include <core/measure/result.h>

namespace lathe::engine {

/// Writes the HTML report of a comparison, aside and then renamed. Errors: NoSpace, NotFound (no such folder).
[[nodiscard]] base::Result<client::ExportReply> writeReport(const measure::RunDocument& document, const std::filesystem::path& file);

} // namespace lathe::engine

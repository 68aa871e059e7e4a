#pragma once

#include <string>

#include <QString>

#include <core/base/message.h>
#include <core/base/result.h>

namespace lathe::views {

/// What core says, in the language of the window. Names in it stay as they are. A sentence without a code (it was stored by an older Lathe)
/// is looked for in the table, and stays as it is when it is not there.
[[nodiscard]] QString engineText(const base::Message& message);
/// With what was being done.
[[nodiscard]] QString engineText(const base::Error& error);
[[nodiscard]] QString engineText(const std::string& sentence);
[[nodiscard]] QString engineText(const QString& sentence);

} // namespace lathe::views

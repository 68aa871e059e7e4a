#pragma once

#include <string>

#include <QString>

#include <core/base/message.h>

namespace lathe::views {

/// What core says, in the language of the window; names in it stay as they are, a sentence without a code too.
[[nodiscard]] QString engineText(const base::Message& message);

/// Of a sentence that came without its code: it was stored, or sent by an older engine.
[[nodiscard]] QString engineText(const std::string& sentence);
[[nodiscard]] QString engineText(const QString& sentence);

} // namespace lathe::views

#pragma once

#include <vector>

#include <core/base/message.h>

namespace lathe::base {

/// The parts of messageSentences(): notes (messages.cpp) and errors (error_messages.cpp).
[[nodiscard]] const std::vector<MessageSentence>& noteSentences();
[[nodiscard]] const std::vector<MessageSentence>& errorSentences();

} // namespace lathe::base

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <core/base/json.h>
#include <core/base/message.h>

namespace lathe::base {

/// {"code", "arguments": {name: text, or another such object for a reason within the sentence}}; null for a message without a code.
[[nodiscard]] Json codeJson(const Message& message);

/// Writes English sentences as the list `key`, which is all that older programs read; and beside it, where one has a code, the list `key` +
/// "_codes", one for each.
void writeMessages(Json& json, std::string_view key, const std::vector<std::string>& sentences);

/// The English sentences.
[[nodiscard]] std::vector<std::string> texts(const std::vector<Message>& messages);

} // namespace lathe::base

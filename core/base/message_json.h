#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <core/base/json.h>
#include <core/base/json_reader.h>
#include <core/base/message.h>

namespace lathe::base {

/// {"code", "arguments": {name: text, or another such object for a reason within the sentence}}; null for a message without a code.
[[nodiscard]] Json codeJson(const Message& message);

/// Writes the English sentence as `key`, which is all that older programs read; and beside it, where it has a code, `key` + "_code".
void writeMessage(Json& json, std::string_view key, const Message& message);
/// A list of them: `key`, and where one has a code the list `key` + "_codes", one for each.
void writeMessages(Json& json, std::string_view key, const std::vector<Message>& messages);

/// What those wrote. A sentence alone, as older programs wrote it, or one with a code that this program does not know, stands for itself.
[[nodiscard]] Message readMessage(const JsonReader& in, std::string_view key);
[[nodiscard]] std::vector<Message> readMessages(const JsonReader& in, std::string_view key, std::size_t maxCount = 100'000);
/// The message of a sentence and its code: null where it has none.
[[nodiscard]] Message messageFromJson(const std::string& sentence, const JsonReader& code);

/// The English sentences.
[[nodiscard]] std::vector<std::string> texts(const std::vector<Message>& messages);

} // namespace lathe::base

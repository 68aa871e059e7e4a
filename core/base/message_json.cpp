#include <core/base/message_json.h>

#include <algorithm>

namespace lathe::base {

Json codeJson(const Message& message) {
    if (message.code().empty()) return nullptr;
    Json arguments = Json::object();
    for (const Message::Argument& argument : message.arguments())
        arguments[argument.name] = argument.value.code().empty() ? Json(argument.value.text()) : codeJson(argument.value);
    return {{"code", message.code()}, {"arguments", std::move(arguments)}};
}

void writeMessages(Json& json, std::string_view key, const std::vector<std::string>& sentences) {
    json[std::string(key)] = sentences;
    Json codes = Json::array();
    for (const std::string& sentence : sentences)
        codes.push_back(codeJson(messageOf(sentence)));
    if (std::ranges::any_of(codes, [](const Json& code) { return !code.is_null(); })) json[std::string(key) + "_codes"] = std::move(codes);
}

std::vector<std::string> texts(const std::vector<Message>& messages) {
    std::vector<std::string> all;
    all.reserve(messages.size());
    for (const Message& message : messages)
        all.push_back(message.text());
    return all;
}

} // namespace lathe::base

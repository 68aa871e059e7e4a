#include <core/base/message_json.h>

#include <algorithm>

namespace lathe::base {

namespace {

/// Of reasons within reasons: reading and wording recurse.
constexpr int maxDepth = 16;
constexpr std::size_t maxArguments = 32;

std::string codeKey(std::string_view key) { return std::string(key) + "_code"; }
std::string codesKey(std::string_view key) { return std::string(key) + "_codes"; }

Message readCode(const std::string& sentence, const JsonReader& in, int depth) {
    if (depth > maxDepth) in.fail("holds reasons within reasons without end");
    if (!in.isGood() || in.isNull()) return sentence;
    const std::string code = in["code"].text(200);
    std::vector<Message::Argument> arguments;
    const auto read = [&](const JsonReader& value) {
        return value.json().is_string() ? Message(value.text()) : readCode({}, value, depth + 1);
    };
    for (auto& [name, value] : in["arguments"].members(read, maxArguments))
        arguments.emplace_back(name, std::move(value));
    if (sentenceOf(code) == nullptr) return sentence.empty() ? code : sentence;
    return {code, std::move(arguments)};
}

} // namespace

Json codeJson(const Message& message) {
    if (message.code().empty()) return nullptr;
    Json arguments = Json::object();
    for (const Message::Argument& argument : message.arguments())
        arguments[argument.name] = argument.value.code().empty() ? Json(argument.value.text()) : codeJson(argument.value);
    return {{"code", message.code()}, {"arguments", std::move(arguments)}};
}

void writeMessage(Json& json, std::string_view key, const Message& message) {
    json[std::string(key)] = message.text();
    if (!message.code().empty()) json[codeKey(key)] = codeJson(message);
}

void writeMessages(Json& json, std::string_view key, const std::vector<Message>& messages) {
    json[std::string(key)] = texts(messages);
    Json codes = Json::array();
    for (const Message& message : messages)
        codes.push_back(codeJson(message));
    if (std::ranges::any_of(codes, [](const Json& code) { return !code.is_null(); })) json[codesKey(key)] = std::move(codes);
}

Message messageFromJson(const std::string& sentence, const JsonReader& code) { return readCode(sentence, code, 0); }

Message readMessage(const JsonReader& in, std::string_view key) {
    const std::string sentence = in[key].text();
    return in.has(codeKey(key)) ? messageFromJson(sentence, in[codeKey(key)]) : Message(sentence);
}

std::vector<Message> readMessages(const JsonReader& in, std::string_view key, std::size_t maxCount) {
    const std::vector<std::string> sentences = in[key].texts(maxCount);
    if (!in.has(codesKey(key))) return std::vector<Message>(sentences.begin(), sentences.end());
    std::size_t at = 0;
    std::vector<Message> messages = in[codesKey(key)].list(
        [&](const JsonReader& code) {
            const std::string sentence = at < sentences.size() ? sentences[at] : std::string();
            ++at;
            return messageFromJson(sentence, code);
        },
        maxCount);
    if (messages.size() != sentences.size()) in[codesKey(key)].fail("has not one entry for each sentence");
    return messages;
}

std::vector<std::string> texts(const std::vector<Message>& messages) {
    std::vector<std::string> all;
    all.reserve(messages.size());
    for (const Message& message : messages)
        all.push_back(message.text());
    return all;
}

} // namespace lathe::base

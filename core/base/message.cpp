#include <core/base/message.h>

#include <algorithm>
#include <cassert>
#include <cctype>
#include <optional>
#include <ostream>
#include <unordered_map>

#include <core/base/message_tables.h>

namespace lathe::base {

namespace {

/// A sentence of the table, cut at its arguments: there is one piece more than there are names.
struct Template {
    std::string_view code;
    std::vector<std::string_view> pieces, names;
};

Template cut(const MessageSentence& sentence) {
    Template result{sentence.code, {}, {}};
    std::string_view rest = sentence.english;
    for (std::size_t open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
        const std::size_t close = rest.find('}', open);
        result.pieces.push_back(rest.substr(0, open));
        result.names.push_back(rest.substr(open + 1, close - open - 1));
        rest.remove_prefix(close + 1);
    }
    result.pieces.push_back(rest);
    return result;
}

/// What stands in the places of the arguments; nothing when it is another sentence. An argument is never empty.
std::optional<std::vector<std::string_view>> match(const Template& known, std::string_view text) {
    const std::string_view first = known.pieces.front(), last = known.pieces.back();
    if (known.names.empty()) return text == first ? std::optional(std::vector<std::string_view>{}) : std::nullopt;
    if (!text.starts_with(first) || !text.ends_with(last) || text.size() < first.size() + last.size()) return std::nullopt;
    text = text.substr(first.size(), text.size() - first.size() - last.size());
    std::vector<std::string_view> found;
    for (std::size_t i = 1; i + 1 < known.pieces.size(); ++i) {
        const std::size_t at = text.find(known.pieces[i], 1);
        if (at == std::string_view::npos) return std::nullopt;
        found.push_back(text.substr(0, at));
        text.remove_prefix(at + known.pieces[i].size());
    }
    if (text.empty()) return std::nullopt;
    found.push_back(text);
    return found;
}

/// Sentences with more words of their own first: "… at least 2 and at most 64." is not "… at least {least}.".
const std::vector<Template>& templates() {
    static const std::vector<Template> all = [] {
        std::vector<Template> made;
        for (const MessageSentence& sentence : messageSentences()) {
            if (!isFrame(sentence.english)) made.push_back(cut(sentence));
        }
        std::ranges::stable_sort(made, std::ranges::greater(), [](const Template& one) {
            std::size_t characters = 0;
            for (const std::string_view piece : one.pieces)
                characters += piece.size();
            return characters;
        });
        return made;
    }();
    return all;
}

} // namespace

const std::vector<MessageSentence>& messageSentences() {
    static const std::vector<MessageSentence> sentences = [] {
        std::vector<MessageSentence> all = noteSentences();
        all.insert(all.end(), errorSentences().begin(), errorSentences().end());
        return all;
    }();
    return sentences;
}

const char* sentenceOf(std::string_view code) {
    static const std::unordered_map<std::string_view, const char*> sentences = [] {
        std::unordered_map<std::string_view, const char*> made;
        for (const MessageSentence& sentence : messageSentences())
            made.emplace(sentence.code, sentence.english);
        return made;
    }();
    const auto found = sentences.find(code);
    return found == sentences.end() ? nullptr : found->second;
}

Message::Message(std::string_view code, std::vector<Argument> arguments) : m_code(code), m_arguments(std::move(arguments)) {
    assert(sentenceOf(code) != nullptr);
}

std::string Message::text() const {
    if (m_code.empty()) return m_sentence;
    const char* sentence = sentenceOf(m_code);
    if (sentence == nullptr) return m_code;
    return filled(sentence, [this](std::string_view name) {
        const auto found = std::ranges::find(m_arguments, name, &Argument::name);
        return found == m_arguments.end() ? std::string() : found->value.text();
    });
}

bool isFrame(std::string_view english) {
    constexpr std::ptrdiff_t least = 6;
    const std::string own = filled(english, [](std::string_view) { return std::string(); });
    if (std::ranges::count_if(own, [](unsigned char letter) { return std::isalpha(letter) != 0; }) < least) return true;
    return english.find(' ') == std::string_view::npos && !english.ends_with('.');
}

std::ostream& operator<<(std::ostream& out, const Message& message) { return out << message.text(); }

Message messageOf(std::string_view english) {
    // Sentences with an error's whole story are longer; matching those would only cost time.
    constexpr std::size_t longest = 2000;
    if (english.size() > longest) return std::string(english);
    for (const Template& known : templates()) {
        const auto values = match(known, english);
        if (!values) continue;
        std::vector<Message::Argument> arguments;
        for (std::size_t i = 0; i < values->size(); ++i)
            arguments.emplace_back(std::string(known.names[i]), messageOf((*values)[i]));
        return Message(known.code, std::move(arguments));
    }
    return std::string(english);
}

} // namespace lathe::base

#pragma once

#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lathe::base {

/// What core says to a person: a code ("prune.keepsChannels") with named arguments. Its English sentence, for the command line, files and
/// logs, is in a table (messages.cpp, error_messages.cpp); views say it in the language of the window. A sentence without a code stands for
/// itself: it comes from a file, from a library, or from a part that has no codes yet.
class Message {
public:
    struct Argument;

    Message();
    /// A sentence without a code.
    Message(std::string sentence);
    Message(const char* sentence);
    /// `code` is one of the table (asserted; lint.engine_text looks too), the arguments are those that its sentence names, in that order.
    Message(std::string_view code, std::vector<Argument> arguments);

    [[nodiscard]] const std::string& code() const { return m_code; }
    [[nodiscard]] const std::vector<Argument>& arguments() const { return m_arguments; }
    /// In English.
    [[nodiscard]] std::string text() const;
    [[nodiscard]] bool empty() const { return m_code.empty() && m_sentence.empty(); }
    /// Do they say the same? One that was stored as a sentence is equal to the one with its code.
    friend bool operator==(const Message& a, const Message& b) { return a.text() == b.text(); }
    /// In English, as text() says it.
    friend std::ostream& operator<<(std::ostream& out, const Message& message);

private:
    std::string m_code;
    std::vector<Argument> m_arguments;
    std::string m_sentence; ///< of a message without a code
};

/// A name, a number, or a reason within the sentence.
struct Message::Argument {
    Argument(std::string argumentName, Message argument) : name(std::move(argumentName)), value(std::move(argument)) {}
    Argument(std::string argumentName, std::string text) : name(std::move(argumentName)), value(std::move(text)) {}
    Argument(std::string argumentName, const char* text) : name(std::move(argumentName)), value(text) {}
    template<std::integral Number>
    Argument(std::string argumentName, Number number) : name(std::move(argumentName)), value(std::to_string(number)) {}

    std::string name;
    Message value;
};

// Here, where it is known what an argument is.
inline Message::Message() = default;
inline Message::Message(std::string sentence) : m_sentence(std::move(sentence)) {}
inline Message::Message(const char* sentence) : m_sentence(sentence) {}

/// A row of the tables. `english` names its arguments in braces: "\"{layer}\" is kept in float.".
struct MessageSentence {
    std::string_view code;
    const char* english;
};
[[nodiscard]] const std::vector<MessageSentence>& messageSentences();
/// Null: there is none of that code, as in a program that is older than the one that says it.
[[nodiscard]] const char* sentenceOf(std::string_view code);

/// `sentence` with each {name} in it replaced by what `valueOf` gives for it, all at once: a value may hold braces itself.
template<class ValueOf>
[[nodiscard]] std::string filled(std::string_view sentence, const ValueOf& valueOf) {
    std::string text;
    for (std::size_t at = 0; at < sentence.size();) {
        const std::size_t open = sentence.find('{', at);
        const std::size_t close = open == std::string_view::npos ? open : sentence.find('}', open);
        if (close == std::string_view::npos) return text += sentence.substr(at);
        text += sentence.substr(at, open - at);
        text += valueOf(sentence.substr(open + 1, close - open - 1));
        at = close + 1;
    }
    return text;
}

/// Has it hardly a word of its own ("{problem} ({context})"), or is it a word alone ("test")? The one fits everything, the other may be a
/// name.
[[nodiscard]] bool isFrame(std::string_view english);

/// The message that a sentence is the English text of: for what older versions stored or sent. The sentence itself, without a code, when it
/// is none of the table. Frames are not looked for.
[[nodiscard]] Message messageOf(std::string_view english);

} // namespace lathe::base

#include <core/graph/operators/schema.h>

#include <cassert>
#include <charconv>

namespace lathe::graph {

namespace {

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' '))
        text.remove_prefix(1);
    while (text.ends_with(' '))
        text.remove_suffix(1);
    return text;
}

/// The parts between commas that stand in no brackets and no quotes.
std::vector<std::string_view> parts(std::string_view text) {
    std::vector<std::string_view> found;
    std::size_t begin = 0;
    int depth = 0;
    bool isQuoted = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char character = text[at];
        if (character == '"') isQuoted = !isQuoted;
        if (isQuoted) continue;
        if (character == '(' || character == '[') ++depth;
        if (character == ')' || character == ']') --depth;
        if (character != ',' || depth > 0) continue;
        found.push_back(trimmed(text.substr(begin, at - begin)));
        begin = at + 1;
    }
    if (const std::string_view last = trimmed(text.substr(begin)); !last.empty()) found.push_back(last);
    return found;
}

/// "(a!)" or "(a -> *)" in a type: a letter alone, what may happen to it, and nothing else.
struct Annotation {
    std::size_t begin = std::string_view::npos, end = 0;
    char alias = 0;
    bool isWritten = false;
};
Annotation annotationIn(std::string_view type) {
    for (std::size_t at = type.find('('); at != std::string_view::npos; at = type.find('(', at + 1)) {
        const std::size_t end = type.find(')', at);
        if (end == std::string_view::npos || at + 2 > end) continue;
        const char next = type[at + 2];
        if (next != ')' && next != '!' && next != ' ' && next != '|') continue;
        const std::string_view inside = type.substr(at + 1, end - at - 1);
        return {at, end + 1, inside.front(), inside.find('!') != std::string_view::npos};
    }
    return {};
}

Literal scalar(std::string_view text) {
    if (text == "None") return {};
    if (text == "True" || text == "False") return text == "True";
    if (text.starts_with('"')) return std::string(text.substr(1, text.size() - 2));
    if (text.find_first_of(".e") == std::string_view::npos) {
        std::int64_t number = 0;
        std::from_chars(text.data(), text.data() + text.size(), number);
        return number;
    }
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// The length of "int[2]"; nothing of other types.
std::optional<std::size_t> fixedLength(std::string_view type) {
    const std::size_t bracket = type.find('[');
    if (bracket == std::string_view::npos || bracket + 1 >= type.size() || type[bracket + 1] == ']') return std::nullopt;
    std::size_t length = 0;
    std::from_chars(type.data() + bracket + 1, type.data() + type.size(), length);
    return length;
}

Literal defaultValue(std::string_view type, std::string_view text) {
    const bool isList = type.find('[') != std::string_view::npos;
    if (!isList || text == "None") return scalar(text);
    std::vector<std::int64_t> numbers;
    if (!text.starts_with('[')) { // one number for all
        numbers.assign(fixedLength(type).value_or(1), std::get<std::int64_t>(scalar(text)));
        return numbers;
    }
    for (const std::string_view number : parts(text.substr(1, text.size() - 2)))
        numbers.push_back(std::get<std::int64_t>(scalar(number)));
    return numbers;
}

OperandRole role(std::string_view text) {
    OperandRole operand;
    const std::size_t equals = text.find('=');
    std::string_view declared = text.substr(0, equals);
    const std::size_t space = declared.rfind(' ');
    assert(space != std::string_view::npos);
    operand.name = declared.substr(space + 1);
    operand.type = declared.substr(0, space);
    const Annotation annotation = annotationIn(operand.type);
    operand.alias = annotation.alias;
    operand.isWritten = annotation.isWritten;
    if (equals != std::string_view::npos) operand.missing = Operand(defaultValue(operand.type, text.substr(equals + 1)));
    if (annotation.begin != std::string_view::npos) operand.type = operand.type.substr(0, annotation.begin);
    return operand;
}

} // namespace

Schema parseSchema(std::string_view text) {
    Schema schema;
    const std::size_t open = text.find('('), arrow = text.rfind(" -> ");
    // An arrow may also stand in an annotation of the only result: "-> Tensor(a -> *)" is written by nobody.
    assert(open != std::string_view::npos && arrow != std::string_view::npos && open < arrow);
    schema.name = text.substr(0, open);
    const std::string_view inside = text.substr(open + 1, text.rfind(')', arrow) - open - 1);
    for (const std::string_view part : parts(inside)) {
        if (part == "*") continue; // by keyword only in Python
        if (part == "...")
            schema.isVariadic = true;
        else
            schema.operands.push_back(role(part));
    }
    std::string_view results = text.substr(arrow + 4);
    if (results.starts_with('(')) results = results.substr(1, results.size() - 2);
    for (const std::string_view result : parts(results)) {
        if (result == "...") continue;
        schema.resultAliases.push_back(annotationIn(result).alias);
    }
    return schema;
}

} // namespace lathe::graph

#include <core/formats/exported_program/metadata.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <vector>

namespace lathe::formats {

namespace {

constexpr std::size_t maxSymbolBytes = 200;
constexpr int maxDepth = 32;

/// What export gives nodes that it adds itself.
constexpr std::string_view noModules = "_empty_nn_module_stack";

std::string_view untilAny(std::string_view& rest, char separator) {
    const auto end = std::min(rest.find(separator), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return part;
}

/// "layer1.0.relu" of "L['self'].layer1.0.relu@1".
std::string modulePath(std::string_view path) {
    constexpr std::string_view self = "L['self']";
    if (path.starts_with(self)) path.remove_prefix(self.size());
    if (path.starts_with('.')) path.remove_prefix(1);
    return std::string(path.substr(0, path.find('@')));
}

/// Code of torch.nn and of export says nothing about the model: the line that called it does.
bool isTorchsOwn(std::string_view file) {
    constexpr std::array places{"/torch/nn/", "/torch/functional.py", "/torch/_", "/torch/fx/", "/torch/utils/"};
    return file.empty() || file.front() == '<' || file.starts_with("torch/") ||
           std::ranges::any_of(places, [file](std::string_view place) { return file.find(place) != std::string_view::npos; });
}

/// Reads one srepr expression; fails (nothing) on everything that is not a call of names, numbers and texts.
class SymbolParser {
public:
    explicit SymbolParser(std::string_view text) : m_rest(text) {}

    std::optional<std::string> whole() {
        auto parsed = expression(0);
        return parsed && m_rest.empty() ? std::optional(parsed->text) : std::nullopt;
    }

private:
    struct Part {
        std::string text;
        bool isSum = false;
    };

    bool take(char letter) {
        while (m_rest.starts_with(' '))
            m_rest.remove_prefix(1);
        if (!m_rest.starts_with(letter)) return false;
        m_rest.remove_prefix(1);
        return true;
    }
    std::string word() {
        std::size_t length = 0;
        while (length < m_rest.size() && (std::isalnum(static_cast<unsigned char>(m_rest[length])) != 0 || m_rest[length] == '_' ||
                                          m_rest[length] == '.' || (length == 0 && m_rest[length] == '-')))
            ++length;
        std::string text(m_rest.substr(0, length));
        m_rest.remove_prefix(length);
        return text;
    }

    std::optional<Part> expression(int depth) {
        if (depth > maxDepth) return std::nullopt;
        while (m_rest.starts_with(' '))
            m_rest.remove_prefix(1);
        if (take('\'')) {
            const auto end = m_rest.find('\'');
            if (end == std::string_view::npos) return std::nullopt;
            Part part{std::string(m_rest.substr(0, end))};
            m_rest.remove_prefix(end + 1);
            return part;
        }
        const std::string name = word();
        if (name.empty()) return std::nullopt;
        if (!take('(')) return Part{name};
        std::vector<Part> arguments;
        while (!take(')')) {
            auto argument = expression(depth + 1);
            if (!argument) return std::nullopt;
            // positive=True and the like say nothing about the value.
            if (take('=')) {
                if (!expression(depth + 1)) return std::nullopt;
            } else {
                arguments.push_back(std::move(*argument));
            }
            (void)take(',');
            if (m_rest.empty()) return std::nullopt;
        }
        return apply(name, arguments);
    }

    static std::optional<Part> apply(const std::string& name, const std::vector<Part>& arguments) {
        if (arguments.empty()) return std::nullopt;
        if (name == "Symbol" || name == "Integer") return arguments.front();
        const auto joined = [&](const std::string& separator, bool isProduct) {
            std::string text;
            for (const Part& argument : arguments) {
                if (!text.empty()) text += separator;
                text += isProduct && argument.isSum ? "(" + argument.text + ")" : argument.text;
            }
            return text;
        };
        if (name == "Add") return Part{joined(" + ", false), true};
        if (name == "Mul") return Part{joined("*", true)};
        if (name == "FloorDiv" && arguments.size() == 2) return Part{joined("//", true)};
        return Part{name + "(" + joined(", ", false) + ")"};
    }

    std::string_view m_rest;
};

} // namespace

ModuleCall moduleCall(std::string_view moduleStack) {
    const auto last = moduleStack.rfind(';');
    std::string_view rest = last == std::string_view::npos ? moduleStack : moduleStack.substr(last + 1);
    if (rest.starts_with(noModules)) return {};
    const std::string_view key = untilAny(rest, ',');
    ModuleCall call;
    call.scope = modulePath(untilAny(rest, ','));
    if (!call.scope.empty()) call.key = std::string(key);
    return call;
}

graph::SourceLocation sourceLine(std::string_view stackTrace) {
    constexpr std::string_view fileMark = "File \"", lineMark = "\", line ";
    graph::SourceLocation location;
    while (!stackTrace.empty()) {
        const std::string_view line = untilAny(stackTrace, '\n');
        const auto begin = line.find(fileMark);
        if (begin == std::string_view::npos || line.find_first_not_of(' ') != begin) continue;
        const auto end = line.find(lineMark, begin);
        if (end == std::string_view::npos) continue;
        const std::string_view file = line.substr(begin + fileMark.size(), end - begin - fileMark.size());
        const std::string_view number = line.substr(end + lineMark.size());
        int value = 0;
        if (std::from_chars(number.data(), number.data() + number.size(), value).ec != std::errc{} || value < 1) continue;
        if (!isTorchsOwn(file)) location = {std::string(file), value};
    }
    return location;
}

std::string symbolText(std::string_view expression) {
    const auto parsed = SymbolParser(expression).whole();
    return parsed ? parsed->substr(0, maxSymbolBytes) : std::string(expression.substr(0, maxSymbolBytes));
}

} // namespace lathe::formats

#include <core/formats/exported_program/symbolic_size.h>

#include <cctype>
#include <charconv>
#include <optional>

namespace lathe::formats {

namespace {

constexpr int maxDepth = 32;

std::string expressionOf(const SymbolicSize& size) {
    return size.expression.empty() ? "Integer(" + std::to_string(size.value) + ")" : size.expression;
}

/// sum = product {(+|-) product};  product = factor {(*|//) factor};  factor = number | name | "(" sum ")"
class Parser {
public:
    Parser(std::string_view text, std::set<std::string>& symbols) : m_rest(text), m_symbols(symbols) {}

    std::optional<SymbolicSize> whole() {
        auto size = sum(0);
        return size && (skip(), m_rest.empty()) ? size : std::nullopt;
    }

private:
    void skip() {
        while (m_rest.starts_with(' '))
            m_rest.remove_prefix(1);
    }
    bool take(std::string_view token) {
        skip();
        if (!m_rest.starts_with(token)) return false;
        m_rest.remove_prefix(token.size());
        return true;
    }

    std::optional<SymbolicSize> sum(int depth) {
        auto left = product(depth);
        while (left) {
            const bool isMinus = take("-");
            if (!isMinus && !take("+")) break;
            auto right = product(depth);
            if (!right) return std::nullopt;
            if (isMinus) right = combine("Mul", {-1, ""}, *right);
            left = combine("Add", *left, *right);
        }
        return left;
    }

    std::optional<SymbolicSize> product(int depth) {
        auto left = factor(depth);
        while (left) {
            const bool isDivision = take("//");
            if (!isDivision && !take("*")) break;
            const auto right = factor(depth);
            if (!right || (isDivision && right->value == 0)) return std::nullopt;
            left = combine(isDivision ? "FloorDiv" : "Mul", *left, *right);
        }
        return left;
    }

    std::optional<SymbolicSize> factor(int depth) {
        if (depth > maxDepth) return std::nullopt;
        if (take("(")) {
            auto inner = sum(depth + 1);
            return inner && take(")") ? inner : std::nullopt;
        }
        skip();
        if (m_rest.empty()) return std::nullopt;
        const std::size_t signBytes = m_rest.front() == '-' ? 1 : 0;
        std::size_t length = signBytes;
        while (length < m_rest.size() && (std::isalnum(static_cast<unsigned char>(m_rest[length])) != 0 || m_rest[length] == '_'))
            ++length;
        const std::string_view word = m_rest.substr(0, length);
        m_rest.remove_prefix(length);
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (error == std::errc{} && end == word.data() + word.size()) return SymbolicSize{number, ""};
        if (word.empty() || signBytes > 0 || std::isdigit(static_cast<unsigned char>(word.front())) != 0 || m_rest.starts_with('('))
            return std::nullopt;
        m_symbols.emplace(word);
        return SymbolicSize{exampleSize, "Symbol('" + std::string(word) + "', positive=True, integer=True)"};
    }

    std::string_view m_rest;
    std::set<std::string>& m_symbols;
};

} // namespace

SymbolicSize combine(std::string_view function, const SymbolicSize& a, const SymbolicSize& b) {
    SymbolicSize result;
    // Sizes of a file may be anything: what does not fit wraps around, as the value is only an example.
    if (function == "Add")
        (void)__builtin_add_overflow(a.value, b.value, &result.value);
    else if (function == "Mul" || b.value == -1)
        (void)__builtin_mul_overflow(a.value, b.value, &result.value);
    else
        result.value = b.value == 0 ? 0 : a.value / b.value;
    if (!a.expression.empty() || !b.expression.empty())
        result.expression = std::string(function) + "(" + expressionOf(a) + ", " + expressionOf(b) + ")";
    return result;
}

base::Result<SymbolicSize> parseSize(std::string_view text, std::set<std::string>& symbols) {
    std::set<std::string> found;
    auto size = Parser(text, found).whole();
    if (!size) return base::failure(base::ErrorCode::Unsupported, "The symbolic size \"" + std::string(text) + "\" cannot be written.");
    symbols.merge(found);
    return *size;
}

base::Result<SymbolicSize> sizeOf(const graph::Dim& dim, std::set<std::string>& symbols) {
    if (dim.size >= 0) return SymbolicSize{dim.size, ""};
    return parseSize(dim.symbol, symbols);
}

} // namespace lathe::formats

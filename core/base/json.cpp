#include <core/base/json.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

namespace lathe::base {

namespace {

/// Builds a Json and checks what the library's own builder does not: depth and duplicate keys.
class CheckingBuilder final : public nlohmann::json_sax<Json> {
public:
    explicit CheckingBuilder(int maxDepth) : m_maxDepth(maxDepth), m_builder(m_root, false) {}

    bool null() override { return m_builder.null(); }
    bool boolean(bool value) override { return m_builder.boolean(value); }
    bool number_integer(number_integer_t value) override { return m_builder.number_integer(value); }
    bool number_unsigned(number_unsigned_t value) override { return m_builder.number_unsigned(value); }
    bool number_float(number_float_t value, const string_t& text) override { return m_builder.number_float(value, text); }
    bool string(string_t& value) override { return m_builder.string(value); }
    bool binary(binary_t& value) override { return m_builder.binary(value); }
    bool start_object(std::size_t size) override {
        m_keys.emplace_back();
        return enter() && m_builder.start_object(size);
    }
    bool end_object() override {
        m_keys.pop_back();
        --m_depth;
        return m_builder.end_object();
    }
    bool start_array(std::size_t size) override { return enter() && m_builder.start_array(size); }
    bool end_array() override {
        --m_depth;
        return m_builder.end_array();
    }
    bool key(string_t& value) override {
        if (!m_keys.back().insert(value).second) return fail({"json.keyTwice", {{"key", value}}});
        return m_builder.key(value);
    }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& exception) override {
        constexpr int numberOverflow = 406; // the library's own number for it
        m_errorPosition = position;
        return fail({exception.id == numberOverflow ? "json.numberTooLarge" : "json.isNotValid", {}});
    }

    Json& root() { return m_root; }
    const Message& error() const { return m_error; }
    std::size_t errorPosition() const { return m_errorPosition; }

private:
    bool enter() { return ++m_depth <= m_maxDepth || fail({"json.isTooDeep", {{"levels", m_maxDepth}}}); }
    bool fail(Message message) {
        m_error = std::move(message);
        return false;
    }

    int m_maxDepth;
    int m_depth = 0;
    Json m_root;
    nlohmann::detail::json_sax_dom_parser<Json> m_builder;
    std::vector<std::set<std::string>> m_keys;
    Message m_error;
    std::size_t m_errorPosition = 0;
};

} // namespace

Result<Json> parseJson(std::string_view text, int maxDepth) {
    if (text.empty()) return failure(ErrorCode::Rejected, {"json.isEmpty", {}});
    CheckingBuilder builder(maxDepth);
    if (Json::sax_parse(text.begin(), text.end(), &builder)) return std::move(builder.root());
    Message message = builder.error();
    if (builder.errorPosition() > 0) {
        const std::string_view before = text.substr(0, std::min(builder.errorPosition(), text.size()));
        const auto line = std::count(before.begin(), before.end(), '\n') + 1;
        const auto column = before.size() - (before.rfind('\n') + 1); // npos + 1 is 0: the first line
        message = {"json.at", {{"problem", message}, {"line", line}, {"column", column}}};
    }
    return failure(ErrorCode::Rejected, std::move(message));
}

Json finiteOrNull(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

} // namespace lathe::base

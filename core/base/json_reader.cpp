#include <core/base/json_reader.h>

#include <cmath>

namespace lathe::base {

namespace {

const Json nullJson = nullptr;

} // namespace

JsonReader::JsonReader(const Json& json, std::string what) : m_json(&json), m_state(std::make_shared<State>()) {
    m_state->what = std::move(what);
}

JsonReader::JsonReader(const Json& json, std::string place, std::shared_ptr<State> state)
    : m_json(&json), m_place(std::move(place)), m_state(std::move(state)) {}

std::string JsonReader::memberPlace(std::string_view key) const {
    // Keys of a hostile document can be long.
    return (m_place.empty() ? "" : m_place + ".") + std::string(key.substr(0, 64));
}

JsonReader JsonReader::operator[](std::string_view key) const {
    if (isGood() && !m_json->is_object()) fail("is not an object");
    if (isGood()) {
        if (const auto found = m_json->find(key); found != m_json->end()) return {*found, memberPlace(key), m_state};
        fail("lacks \"" + std::string(key) + "\"");
    }
    return {nullJson, memberPlace(key), m_state};
}

bool JsonReader::has(std::string_view key) const {
    if (!m_json->is_object()) return false;
    const auto found = m_json->find(key);
    return found != m_json->end() && !found->is_null();
}

bool JsonReader::isNull() const { return m_json->is_null(); }

std::string JsonReader::text(std::size_t maxBytes) const {
    if (!isGood()) return {};
    const auto* value = m_json->get_ptr<const std::string*>();
    if (!value) {
        fail("is not a text");
    } else if (value->size() > maxBytes) {
        fail("is a text of more than " + std::to_string(maxBytes) + " bytes");
    } else {
        return *value;
    }
    return {};
}

bool JsonReader::boolean() const {
    if (isGood() && !m_json->is_boolean()) fail("is neither true nor false");
    return isGood() && m_json->get<bool>();
}

std::int64_t JsonReader::integer(std::int64_t minimum, std::int64_t maximum) const {
    if (!isGood()) return 0;
    if (!m_json->is_number_integer()) {
        fail("is not a whole number");
        return 0;
    }
    const bool isTooLarge =
        m_json->is_number_unsigned() && m_json->get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
    const std::int64_t value = isTooLarge ? 0 : m_json->get<std::int64_t>();
    if (isTooLarge || value < minimum || value > maximum) {
        fail("is " + m_json->dump() + ", which is not between " + std::to_string(minimum) + " and " + std::to_string(maximum));
        return 0;
    }
    return value;
}

double JsonReader::number(double minimum, double maximum) const {
    if (!isGood()) return 0;
    if (!m_json->is_number()) {
        fail("is not a number");
        return 0;
    }
    const double value = m_json->get<double>();
    if (!std::isfinite(value) || value < minimum || value > maximum) {
        fail("is " + m_json->dump() + ", which is out of range");
        return 0;
    }
    return value;
}

std::optional<double> JsonReader::numberOrNull() const {
    if (isNull()) return std::nullopt;
    return number();
}

Json JsonReader::object() const {
    if (isGood() && !m_json->is_object()) fail("is not an object");
    return isGood() ? *m_json : Json::object();
}

std::vector<std::string> JsonReader::texts(std::size_t maxCount) const {
    return list([](const JsonReader& in) { return in.text(); }, maxCount);
}

std::vector<std::int64_t> JsonReader::integers(std::size_t maxCount) const {
    return list([](const JsonReader& in) { return in.integer(); }, maxCount);
}

std::vector<double> JsonReader::numbers(std::size_t maxCount) const {
    return list([](const JsonReader& in) { return in.number(); }, maxCount);
}

void JsonReader::fail(const std::string& problem) const {
    if (!isGood()) return;
    const std::string place = m_place.empty() ? m_state->what : m_state->what + ": \"" + m_place + "\"";
    m_state->error = Error{ErrorCode::Rejected, place + " " + problem + ".", {}};
}

JsonReader JsonReader::element(std::size_t index) const { return {(*m_json)[index], m_place + "[" + std::to_string(index) + "]", m_state}; }

std::size_t JsonReader::arraySize(std::size_t maxCount) const {
    if (isGood() && !m_json->is_array()) fail("is not a list");
    if (isGood() && m_json->size() > maxCount) fail("is a list of more than " + std::to_string(maxCount) + " entries");
    return isGood() ? m_json->size() : 0;
}

bool JsonReader::isObject(std::size_t maxCount) const {
    if (isGood() && !m_json->is_object()) fail("is not an object");
    if (isGood() && m_json->size() > maxCount) fail("is an object of more than " + std::to_string(maxCount) + " members");
    return isGood();
}

} // namespace lathe::base

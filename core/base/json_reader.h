#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <core/base/json.h>
#include <core/base/result.h>

namespace lathe::base {

/// Reads a JSON document that comes from outside (another process, a file) without trusting it. Every read says what it expects; the first
/// thing that does not fit is remembered with its place ("layers[3].bits") and later reads return empty values, so a reading function is a
/// plain list of fields:
///
///     JsonReader in(json, "the layer");
///     Layer layer{.name = in["name"].text(), .bits = int(in["bits"].integer(1, 64))};
///     return in.finish(std::move(layer));
///
/// Unknown keys are left alone, so that a newer program may add some. A reader refers to the document and must not outlive it. Not
/// thread-safe.
class JsonReader {
public:
    /// `what` names the document in error messages: "the engine's reply to open".
    JsonReader(const Json& json, std::string what);

    /// The member `key`; an error when this is not an object or has no such member.
    [[nodiscard]] JsonReader operator[](std::string_view key) const;
    /// Is there a member `key` that is not null? False when this is not an object.
    [[nodiscard]] bool has(std::string_view key) const;
    [[nodiscard]] bool isNull() const;
    [[nodiscard]] const Json& json() const { return *m_json; }

    [[nodiscard]] std::string text(std::size_t maxBytes = 64 * 1024) const;
    [[nodiscard]] bool boolean() const;
    /// A whole number, `minimum` and `maximum` included.
    [[nodiscard]] std::int64_t integer(std::int64_t minimum = std::numeric_limits<std::int64_t>::min(),
                                       std::int64_t maximum = std::numeric_limits<std::int64_t>::max()) const;
    /// A finite number between `minimum` and `maximum`.
    [[nodiscard]] double number(double minimum = std::numeric_limits<double>::lowest(),
                                double maximum = std::numeric_limits<double>::max()) const;
    [[nodiscard]] std::optional<double> numberOrNull() const;
    /// The object itself, for parts that are kept as JSON.
    [[nodiscard]] Json object() const;
    /// The value that goes with one of the names of `table`: {{"real", Truth::Real}, …}.
    template<class T>
    [[nodiscard]] T choice(std::span<const std::pair<std::string_view, T>> table) const {
        const std::string word = text();
        for (const auto& [name, value] : table) {
            if (name == word) return value;
        }
        fail("is \"" + word.substr(0, 64) + "\", which is not one of the names that are known");
        return table.front().second;
    }
    /// Each element of an array, read by `read(JsonReader)`. Stops at the first error.
    template<class Read>
    [[nodiscard]] auto list(Read read, std::size_t maxCount = 1'000'000) const {
        std::vector<decltype(read(*this))> result;
        const std::size_t count = arraySize(maxCount);
        result.reserve(count);
        for (std::size_t i = 0; i < count && isGood(); ++i) {
            result.push_back(read(element(i)));
        }
        return result;
    }
    [[nodiscard]] std::vector<std::string> texts(std::size_t maxCount = 1'000'000) const;
    [[nodiscard]] std::vector<std::int64_t> integers(std::size_t maxCount = 100'000'000) const;
    [[nodiscard]] std::vector<double> numbers(std::size_t maxCount = 100'000'000) const;
    /// Each member of an object, read by `read(JsonReader)`.
    template<class Read>
    [[nodiscard]] auto members(Read read, std::size_t maxCount = 10'000) const {
        std::map<std::string, decltype(read(*this))> result;
        if (!isObject(maxCount)) return result;
        for (auto it = m_json->begin(); it != m_json->end() && isGood(); ++it) {
            result.emplace(it.key(), read(JsonReader(*it, memberPlace(it.key()), m_state)));
        }
        return result;
    }

    /// Marks the document as wrong here: "<place> <problem>". Only the first problem is kept.
    void fail(const std::string& problem) const;
    /// Takes over what another reading function returned for the value at this place; an empty value when it failed.
    template<class T>
    [[nodiscard]] T take(Result<T> result) const {
        if (result) return std::move(*result);
        if (isGood()) m_state->error = std::move(result.error());
        return T{};
    }
    [[nodiscard]] bool isGood() const { return !m_state->error; }
    /// `value`, or the first problem (Rejected).
    template<class T>
    [[nodiscard]] Result<T> finish(T value) const {
        if (!isGood()) return tl::unexpected<Error>(*m_state->error);
        return value;
    }

private:
    struct State {
        std::string what;
        std::optional<Error> error;
    };
    JsonReader(const Json& json, std::string place, std::shared_ptr<State> state);
    [[nodiscard]] JsonReader element(std::size_t index) const;
    [[nodiscard]] std::size_t arraySize(std::size_t maxCount) const;
    [[nodiscard]] bool isObject(std::size_t maxCount) const;
    [[nodiscard]] std::string memberPlace(std::string_view key) const;

    const Json* m_json;
    std::string m_place;
    std::shared_ptr<State> m_state;
};

} // namespace lathe::base

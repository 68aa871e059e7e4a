#pragma once

#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <SQLiteCpp/Statement.h>

#include <core/history/text_codes.h>

namespace lathe::history {

static_assert(std::endian::native == std::endian::little, "arrays are stored little-endian");

/// Binds values in order; an empty optional and NaN become NULL.
class Binder {
public:
    explicit Binder(SQLite::Statement& statement) : m_statement(statement) {}

    template<class T>
    Binder& operator<<(const T& value) {
        if constexpr (std::is_floating_point_v<T>)
            m_statement.bind(m_next, static_cast<double>(value)); // SQLite stores NaN as NULL
        else if constexpr (std::is_integral_v<T>)
            m_statement.bind(m_next, static_cast<std::int64_t>(value));
        else
            m_statement.bind(m_next, value);
        ++m_next;
        return *this;
    }
    Binder& operator<<(const std::optional<double>& value) {
        if (value) return *this << *value;
        m_statement.bind(m_next++);
        return *this;
    }
    template<class T>
    Binder& operator<<(std::span<const T> values) {
        // A null pointer would bind NULL instead of an empty array.
        m_statement.bind(m_next++, values.empty() ? static_cast<const void*>("") : values.data(), static_cast<int>(values.size_bytes()));
        return *this;
    }

private:
    SQLite::Statement& m_statement;
    int m_next = 1;
};

/// Runs a statement without results with these values; it can be run again.
template<class... Values>
void execute(SQLite::Statement& statement, const Values&... values) {
    statement.reset();
    Binder binder(statement);
    (void)(binder << ... << values);
    statement.exec();
}
template<class... Values>
void execute(SQLite::Database& database, const char* sql, const Values&... values) {
    SQLite::Statement statement(database, sql);
    execute(statement, values...);
}

/// NaN where the number was not finite.
[[nodiscard]] inline double number(const SQLite::Column& column) {
    return column.isNull() ? std::numeric_limits<double>::quiet_NaN() : column.getDouble();
}
[[nodiscard]] inline std::optional<double> optionalNumber(const SQLite::Column& column) {
    if (column.isNull()) return std::nullopt;
    return column.getDouble();
}
template<class T>
[[nodiscard]] std::vector<T> array(const SQLite::Column& column) {
    const auto size = static_cast<std::size_t>(column.getBytes());
    if (size % sizeof(T) != 0) throw Damaged("an array of numbers has half an element");
    std::vector<T> values(size / sizeof(T));
    if (size > 0) std::memcpy(values.data(), column.getBlob(), size);
    return values;
}

} // namespace lathe::history

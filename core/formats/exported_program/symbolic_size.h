#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include <core/base/result.h>
#include <core/graph/graph.h>

namespace lathe::formats {

/// A size as exported programs hold it: a number, or a SymPy expression in srepr form with the value that it has for an example
/// (exampleSize for each symbol).
struct SymbolicSize {
    std::int64_t value = 0;
    std::string expression; ///< empty: just `value`
};

/// What each symbol is in examples. Not 0 or 1, which export treats as special, and unlike most layer sizes.
inline constexpr std::int64_t exampleSize = 6;

/// The text of a graph::Dim ("2*s0 + 1", "s0//2": names, whole numbers, + - * // and brackets) as an expression; symbols that it names are
/// added to `symbols`. Errors: Unsupported for anything else.
[[nodiscard]] base::Result<SymbolicSize> parseSize(std::string_view text, std::set<std::string>& symbols);
[[nodiscard]] base::Result<SymbolicSize> sizeOf(const graph::Dim& dim, std::set<std::string>& symbols);

/// Add, Mul or FloorDiv of two sizes.
[[nodiscard]] SymbolicSize combine(std::string_view function, const SymbolicSize& a, const SymbolicSize& b);

} // namespace lathe::formats

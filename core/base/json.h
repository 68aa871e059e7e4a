#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include <core/base/result.h>

namespace lathe::base {

/// Keys keep the order in which they were written, so files stay readable and diffs small.
using Json = nlohmann::ordered_json;

/// Parses text from outside. Refuses nesting deeper than `maxDepth` (the parser recurses), duplicate keys in one object, and numbers that
/// are not finite. Errors (Rejected) name line and column.
[[nodiscard]] Result<Json> parseJson(std::string_view text, int maxDepth = 64);

/// A number for JSON: null when not finite, since JSON has no NaN.
[[nodiscard]] Json finiteOrNull(double value);

} // namespace lathe::base

#pragma once

// The words that stand in the file for enum values. Reading an unknown one throws Damaged.

#include <stdexcept>
#include <string>
#include <string_view>

#include <core/history/history.h>
#include <core/measure/result.h>

namespace lathe::history {

/// Thrown inside this folder when a row holds something that we never write; becomes Rejected at the folder's edge.
struct Damaged : std::runtime_error {
    using std::runtime_error::runtime_error;
};

[[nodiscard]] const char* code(RunState state);
[[nodiscard]] const char* code(RunRole role);
[[nodiscard]] const char* code(measure::Truth kind);
[[nodiscard]] const char* code(measure::Verdict verdict);
[[nodiscard]] const char* code(ExportVerdict verdict);

/// The enum value that `text` stands for. Enum is one of the five above.
template<class Enum>
[[nodiscard]] Enum fromCode(std::string_view text);

} // namespace lathe::history

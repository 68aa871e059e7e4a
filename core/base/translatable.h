#pragma once

namespace lathe::base {

/// The text itself. Marks it for translations/update.sh, which collects it under `context`; views translate it by the same context.
constexpr const char* translatable([[maybe_unused]] const char* context, const char* english) { return english; }

} // namespace lathe::base

#pragma once

#include <string>

#include <QString>

namespace lathe::views {

/// What a model does, in words: "classes", "yes or no". `task` is a name of recipe::Task; others, of histories of later versions, as they
/// are.
[[nodiscard]] QString taskWords(const std::string& task);

} // namespace lathe::views

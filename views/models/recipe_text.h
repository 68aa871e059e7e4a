#pragma once

#include <string>

#include <QString>

namespace lathe::views {

/// A recipe in a line, in the language of the window: "融合 → 静态 int8" for the "fuse → static int8" of recipe::summary(), which is what
/// the history holds. Words that are not known stay.
[[nodiscard]] QString recipeText(const std::string& summary);

} // namespace lathe::views

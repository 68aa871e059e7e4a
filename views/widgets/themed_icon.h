#pragma once

#include <QIcon>
#include <QPalette>

namespace lathe::views {

/// An icon of resources/icons ("run") in the colour of the application's palette, also after the theme changed.
[[nodiscard]] QIcon themedIcon(const QString& name, QPalette::ColorRole role = QPalette::ButtonText);
/// The application's own icon, in its own colours.
[[nodiscard]] QIcon applicationIcon();

} // namespace lathe::views

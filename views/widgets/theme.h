#pragma once

#include <QColor>
#include <QPalette>
#include <QString>

namespace lathe::views {

enum class ThemeChoice { System, Light, Dark };

/// The colours of a theme beyond what QPalette has roles for. One accent; good and bad never stand for something by colour alone.
struct ThemeColors {
    QColor window; ///< panels
    QColor canvas; ///< behind graph and charts
    QColor border; ///< between panels
    QColor line;   ///< between rows
    QColor text;
    QColor muted; ///< second lines, labels
    QColor disabled;
    QColor accent, accentHover, accentText;
    QColor selection; ///< behind selected rows
    QColor hover;
    QColor chip;  ///< small round marks, grooves
    QColor field; ///< text fields
    QColor good, bad;
    QColor mark; ///< limits drawn into charts
    QColor scroll;
    QColor warningFill;
};

[[nodiscard]] const ThemeColors& lightColors();
[[nodiscard]] const ThemeColors& darkColors();
[[nodiscard]] bool isDark(const QPalette& palette);
/// The colours that go with a widget's palette: ask while painting, so that a change of theme needs nothing else.
[[nodiscard]] const ThemeColors& themeColors(const QPalette& palette);

/// Palette and stylesheet of the whole application, and what screen readers are told. Before the first window is made. System: light or
/// dark as the desktop's palette is.
void applyTheme(ThemeChoice choice);

/// For settings and the command line: "system", "light", "dark"; anything else is System.
[[nodiscard]] QString themeName(ThemeChoice choice);
[[nodiscard]] ThemeChoice themeFromName(const QString& name);

} // namespace lathe::views

#pragma once

#include <QString>

class QWidget;

namespace lathe::views {

/// Gives combo boxes a name beside their value: on Linux, Qt tells screen readers the value as the name, whatever accessibleName says. Once
/// for the program; later calls do nothing.
void installAccessibleNames();

/// Shows the text as it is, line by line, as tool tip and to screen readers. (What Qt takes for HTML in a tool tip would be read out with
/// its tags.)
void setPlainToolTip(QWidget* widget, const QString& text);

} // namespace lathe::views

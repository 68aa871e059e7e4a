#pragma once

#include <QByteArray>
#include <QString>

#include <views/widgets/theme.h>

namespace lathe::views {

/// What the window remembers about itself. Nothing about models or recipes is kept here.
struct Settings {
    ThemeChoice theme = ThemeChoice::System;
    QString language;    ///< "": that of the desktop
    QString python;      ///< program that verifies exports as well; "": none
    QByteArray geometry; ///< of the window; empty: the default
    QByteArray layout;   ///< of the panels

    [[nodiscard]] static Settings load();
    void save() const;
};

} // namespace lathe::views

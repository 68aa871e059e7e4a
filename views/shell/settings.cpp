#include <views/shell/settings.h>

#include <QSettings>

namespace lathe::views {

namespace {

/// Raised when the meaning of a stored value changes: older layouts are then forgotten.
constexpr int version = 1;

/// ~/.config/lathe/window.ini
class File : public QSettings {
public:
    File() : QSettings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("lathe"), QStringLiteral("window")) {}
};

} // namespace

Settings Settings::load() {
    const File file;
    Settings settings;
    settings.theme = themeFromName(file.value(QStringLiteral("theme")).toString());
    settings.language = file.value(QStringLiteral("language")).toString();
    settings.python = file.value(QStringLiteral("python")).toString();
    if (file.value(QStringLiteral("version")).toInt() == version) {
        settings.geometry = file.value(QStringLiteral("geometry")).toByteArray();
        settings.layout = file.value(QStringLiteral("layout")).toByteArray();
    }
    return settings;
}

void Settings::save() const {
    File file;
    file.setValue(QStringLiteral("version"), version);
    file.setValue(QStringLiteral("theme"), themeName(theme));
    file.setValue(QStringLiteral("language"), language);
    file.setValue(QStringLiteral("python"), python);
    file.setValue(QStringLiteral("geometry"), geometry);
    file.setValue(QStringLiteral("layout"), layout);
}

} // namespace lathe::views

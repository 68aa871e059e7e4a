#include <views/shell/state_folder.h>

#include <QDir>
#include <QStandardPaths>

#include <views/models/text.h>

namespace lathe::views {

std::filesystem::path stateFolder() {
    QString base = qEnvironmentVariable("XDG_STATE_HOME");
    if (QStandardPaths::isTestModeEnabled())
        base = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) % QStringLiteral("/state");
    // The specification asks to ignore relative paths.
    else if (!QDir::isAbsolutePath(base))
        base = QDir::homePath() % QStringLiteral("/.local/state");
    const QString folder = base % QStringLiteral("/lathe");
    QDir().mkpath(folder);
    return toStd(folder);
}

} // namespace lathe::views

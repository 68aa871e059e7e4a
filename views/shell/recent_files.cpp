#include <views/shell/recent_files.h>

#include <QFileInfo>

#include <core/base/files.h>
#include <core/base/log.h>
#include <views/models/text.h>
#include <views/shell/state_folder.h>

namespace lathe::views {

namespace {
constexpr qsizetype maxFiles = 9;
constexpr std::uintmax_t maxBytes = 1 << 20;
std::filesystem::path listFile() { return stateFolder() / "recent.txt"; }
} // namespace

RecentFiles::RecentFiles(QObject* parent) : QObject(parent) {}

QStringList RecentFiles::files() const {
    // Read each time: another window may have added to it.
    const base::Result<std::string> text = base::readFile(listFile(), maxBytes);
    if (!text) return {};
    QStringList files;
    for (const QString& file : toQt(*text).split(u'\n', Qt::SkipEmptyParts)) {
        if (QFileInfo(file).isFile() && !files.contains(file)) files << file;
    }
    return files.mid(0, maxFiles);
}

void RecentFiles::add(const QString& file) {
    const QString path = QFileInfo(file).absoluteFilePath();
    QStringList list = files();
    list.removeAll(path);
    list.prepend(path);
    store(list.mid(0, maxFiles));
}

void RecentFiles::clear() { store({}); }

void RecentFiles::store(const QStringList& files) {
    if (const base::Result<> written = base::writeFile(listFile(), toStd(files.join(u'\n'))); !written) {
        base::log(base::LogLevel::Warning, written.error().text());
    }
    emit changed();
}

} // namespace lathe::views

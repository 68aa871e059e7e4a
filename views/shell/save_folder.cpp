#include <views/shell/save_folder.h>

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

#include <views/shell/samples.h>

namespace lathe::views {

namespace {

bool isInside(const QString& path, const QString& folder) {
    const QString clean = QFileInfo(path).canonicalFilePath(), root = QFileInfo(folder).canonicalFilePath();
    return !clean.isEmpty() && !root.isEmpty() && (clean == root || clean.startsWith(root % u'/'));
}

QString documents() {
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    return QFileInfo(folder).isDir() ? folder : QDir::homePath();
}

} // namespace

bool isShipped(const QString& file) { return isInside(file, resourceFolder()) || isInside(file, QCoreApplication::applicationDirPath()); }

QString saveFolder(const QString& modelFile) {
    if (modelFile.isEmpty()) return documents();
    const QFileInfo folder(QFileInfo(modelFile).absolutePath());
    return folder.isDir() && folder.isWritable() && !isShipped(folder.filePath()) ? folder.filePath() : documents();
}

} // namespace lathe::views

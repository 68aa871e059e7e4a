#include <views/shell/model_file_watcher.h>

#include <chrono>

#include <QFileInfo>

namespace lathe::views {

ModelFileWatcher::ModelFileWatcher(QObject* parent) : QObject(parent) {
    using namespace std::chrono_literals;
    m_settled.setSingleShot(true);
    m_settled.setInterval(300ms);
    connect(&m_settled, &QTimer::timeout, this, &ModelFileWatcher::look);
    // Never put off: in a busy folder it would not end.
    const auto lookSoon = [this] {
        if (!m_settled.isActive()) m_settled.start();
    };
    connect(&m_watcher, &QFileSystemWatcher::fileChanged, this, lookSoon);
    connect(&m_watcher, &QFileSystemWatcher::directoryChanged, this, lookSoon);
}

void ModelFileWatcher::watch(const QString& file) {
    m_settled.stop();
    if (const QStringList paths = m_watcher.files() + m_watcher.directories(); !paths.isEmpty()) m_watcher.removePaths(paths);
    m_file = file;
    m_known = stateNow();
    addPaths();
}

void ModelFileWatcher::addPaths() {
    if (m_file.isEmpty()) return;
    // The folder too: a file that takes the place of another one is a new file, which nobody watches yet.
    const QFileInfo info(m_file);
    if (info.exists() && !m_watcher.files().contains(m_file)) m_watcher.addPath(m_file);
    if (const QString folder = info.absolutePath(); QFileInfo(folder).isDir() && !m_watcher.directories().contains(folder))
        m_watcher.addPath(folder);
}

ModelFileWatcher::State ModelFileWatcher::stateNow() const {
    const QFileInfo info(m_file);
    if (m_file.isEmpty() || !info.exists()) return {};
    return {info.size(), info.lastModified()};
}

void ModelFileWatcher::look() {
    addPaths();
    const State now = stateNow();
    if (now == m_known || now.size < 0) return;
    if (now.time.msecsTo(QDateTime::currentDateTime()) < m_settled.interval() / 2) return m_settled.start(); // still being written
    m_known = now;
    emit changed(m_file);
}

} // namespace lathe::views

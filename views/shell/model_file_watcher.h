#pragma once

#include <QDateTime>
#include <QFileSystemWatcher>
#include <QObject>
#include <QTimer>

namespace lathe::views {

/// Notices when the file of the open model changes on disk, also where it is replaced by another of its name, as most programs save.
class ModelFileWatcher : public QObject {
    Q_OBJECT

public:
    explicit ModelFileWatcher(QObject* parent = nullptr);
    /// From its state now on; "": nothing is watched.
    void watch(const QString& file);
    [[nodiscard]] const QString& file() const { return m_file; }

signals:
    /// Once for each change, when nothing was written for a moment. Not when the file is gone: it may come back.
    void changed(const QString& file);

private:
    struct State {
        qint64 size = -1;
        QDateTime time;
        bool operator==(const State&) const = default;
    };
    [[nodiscard]] State stateNow() const;
    void addPaths();
    void look();

    QFileSystemWatcher m_watcher;
    QTimer m_settled;
    QString m_file;
    State m_known;
};

} // namespace lathe::views

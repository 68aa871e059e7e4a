#pragma once

#include <QObject>
#include <QStringList>

namespace lathe::views {

/// The models opened last, newest first, at most nine, without those that are gone. Kept in the state folder.
class RecentFiles : public QObject {
    Q_OBJECT

public:
    explicit RecentFiles(QObject* parent = nullptr);
    [[nodiscard]] QStringList files() const;
    void add(const QString& file);
    void clear();

signals:
    void changed();

private:
    void store(const QStringList& files);
};

} // namespace lathe::views

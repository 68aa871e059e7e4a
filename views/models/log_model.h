#pragma once

#include <deque>

#include <QAbstractListModel>
#include <QDateTime>

namespace lathe::views {

/// Lines of the engine and of the window, newest last, the last 5,000 of them.
class LogModel : public QAbstractListModel {
    Q_OBJECT

public:
    enum class Level { Debug, Info, Warning, Error };
    enum Role { LevelRole = Qt::UserRole + 1 };

    explicit LogModel(QObject* parent = nullptr);
    void add(Level level, const QString& text);
    /// A line of the engine's standard error: "lathe: warning: …" gives the level.
    void addEngineLine(const QString& line);
    void clear();
    /// All lines for the clipboard.
    [[nodiscard]] QString text() const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;

private:
    struct Line {
        QDateTime time;
        Level level;
        QString text;
    };
    [[nodiscard]] static QString lineText(const Line& line);
    std::deque<Line> m_lines;
};

} // namespace lathe::views

#include <views/models/log_model.h>

#include <QStringList>

namespace lathe::views {

namespace {
constexpr std::size_t maxLines = 5000;
constexpr qsizetype maxLineLength = 2000;
} // namespace

LogModel::LogModel(QObject* parent) : QAbstractListModel(parent) {}

void LogModel::add(Level level, const QString& text) {
    if (m_lines.size() == maxLines) {
        beginRemoveRows({}, 0, 0);
        m_lines.pop_front();
        endRemoveRows();
    }
    const int row = rowCount();
    beginInsertRows({}, row, row);
    m_lines.push_back({QDateTime::currentDateTime(), level, text.left(maxLineLength)});
    endInsertRows();
}

void LogModel::addEngineLine(const QString& line) {
    static const QString prefix = QStringLiteral("lathe: ");
    QString text = line.startsWith(prefix) ? line.sliced(prefix.size()) : line;
    struct Mark {
        QLatin1String word;
        Level level;
    };
    for (const Mark& mark : {Mark{QLatin1String("debug: "), Level::Debug}, Mark{QLatin1String("info: "), Level::Info},
                             Mark{QLatin1String("warning: "), Level::Warning}, Mark{QLatin1String("error: "), Level::Error}}) {
        if (text.startsWith(mark.word)) return add(mark.level, text.sliced(mark.word.size()));
    }
    add(Level::Info, text);
}

void LogModel::clear() {
    beginResetModel();
    m_lines.clear();
    endResetModel();
}

QString LogModel::lineText(const Line& line) { return line.time.toString(u"HH:mm:ss") % QStringLiteral("  ") % line.text; }

QString LogModel::text() const {
    QStringList lines;
    for (const Line& line : m_lines)
        lines.append(lineText(line));
    return lines.join(u'\n');
}

int LogModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(m_lines.size()); }

QVariant LogModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Line& line = m_lines[static_cast<std::size_t>(index.row())];
    if (role == Qt::DisplayRole) return lineText(line);
    if (role == LevelRole) return static_cast<int>(line.level);
    return {};
}

} // namespace lathe::views

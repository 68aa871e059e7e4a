#pragma once

#include <QTableWidget>

namespace lathe::views {

/// A table of texts to read: rows are selected whole, nothing is edited, the last column takes the room that is left.
[[nodiscard]] QTableWidget* makeTextTable(const QStringList& columns, QWidget* parent);
void addTextRow(QTableWidget& table, const QStringList& cells);

} // namespace lathe::views

#pragma once

#include <QSize>
#include <QStringList>
#include <QVector>

#include <core/base/result.h>

class QCustomPlot;

namespace lathe::views {

enum class ChartFormat { Svg, Png, Csv };

/// The numbers of a chart: no chart without its table. Cells are text or numbers (QVariant of double, qint64); an invalid cell is empty.
struct ChartTable {
    QStringList header;
    QVector<QVariantList> rows;
};

/// RFC 4180 with a point as decimal separator whatever the language. Texts that a spreadsheet would take for a formula get an apostrophe in
/// front.
[[nodiscard]] QByteArray csvText(const ChartTable& table);

/// Writes the plot in that size (Csv: its table) through QSaveFile: the file is whole or as it was.
[[nodiscard]] base::Result<> exportChart(QCustomPlot& plot, QSize size, const ChartTable& table, ChartFormat format, const QString& file);

} // namespace lathe::views

#include <views/charts/chart_export.h>

#include <cmath>

#include <QBuffer>
#include <QCoreApplication>
#include <QSaveFile>
#include <QSvgGenerator>
#include <qcustomplot.h>

#include <views/models/text.h>

namespace lathe::views {

namespace {

QString csvCell(const QVariant& cell) {
    if (!cell.isValid()) return {};
    if (cell.typeId() == QMetaType::Double) {
        const double number = cell.toDouble();
        // Twelve digits: more than is measured, without the noise of binary fractions.
        return std::isfinite(number) ? QString::number(number, 'g', 12) : QString();
    }
    if (cell.typeId() == QMetaType::LongLong || cell.typeId() == QMetaType::Int) return QString::number(cell.toLongLong());
    QString text = cell.toString();
    if (!text.isEmpty() && QStringLiteral("=+-@\t\r").contains(text.front())) text.prepend(u'\'');
    const bool needsQuotes = text.contains(u',') || text.contains(u'"') || text.contains(u'\n') || text.contains(u'\r');
    return needsQuotes ? u'"' % text.replace(u'"', QStringLiteral("\"\"")) % u'"' : text;
}

QByteArray svgBytes(QCustomPlot& plot, QSize size) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setSize(size);
    generator.setViewBox(QRect(QPoint(), size));
    generator.setTitle(plot.accessibleName());
    generator.setDescription(QStringLiteral("Lathe"));
    QCPPainter painter;
    painter.begin(&generator);
    plot.toPainter(&painter, size.width(), size.height());
    painter.end();
    return bytes;
}

QByteArray pngBytes(QCustomPlot& plot, QSize size) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    // Twice the size on the screen: sharp in a document.
    plot.toPixmap(size.width(), size.height(), 2).save(&buffer, "PNG");
    return bytes;
}

} // namespace

QByteArray csvText(const ChartTable& table) {
    QStringList lines;
    const auto addLine = [&lines](const QVariantList& cells) {
        QStringList texts;
        for (const QVariant& cell : cells)
            texts.append(csvCell(cell));
        lines.append(texts.join(u','));
    };
    addLine(QVariantList(table.header.begin(), table.header.end()));
    for (const QVariantList& row : table.rows)
        addLine(row);
    return lines.join(QStringLiteral("\r\n")).append(QStringLiteral("\r\n")).toUtf8();
}

base::Result<> exportChart(QCustomPlot& plot, QSize size, const ChartTable& table, ChartFormat format, const QString& file) {
    const QByteArray bytes = format == ChartFormat::Csv   ? csvText(table)
                             : format == ChartFormat::Svg ? svgBytes(plot, size)
                                                          : pngBytes(plot, size);
    QSaveFile out(file);
    if (out.open(QIODevice::WriteOnly) && out.write(bytes) == bytes.size() && out.commit()) return {};
    return base::failure(base::ErrorCode::NoSpace,
                         toStd(QCoreApplication::translate("lathe::views::ChartsPanel", "The chart could not be written to %1: %2.")
                                   .arg(file, out.errorString())));
}

} // namespace lathe::views

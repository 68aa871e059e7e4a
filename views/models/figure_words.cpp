#include <views/models/figure_words.h>

#include <algorithm>
#include <cmath>

#include <QCoreApplication>
#include <QLocale>

#include <views/models/number_text.h>

namespace lathe::views {

namespace {

using history::Figure;
using history::FigureFormat;

struct FigureWords {
    Q_DECLARE_TR_FUNCTIONS(lathe::views::FigureWords)
};

QString inWindow(const char* english) { return *english == '\0' ? QString() : QCoreApplication::translate("Figure", english); }

/// Far above what is counted; converting what is beyond is undefined.
std::int64_t whole(double value) { return static_cast<std::int64_t>(std::llround(std::clamp(value, -1e15, 1e15))); }

} // namespace

QString figureName(const Figure& figure) { return inWindow(figure.words); }

QString figureExplanation(const Figure& figure) { return inWindow(figure.explanation); }

QString layerFigureText(const Figure& figure, std::optional<double> value) {
    if (value) return figureNumberText(figure, *value);
    return figure.format == FigureFormat::Count && !figure.isOfWeights ? knownCountText(std::nullopt) : QStringLiteral("–");
}

QString figureTitle(const Figure& figure) {
    return figure.format == FigureFormat::Rate ? FigureWords::tr("%1, %2", "figure, unit").arg(figureName(figure), inWindow(figure.unit))
                                               : figureName(figure);
}

QString figureNumberText(const Figure& figure, double value) {
    if (std::isnan(value)) return QStringLiteral("—");
    switch (figure.format) {
    case FigureFormat::Fraction:
        return percentText(value, 2);
    case FigureFormat::Points:
        return FigureWords::tr("%1 points").arg(signedText(value * 100, 2));
    case FigureFormat::Similarity:
        return QLocale().toString(value, 'f', 6);
    case FigureFormat::Decibels:
        return std::isinf(value) ? FigureWords::tr("identical") : decibelText(value);
    case FigureFormat::Milliseconds:
        return microsecondsText(value * 1000);
    case FigureFormat::Microseconds:
        return microsecondsText(value);
    case FigureFormat::Rate:
    case FigureFormat::Count:
        return countText(whole(value));
    case FigureFormat::Bytes:
        return bytesText(whole(value));
    case FigureFormat::Macs:
        return macsText(whole(value));
    case FigureFormat::Ratio:
        return ratioText(value) % u'×';
    case FigureFormat::Number:
        break;
    }
    return figureText(value);
}

QString figureValueText(const Figure& figure, const history::RunRow& run) {
    const bool isPart = run.state == history::RunState::Complete && figure.isPart != nullptr && figure.isPart(run.result);
    const auto value = isPart ? history::storedValue(figure, run.result, run.comparison) : history::valueOf(figure, run);
    if (!value) return QStringLiteral("—");
    if (isPart && figure.format == FigureFormat::Macs) return macsText(whole(*value), run.result.macsUnknownLayers);
    const bool isReliable = history::doubtOf(figure, run).empty();
    // Not even the ratio: it tells of the machine.
    if (!isReliable && figure.doubt == history::FigureDoubt::Speedup) return FigureWords::tr("not reliable");
    const QString number = figureNumberText(figure, *value);
    return isReliable ? number : FigureWords::tr("%1 (not reliable)").arg(number);
}

QString chartColumn(const Figure& figure) {
    const QString name = QString::fromLatin1(figure.name.data(), static_cast<qsizetype>(figure.name.size()));
    return *figure.chart.column == '\0' ? name : name % u'_' % QString::fromLatin1(figure.chart.column);
}

QString chartTitle(const Figure& figure) {
    QString name = figureName(figure);
    // Axes begin with a small letter, but for names like SQNR.
    if (name.size() > 1 && name[1].isLower()) name[0] = name[0].toLower();
    const bool isInOwnUnit = figure.format == FigureFormat::Decibels || figure.format == FigureFormat::Rate;
    const QString unit = inWindow(*figure.chart.words == '\0' && isInOwnUnit ? figure.unit : figure.chart.words);
    return unit.isEmpty() ? name : FigureWords::tr("%1, %2", "figure, unit").arg(name, unit);
}

} // namespace lathe::views

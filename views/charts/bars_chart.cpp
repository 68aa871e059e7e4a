#include <views/charts/bars_chart.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <QComboBox>
#include <qcustomplot.h>

#include <views/charts/chart_style.h>
#include <views/models/history_model.h>
#include <views/models/number_text.h>
#include <views/models/text.h>

namespace lathe::views {

namespace {

struct MetricInfo {
    const char* name;   ///< the choice
    const char* axis;   ///< with its unit
    const char* column; ///< in the CSV
    BarForm form;
};

constexpr std::array<MetricInfo, BarsChart::MetricCount> metrics{{
    {QT_TRANSLATE_NOOP("lathe::views::BarsChart", "Accuracy"),
     QT_TRANSLATE_NOOP("lathe::views::BarsChart", "accuracy, % (95 % interval of the test samples)"), "accuracy_percent", BarForm::Dots},
    {QT_TRANSLATE_NOOP("lathe::views::BarsChart", "SQNR of the outputs"),
     QT_TRANSLATE_NOOP("lathe::views::BarsChart", "outputs against those of the original: SQNR, dB (identical outermost)"), "sqnr_db",
     BarForm::Bars},
    {QT_TRANSLATE_NOOP("lathe::views::BarsChart", "Largest difference"),
     QT_TRANSLATE_NOOP("lathe::views::BarsChart", "largest difference of an output to the original's"), "max_abs_error", BarForm::Bars},
    {QT_TRANSLATE_NOOP("lathe::views::BarsChart", "Median latency"),
     QT_TRANSLATE_NOOP("lathe::views::BarsChart", "median latency of one call, µs"), "latency_p50_us", BarForm::Bars},
    {QT_TRANSLATE_NOOP("lathe::views::BarsChart", "Speed-up"),
     QT_TRANSLATE_NOOP("lathe::views::BarsChart", "speed-up over Lathe's plan of the original, × (95 % interval)"), "speedup",
     BarForm::Bars},
    {QT_TRANSLATE_NOOP("lathe::views::BarsChart", "File size"), QT_TRANSLATE_NOOP("lathe::views::BarsChart", "file size, kB"),
     "file_size_kb", BarForm::Bars},
    {QT_TRANSLATE_NOOP("lathe::views::BarsChart", "Parameters"), QT_TRANSLATE_NOOP("lathe::views::BarsChart", "parameters, thousands"),
     "parameters_thousands", BarForm::Bars},
    {QT_TRANSLATE_NOOP("lathe::views::BarsChart", "MACs"),
     QT_TRANSLATE_NOOP("lathe::views::BarsChart", "multiply-accumulates of one sample, millions"), "macs_millions", BarForm::Bars},
    {QT_TRANSLATE_NOOP("lathe::views::BarsChart", "Peak memory"), QT_TRANSLATE_NOOP("lathe::views::BarsChart", "peak memory, MB"),
     "peak_memory_mb", BarForm::Bars},
}};

/// The bar of a run without its label; nothing when this was not measured.
std::optional<Bar> barOf(const history::RunRow& row, const history::Standing& standing, BarsChart::Metric metric) {
    const measure::ModelResult& result = row.result;
    const auto positive = [](double value, const QString& text) -> std::optional<Bar> {
        if (!(value > 0)) return std::nullopt;
        return Bar{.label = {}, .valueText = text, .value = value, .low = {}, .high = {}};
    };
    switch (metric) {
    case BarsChart::Accuracy: {
        if (!result.quality.accuracy) return std::nullopt;
        const double accuracy = *result.quality.accuracy, n = static_cast<double>(result.quality.samples);
        Bar bar{.label = {}, .valueText = percentText(accuracy, 2), .value = accuracy * 100, .low = {}, .high = {}};
        if (n > 0) {
            // Wilson's interval is not around the measured value but around one drawn towards one half.
            constexpr double z2 = 1.959964 * 1.959964;
            const double centre = (accuracy + z2 / (2 * n)) / (1 + z2 / n), half = accuracyHalfWidth(accuracy, result.quality.samples);
            bar.low = std::min(accuracy, centre - half) * 100;
            bar.high = std::max(accuracy, centre + half) * 100;
        }
        return bar;
    }
    case BarsChart::Sqnr:
        if (!result.quality.maxAbsError) return std::nullopt;
        if (!measure::isIdentical(result.quality) && !result.quality.sqnrDb) return std::nullopt;
        return Bar{.label = {},
                   .valueText = sqnrText(result.quality),
                   .value = result.quality.sqnrDb.value_or(std::numeric_limits<double>::infinity()),
                   .low = {},
                   .high = {}};
    case BarsChart::LargestDifference:
        if (!result.quality.maxAbsError) return std::nullopt;
        return Bar{
            .label = {}, .valueText = figureText(result.quality.maxAbsError), .value = *result.quality.maxAbsError, .low = {}, .high = {}};
    case BarsChart::Latency:
        return positive(result.latency.p50 * 1000, (measure::isReliable(result.latency) ? QString() : QStringLiteral("≈ ")) %
                                                       microsecondsText(result.latency.p50 * 1000));
    case BarsChart::SpeedUp: {
        if (!standing.speedup) return std::nullopt;
        const QString ratio = QLocale().toString(*standing.speedup, 'f', 2);
        Bar bar{.label = {}, .valueText = ratio % u'×', .value = *standing.speedup, .low = {}, .high = {}};
        if (!standing.isSpeedReliable) {
            bar.valueText = BarsChart::tr("not reliable");
        } else if (standing.isMeasuredTogether) {
            bar.low = row.comparison->speedup.low;
            bar.high = row.comparison->speedup.high;
        } else {
            // Medians of different times: no interval is known.
            bar.valueText = BarsChart::tr("about %1×").arg(ratio);
        }
        return bar;
    }
    case BarsChart::FileSize:
        return positive(static_cast<double>(result.fileBytes) / 1e3, bytesText(result.fileBytes));
    case BarsChart::Parameters:
        return positive(static_cast<double>(result.parameters) / 1e3, countText(result.parameters));
    case BarsChart::Macs:
        return positive(static_cast<double>(result.macs) / 1e6, macsText(result.macs, result.macsUnknownLayers));
    case BarsChart::PeakMemory:
        return positive(static_cast<double>(result.peakMemoryBytes) / 1e6, bytesText(result.peakMemoryBytes));
    case BarsChart::MetricCount:
        break;
    }
    return std::nullopt;
}

/// Bars of what is infinite end a little beyond the longest of the others.
void capInfinite(std::vector<Bar>& bars) {
    double longest = 0;
    for (const Bar& bar : bars)
        if (std::isfinite(bar.value)) longest = std::max(longest, bar.value);
    constexpr double headroomDb = 6;
    for (Bar& bar : bars)
        if (!std::isfinite(bar.value)) bar.value = longest + headroomDb;
}

bool isDoubtful(const history::RunRow& row, const history::Standing& standing, BarsChart::Metric metric) {
    if (metric == BarsChart::Latency) return !measure::isReliable(row.result.latency);
    return metric == BarsChart::SpeedUp && !standing.isSpeedReliable;
}

} // namespace

QString BarsChart::title() const { return tr("One figure of each run"); }

QStringList BarsChart::choices() const {
    QStringList words;
    for (const MetricInfo& info : metrics)
        words.append(tr(info.name));
    return words;
}

BarsChart::Metric BarsChart::metric() const { return static_cast<Metric>(std::max(0, choice().currentIndex())); }

QString BarsChart::fill() {
    m_bars.clear();
    m_shown.clear();
    if (rows().empty()) return tr("No runs yet. Press F5 to compare the model with and without the recipe.");
    std::size_t measured = 0;
    for (const history::RunRow& row : rows()) {
        std::optional<Bar> bar = hasResult(row) ? barOf(row, standing(row), metric()) : std::nullopt;
        if (!bar) continue;
        ++measured;
        const bool isSelected = toQt(row.id) == selectedRun();
        if (m_bars.size() >= mostRuns && !isSelected) continue;
        bar->label = shortRunName(row);
        bar->emphasis = isDoubtful(row, standing(row), metric()) ? BarEmphasis::Doubtful
                        : isSelected                             ? BarEmphasis::Selected
                        : row.role == history::RunRole::Baseline ? BarEmphasis::Baseline
                                                                 : BarEmphasis::Normal;
        m_bars.push_back(std::move(*bar));
        m_shown.push_back(&row);
    }
    if (m_bars.empty()) return tr("No run has this figure.");
    capInfinite(m_bars);
    const MetricInfo& info = metrics[metric()];
    QString label = tr(info.axis);
    if (std::ranges::any_of(m_bars, [](const Bar& bar) { return bar.emphasis == BarEmphasis::Doubtful; }))
        label += tr(" · hatched: not reliable");
    if (measured > m_bars.size()) label += tr(" · newest %1 of %2 runs").arg(m_bars.size()).arg(measured);
    drawBars(plot(), m_bars, info.form, label, rowWindow(m_bars.size()));
    return {};
}

QString BarsChart::runAt(QPointF position) const {
    const int index = barAt(plot(), m_shown.size(), position.y());
    return index < 0 ? QString() : toQt(m_shown[static_cast<std::size_t>(index)]->id);
}

QString BarsChart::toolTipAt(QPointF position) const {
    const int index = barAt(plot(), m_shown.size(), position.y());
    if (index < 0) return {};
    const Bar& bar = m_bars[static_cast<std::size_t>(index)];
    QString text = toQt(m_shown[static_cast<std::size_t>(index)]->name) % QStringLiteral("\n") % bar.valueText;
    if (bar.emphasis == BarEmphasis::Doubtful) text += u'\n' % doubtText(*m_shown[static_cast<std::size_t>(index)]);
    if (bar.low && bar.high) {
        text += QStringLiteral("\n") %
                tr("95 % interval: %1 to %2").arg(QLocale().toString(*bar.low, 'f', 2), QLocale().toString(*bar.high, 'f', 2));
    }
    return text;
}

ChartTable BarsChart::table() const {
    const QString column = QString::fromLatin1(metrics[metric()].column);
    ChartTable table;
    table.header = {
        QStringLiteral("run"),         QStringLiteral("id"), column, column % QStringLiteral("_low"), column % QStringLiteral("_high"),
        QStringLiteral("not_reliable")};
    for (std::size_t index = 0; index < m_bars.size(); ++index) {
        const Bar& bar = m_bars[index];
        const bool isInfinite = metric() == Sqnr && measure::isIdentical(m_shown[index]->result.quality);
        table.rows.append({toQt(m_shown[index]->name), toQt(m_shown[index]->id), isInfinite ? QVariant() : QVariant(bar.value),
                           bar.low ? QVariant(*bar.low) : QVariant(), bar.high ? QVariant(*bar.high) : QVariant(),
                           static_cast<int>(bar.emphasis == BarEmphasis::Doubtful)});
    }
    return table;
}

} // namespace lathe::views

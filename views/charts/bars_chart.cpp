#include <views/charts/bars_chart.h>

#include <algorithm>
#include <cmath>

#include <QComboBox>
#include <qcustomplot.h>

#include <views/charts/chart_style.h>
#include <views/models/figure_words.h>
#include <views/models/number_text.h>
#include <views/models/run_text.h>
#include <views/models/text.h>

namespace lathe::views {

namespace {

/// What can be chosen: the main figures.
const std::vector<const history::Figure*>& choosable() {
    static const std::vector<const history::Figure*> figures = [] {
        std::vector<const history::Figure*> main;
        for (const history::Figure& figure : history::figures())
            if (figure.isMain) main.push_back(&figure);
        return main;
    }();
    return figures;
}

bool isAccuracy(const history::Figure& figure) { return figure.name == "accuracy"; }
/// Against the baseline that counts now, not only against the run's own original.
bool isSpeedup(const history::Figure& figure) { return figure.name == "speedup"; }

std::optional<Bar> speedupBar(const history::RunRow& row, const history::Standing& standing) {
    if (!standing.speedup) return std::nullopt;
    const QString ratio = ratioText(*standing.speedup);
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

/// Wilson's interval is not around the measured value but around one drawn towards one half.
void addAccuracyInterval(Bar& bar, const measure::Quality& quality) {
    const double accuracy = *quality.accuracy, n = static_cast<double>(quality.samples);
    if (n <= 0) return;
    constexpr double z2 = 1.959964 * 1.959964;
    const double centre = (accuracy + z2 / (2 * n)) / (1 + z2 / n), half = accuracyHalfWidth(accuracy, quality.samples);
    bar.low = std::min(accuracy, centre - half) * 100;
    bar.high = std::max(accuracy, centre + half) * 100;
}

bool isDoubtful(const history::RunRow& row, const history::Standing& standing, const history::Figure& figure) {
    return isSpeedup(figure) ? !standing.isSpeedReliable : !history::doubtOf(figure, row).empty();
}

/// The bar of a run without its label; nothing when this was not measured.
std::optional<Bar> barOf(const history::RunRow& row, const history::Standing& standing, const history::Figure& figure) {
    if (isSpeedup(figure)) return speedupBar(row, standing);
    const bool isPart = figure.isPart != nullptr && figure.isPart(row.result);
    const auto value = isPart ? history::storedValue(figure, row.result, row.comparison) : history::valueOf(figure, row);
    if (!value || std::isnan(*value) || (isPart && *value <= 0)) return std::nullopt;
    Bar bar{.label = {}, .valueText = {}, .value = *value * figure.chart.factor, .low = {}, .high = {}};
    bar.valueText =
        isDoubtful(row, standing, figure) ? QStringLiteral("≈ ") % figureNumberText(figure, *value) : figureValueText(figure, row);
    if (isAccuracy(figure)) addAccuracyInterval(bar, row.result.quality);
    return bar;
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

QString axisTitle(const history::Figure& figure) {
    if (isAccuracy(figure)) return BarsChart::tr("%1 (95 % interval of the test samples)").arg(chartTitle(figure));
    if (isSpeedup(figure)) return BarsChart::tr("speed-up over Lathe's plan of the original, × (95 % interval)");
    if (figure.isInfinite != nullptr) return BarsChart::tr("%1 (identical outermost)").arg(chartTitle(figure));
    return chartTitle(figure);
}

} // namespace

QString BarsChart::title() const { return tr("One figure of each run"); }

QStringList BarsChart::choices() const {
    QStringList words;
    for (const history::Figure* figure : choosable())
        words.append(figureName(*figure));
    return words;
}

int BarsChart::choiceOf(std::string_view name) {
    const auto& all = choosable();
    const auto found = std::ranges::find(all, name, [](const history::Figure* figure) { return figure->name; });
    return found == all.end() ? -1 : static_cast<int>(found - all.begin());
}

const history::Figure& BarsChart::figure() const { return *choosable()[static_cast<std::size_t>(std::max(0, choice().currentIndex()))]; }

QString BarsChart::fill() {
    m_bars.clear();
    m_shown.clear();
    if (rows().empty()) return tr("No runs yet. Press F5 to compare the model with and without the recipe.");
    std::size_t measured = 0;
    for (const history::RunRow& row : rows()) {
        std::optional<Bar> bar = hasResult(row) ? barOf(row, standing(row), figure()) : std::nullopt;
        if (!bar) continue;
        ++measured;
        const bool isSelected = toQt(row.id) == selectedRun();
        if (m_bars.size() >= mostRuns && !isSelected) continue;
        bar->label = shortRunName(row);
        bar->emphasis = isDoubtful(row, standing(row), figure()) ? BarEmphasis::Doubtful
                        : isSelected                             ? BarEmphasis::Selected
                        : row.role == history::RunRole::Baseline ? BarEmphasis::Baseline
                                                                 : BarEmphasis::Normal;
        m_bars.push_back(std::move(*bar));
        m_shown.push_back(&row);
    }
    if (m_bars.empty()) return tr("No run has this figure.");
    capInfinite(m_bars);
    QString label = axisTitle(figure());
    if (std::ranges::any_of(m_bars, [](const Bar& bar) { return bar.emphasis == BarEmphasis::Doubtful; }))
        label += tr(" · hatched: not reliable");
    if (measured > m_bars.size()) label += tr(" · newest %1 of %2 runs").arg(m_bars.size()).arg(measured);
    drawBars(plot(), m_bars, isAccuracy(figure()) ? BarForm::Dots : BarForm::Bars, label, rowWindow(m_bars.size()));
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
        text += QStringLiteral("\n") % tr("95 % interval: %1 to %2").arg(ratioText(*bar.low), ratioText(*bar.high));
    }
    return text;
}

ChartTable BarsChart::table() const {
    const QString column = chartColumn(figure());
    ChartTable table;
    table.header = {
        QStringLiteral("run"),         QStringLiteral("id"), column, column % QStringLiteral("_low"), column % QStringLiteral("_high"),
        QStringLiteral("not_reliable")};
    for (std::size_t index = 0; index < m_bars.size(); ++index) {
        const Bar& bar = m_bars[index];
        const bool isInfinite = figure().isInfinite != nullptr && figure().isInfinite(m_shown[index]->result);
        table.rows.append({toQt(m_shown[index]->name), toQt(m_shown[index]->id), isInfinite ? QVariant() : QVariant(bar.value),
                           bar.low ? QVariant(*bar.low) : QVariant(), bar.high ? QVariant(*bar.high) : QVariant(),
                           static_cast<int>(bar.emphasis == BarEmphasis::Doubtful)});
    }
    return table;
}

} // namespace lathe::views

#include <views/models/run_comparison.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <QCoreApplication>
#include <QLocale>

#include <core/history/figures.h>
#include <core/history/standing.h>
#include <views/models/figure_words.h>
#include <views/models/number_text.h>
#include <views/models/recipe_text.h>
#include <views/models/run_scopes.h>
#include <views/models/run_text.h>
#include <views/models/text.h>

namespace lathe::views {

namespace {

class RunComparisonText {
    Q_DECLARE_TR_FUNCTIONS(RunComparisonText)
};

using history::RunRow;

const QString missing = QStringLiteral("—");

/// Not a number where the run has none.
double numberOf(const history::Figure& figure, const RunRow& run) {
    return history::valueOf(figure, run).value_or(std::numeric_limits<double>::quiet_NaN());
}

QString changeText(const history::Figure& figure, double before, double after) {
    using history::FigureFormat;
    const double change = after - before;
    switch (figure.format) {
    case FigureFormat::Fraction:
    case FigureFormat::Points:
        return RunComparisonText::tr("%1 points").arg(signedText(change * 100, 2));
    case FigureFormat::Milliseconds:
    case FigureFormat::Microseconds:
    case FigureFormat::Rate:
    case FigureFormat::Bytes:
    case FigureFormat::Count:
    case FigureFormat::Macs:
        return before == 0 ? missing : QStringLiteral("%1 %").arg(signedText((after / before - 1) * 100, 1));
    case FigureFormat::Number:
    case FigureFormat::Similarity:
    case FigureFormat::Decibels:
    case FigureFormat::Ratio:
        break;
    }
    if (change == 0) return QStringLiteral("0");
    return (change > 0 ? QStringLiteral("+") : QStringLiteral("−")) % figureNumberText(figure, std::abs(change));
}

/// How fast `run` is beside `first`, and how that is known.
QString verdict(const RunRow& first, const RunRow& run) {
    const QString name = toQt(run.name), other = toQt(first.name);
    for (const RunRow* one : {&first, &run})
        if (!hasResult(*one)) return RunComparisonText::tr("“%1” has no results.").arg(toQt(one->name));
    const QString why = whyNotComparedText(history::scopeOf(first), history::scopeOf(run));
    if (!why.isEmpty()) return RunComparisonText::tr("“%1” is not compared with “%2”: %3.").arg(name, other, why);
    if (run.comparison && run.parentId == first.id) {
        const measure::Speedup& speedup = run.comparison->speedup;
        if (speedup.verdict == measure::Verdict::NotReliable || speedup.baseline.empty())
            return RunComparisonText::tr("“%1” beside “%2”, measured together, in turns: %3.")
                .arg(name, other, measuredSpeedupText(speedup));
        return RunComparisonText::tr("“%1” beside “%2” (%3), measured together, in turns: %4.")
            .arg(name, other, speedupBaselineText(speedup), measuredSpeedupText(speedup));
    }
    if (history::isUnchanged(first) && history::isUnchanged(run))
        return RunComparisonText::tr("“%1” and “%2” are the same model, not measured together: their times tell of the machine.")
            .arg(name, other);
    if (first.result.latency.p50 <= 0 || run.result.latency.p50 <= 0)
        return RunComparisonText::tr("“%1” and “%2” were not measured together.").arg(name, other);
    if (!measure::isReliable(first.result.latency) || !measure::isReliable(run.result.latency))
        return RunComparisonText::tr("“%1” and “%2” were not measured together, and the speed of one is not reliable.").arg(name, other);
    return RunComparisonText::tr(
               "“%1” and “%2” were not measured together: %3 by their medians, without an interval and without a verdict.")
        .arg(name, other, RunComparisonText::tr("about %1×").arg(ratioText(first.result.latency.p50 / run.result.latency.p50)));
}

/// The original of the others first; else the oldest.
void arrange(std::vector<RunRow>& runs) {
    std::reverse(runs.begin(), runs.end());
    const auto original = std::find_if(runs.begin(), runs.end(), [&](const RunRow& run) {
        return std::any_of(runs.begin(), runs.end(), [&](const RunRow& other) { return other.parentId == run.id; });
    });
    if (original != runs.end()) std::rotate(runs.begin(), original, original + 1);
}

} // namespace

RunComparison compareRuns(std::vector<RunRow> runs) {
    RunComparison comparison;
    if (runs.empty()) return comparison;
    arrange(runs);
    const RunRow& first = runs.front();
    std::vector<bool> isCompared;
    RunComparison::Figure recipes{RunComparisonText::tr("Recipe"), {}, {}};
    for (const RunRow& run : runs) {
        comparison.names.append(toQt(run.name));
        recipes.values.append(run.recipeSummary.empty() ? RunComparisonText::tr("original") : recipeText(run.recipeSummary));
        isCompared.push_back(hasResult(run) && hasResult(first) && history::scopeOf(run) == history::scopeOf(first));
        if (&run == &first) continue;
        recipes.changes.append(QString());
        comparison.verdicts.append(verdict(first, run));
    }
    comparison.figures.push_back(std::move(recipes));
    for (const history::Figure* shown : history::mainFigures()) {
        const history::Figure& each = *shown;
        if (history::isOfComparison(each)) continue;
        RunComparison::Figure figure{figureTitle(each), {}, {}};
        bool isKnown = false;
        const double before = numberOf(each, first);
        for (std::size_t at = 0; at < runs.size(); ++at) {
            const double value = numberOf(each, runs[at]);
            isKnown = isKnown || !std::isnan(value);
            // What is not reliable is shown as it is, and compared with nothing.
            figure.values.append(figureValueText(each, runs[at]));
            if (at == 0) continue;
            const bool areReliable = history::doubtOf(each, first).empty() && history::doubtOf(each, runs[at]).empty();
            figure.changes.append(
                std::isfinite(value) && std::isfinite(before) && isCompared[at] && areReliable ? changeText(each, before, value) : missing);
        }
        if (isKnown) comparison.figures.push_back(std::move(figure));
    }
    return comparison;
}

} // namespace lathe::views

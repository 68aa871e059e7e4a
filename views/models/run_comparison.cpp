#include <views/models/run_comparison.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>

#include <QCoreApplication>
#include <QLocale>

#include <core/history/standing.h>
#include <views/models/history_model.h>
#include <views/models/number_text.h>
#include <views/models/recipe_text.h>
#include <views/models/run_scopes.h>
#include <views/models/text.h>

namespace lathe::views {

namespace {

class RunComparisonText {
    Q_DECLARE_TR_FUNCTIONS(RunComparisonText)
};

using history::RunRow;

const QString missing = QStringLiteral("—");

/// How the difference of two values is told.
enum class Difference { Points, Share, Number, None };

struct Row {
    QString name;
    Difference difference;
    std::function<std::optional<double>(const RunRow&)> value;
    std::function<QString(double)> text;
    std::function<bool(const RunRow&)> isReliable = [](const RunRow&) { return true; };
};

std::optional<double> positive(double value) { return value > 0 ? std::optional(value) : std::nullopt; }

const auto& quality(const RunRow& run) { return run.result.quality; }

std::vector<Row> rows() {
    const auto percent = [](double value) { return percentText(value, 2); };
    const auto figure = [](double value) { return figureText(value); };
    const auto milliseconds = [](double value) { return microsecondsText(value * 1000); };
    const auto bytes = [](double value) { return bytesText(static_cast<std::int64_t>(value)); };
    const auto number = [](double value) { return countText(static_cast<std::int64_t>(value)); };
    const auto isReliable = [](const RunRow& run) { return measure::isReliable(run.result.latency); };
    return {
        {RunComparisonText::tr("Accuracy"), Difference::Points, [](const RunRow& run) { return quality(run).accuracy; }, percent},
        {RunComparisonText::tr("Top-5"), Difference::Points, [](const RunRow& run) { return quality(run).top5; }, percent},
        {RunComparisonText::tr("F1 (macro)"), Difference::Points, [](const RunRow& run) { return quality(run).f1; }, percent},
        {RunComparisonText::tr("Loss"), Difference::Number, [](const RunRow& run) { return quality(run).loss; }, figure},
        {RunComparisonText::tr("SQNR of the outputs"), Difference::Number,
         [](const RunRow& run) {
             return measure::isIdentical(quality(run)) ? std::optional(std::numeric_limits<double>::infinity()) : quality(run).sqnrDb;
         },
         [](double value) { return std::isinf(value) ? RunComparisonText::tr("identical") : decibelText(value); }},
        {RunComparisonText::tr("Cosine similarity to the original"), Difference::Number,
         [](const RunRow& run) { return quality(run).cosine; }, [](double value) { return QLocale().toString(value, 'f', 6); }},
        {RunComparisonText::tr("Largest difference to the original"), Difference::Number,
         [](const RunRow& run) { return quality(run).maxAbsError; }, figure},
        {RunComparisonText::tr("Median latency"), Difference::Share, [](const RunRow& run) { return positive(run.result.latency.p50); },
         milliseconds, isReliable},
        {RunComparisonText::tr("99th percentile of the latency"), Difference::Share,
         [](const RunRow& run) { return positive(run.result.latency.p99); }, milliseconds, isReliable},
        {RunComparisonText::tr("Throughput, samples/s"), Difference::Share,
         [](const RunRow& run) { return positive(run.result.throughputPerS); }, number,
         [](const RunRow& run) { return run.result.whyThroughputNotReliable.empty(); }},
        {RunComparisonText::tr("File size"), Difference::Share,
         [](const RunRow& run) { return positive(static_cast<double>(run.result.fileBytes)); }, bytes},
        {RunComparisonText::tr("Parameters"), Difference::Share,
         [](const RunRow& run) { return positive(static_cast<double>(run.result.parameters)); }, number},
        {RunComparisonText::tr("MACs"), Difference::Share,
         // A part of the sum is compared with nothing.
         [](const RunRow& run) { return run.result.macsUnknownLayers > 0 ? std::nullopt : positive(static_cast<double>(run.result.macs)); },
         [](double value) { return macsText(static_cast<std::int64_t>(value)); }},
        {RunComparisonText::tr("Peak memory"), Difference::Share,
         [](const RunRow& run) { return positive(static_cast<double>(run.result.peakMemoryBytes)); }, bytes},
    };
}

/// Not a number where the run has none.
double valueOf(const Row& row, const RunRow& run) {
    return hasResult(run) ? row.value(run).value_or(std::numeric_limits<double>::quiet_NaN()) : std::numeric_limits<double>::quiet_NaN();
}

QString changeText(const Row& row, double before, double after) {
    switch (row.difference) {
    case Difference::Points:
        return RunComparisonText::tr("%1 points").arg(signedText((after - before) * 100, 2));
    case Difference::Share:
        return QStringLiteral("%1 %").arg(signedText((after / before - 1) * 100, 1));
    case Difference::Number: {
        const double change = after - before;
        if (change == 0) return QStringLiteral("0");
        return (change > 0 ? QStringLiteral("+") : QStringLiteral("−")) % row.text(std::abs(change));
    }
    case Difference::None:
        break;
    }
    return missing;
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
        .arg(name, other,
             RunComparisonText::tr("about %1×").arg(QLocale().toString(first.result.latency.p50 / run.result.latency.p50, 'f', 2)));
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
    for (const Row& row : rows()) {
        RunComparison::Figure figure{row.name, {}, {}};
        bool isKnown = false;
        const double before = valueOf(row, first);
        for (std::size_t at = 0; at < runs.size(); ++at) {
            const double value = valueOf(row, runs[at]);
            const bool hasValue = !std::isnan(value);
            isKnown = isKnown || hasValue;
            // What is not reliable is shown as it is, and compared with nothing.
            figure.values.append(!hasValue                  ? missing
                                 : row.isReliable(runs[at]) ? row.text(value)
                                                            : RunComparisonText::tr("%1 (not reliable)").arg(row.text(value)));
            if (at == 0) continue;
            const bool areReliable = row.isReliable(first) && row.isReliable(runs[at]);
            figure.changes.append(
                std::isfinite(value) && std::isfinite(before) && isCompared[at] && areReliable ? changeText(row, before, value) : missing);
        }
        if (isKnown) comparison.figures.push_back(std::move(figure));
    }
    return comparison;
}

} // namespace lathe::views

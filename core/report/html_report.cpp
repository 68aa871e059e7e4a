#include <core/report/html_report.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>

#include <core/history/figures.h>
#include <core/history/standing.h>
#include <core/layout/xml_text.h>
#include <core/report/figure_text.h>
#include <core/report/html_text.h>
#include <core/report/run_json.h>
#include <core/report/run_section.h>
#include <core/report/svg_chart.h>

namespace lathe::report {

namespace {

using history::RunRow;
using layout::xmlText;
using measure::ModelResult;

using Runs = std::span<const RunRow>;

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

bool isComplete(const RunRow& run) { return run.state == history::RunState::Complete; }

/// A, B, … Z, A1, B1, …
std::string label(std::size_t index) {
    constexpr std::size_t letters = 26;
    const std::string letter(1, static_cast<char>('A' + index % letters));
    return index < letters ? letter : letter + std::to_string(index / letters);
}

std::string labelledName(Runs runs, std::size_t index) { return label(index) + " · " + runs[index].name; }

const RunRow* baselineOf(Runs runs, const RunRow& run) {
    const auto found = std::ranges::find_if(runs, [&](const RunRow& each) { return !run.parentId.empty() && each.id == run.parentId; });
    return found != runs.end() && isComplete(*found) ? &*found : nullptr;
}

std::string modelName(const RunRow& run) { return std::filesystem::path(run.modelFile).filename().string(); }

/// A sentence to stand within another.
std::string withoutStop(std::string sentence) {
    if (sentence.ends_with('.')) sentence.pop_back();
    return sentence;
}

/// A figure of speed, and behind it that it says little.
std::string orDoubtful(const std::string& figure, const std::string& whyNotReliable) {
    return whyNotReliable.empty() ? figure : figure + " (not reliable)";
}

// The verdict in words

/// "B is …".
std::string speedText(const measure::Speedup& speedup) {
    const std::string interval = " (95 % interval " + fixed(speedup.low, 2) + "–" + fixed(speedup.high, 2) + ")";
    switch (speedup.verdict) {
    case measure::Verdict::Faster:
        return fixed(speedup.ratio, 2) + "× as fast" + (speedup.baseline.empty() ? "" : " as " + speedup.baseline) + interval;
    case measure::Verdict::Slower:
        return "slower, at " + fixed(speedup.ratio, 2) + "× the speed" + (speedup.baseline.empty() ? "" : " of " + speedup.baseline) +
               interval;
    case measure::Verdict::NotReliable:
        // Not even the ratio: it tells of the machine.
        return "not reliably measured in speed (" + withoutStop(speedup.reason) + ")";
    case measure::Verdict::NoSignificantDifference:
        break;
    }
    return "not significantly different in speed" + (speedup.baseline.empty() ? "" : " from " + speedup.baseline) + ", ratio " +
           fixed(speedup.ratio, 2) + interval;
}

std::string accuracyText(const measure::Comparison& comparison) {
    if (!comparison.accuracyDrop) return {};
    const double points = *comparison.accuracyDrop * 100;
    if (std::abs(points) < 0.005) return "equally accurate";
    return fixed(std::abs(points), 2) + (points > 0 ? " points less accurate" : " points more accurate");
}

/// How far the outputs are from the original's.
std::string outputsText(const measure::Quality& quality) {
    if (measure::isIdentical(quality)) return "all outputs are identical";
    if (!quality.maxAbsError) return {};
    std::string text = "the outputs differ by at most " + compact(*quality.maxAbsError);
    if (quality.sqnrDb)
        text = "the outputs have an SQNR of " + fixed(*quality.sqnrDb, 1) + " dB and differ by at most " + compact(*quality.maxAbsError);
    if (quality.cosine) text += " (mean cosine similarity " + fixed(*quality.cosine, 6) + ")";
    return text;
}

std::string verdict(const RunRow& run, const std::string& runLabel) {
    const measure::Comparison& comparison = *run.comparison;
    const std::string accuracy = accuracyText(comparison), outputs = outputsText(run.result.quality);
    std::string text = runLabel + " is " + speedText(comparison.speedup) + (accuracy.empty() ? " and " : ", ") +
                       fixed(comparison.sizeRatio, 2) + "× smaller as a file" + (accuracy.empty() ? "" : " and " + accuracy) +
                       " than its original";
    if (comparison.agreement) text += "; " + percent(comparison.agreement) + " of the predictions are the same";
    if (!outputs.empty()) text += "; " + outputs;
    text += ".";
    if (accuracy.empty()) text += " The data has no labels, so there is no accuracy.";
    if (comparison.simulatedAgreement) {
        text += " Its integer kernels agree with the simulation on " + percent(comparison.simulatedAgreement) + " of the samples.";
    }
    return "<p class=\"verdict\">" + xmlText(text) + " " + badge(name(run.result.kind), name(run.result.kind)) + "</p>\n";
}

std::string card(const std::string& what, const std::string& value, const std::string& change) {
    return "<div class=\"card\"><div class=\"what\">" + xmlText(what) + "</div><div class=\"value\">" + xmlText(value) +
           "</div><div class=\"change\">" + xmlText(change) + "</div></div>\n";
}

std::string qualityCard(const measure::Quality& before, const measure::Quality& after) {
    if (after.accuracy || !after.maxAbsError) return card("Accuracy", percent(after.accuracy), "was " + percent(before.accuracy));
    return card("SQNR of the outputs", sqnrText(after) + (after.sqnrDb ? " dB" : ""), "largest difference " + compact(*after.maxAbsError));
}

std::string cards(const ModelResult& before, const ModelResult& after) {
    const auto ratio = [](double a, double b) { return b > 0 ? ", " + fixed(a / b, 2) + "× less" : std::string(); };
    return "<div class=\"cards\">\n" + qualityCard(before.quality, after.quality) +
           card("Latency p50, batch " + std::to_string(after.latency.batch),
                orDoubtful(timeText(after.latency.p50 * 1000), after.latency.whyNotReliable),
                orDoubtful("was " + timeText(before.latency.p50 * 1000), before.latency.whyNotReliable)) +
           card("File size", byteText(after.fileBytes),
                "was " + byteText(before.fileBytes) + ratio(static_cast<double>(before.fileBytes), static_cast<double>(after.fileBytes))) +
           card("MACs for one sample", macsText(after.macs, after.macsUnknownLayers),
                "was " + macsText(before.macs, before.macsUnknownLayers) +
                    (before.macsUnknownLayers + after.macsUnknownLayers > 0
                         ? std::string() // a ratio of parts says nothing
                         : ratio(static_cast<double>(before.macs), static_cast<double>(after.macs)))) +
           "</div>\n";
}

// Figures of all runs

/// A line of the table of figures that is no number, behind those of its group.
struct TextRow {
    history::FigureGroup group;
    const char* title;
    std::function<std::string(const RunRow&)> text; ///< "" where there is none
};

const std::vector<TextRow>& textRows() {
    using history::FigureGroup;
    static const std::vector<TextRow> rows = {
        {FigureGroup::Speed, "Noise of the machine", [](const RunRow& run) { return run.result.latency.noise; }},
        {FigureGroup::Speed, "Latency is not reliable, since", [](const RunRow& run) { return run.result.latency.whyNotReliable; }},
        {FigureGroup::Comparison, "The original ran as",
         [](const RunRow& run) { return run.comparison ? run.comparison->speedup.baseline : std::string(); }},
        {FigureGroup::Comparison, "Verdict",
         [](const RunRow& run) { return run.comparison ? std::string(name(run.comparison->speedup.verdict)) : std::string(); }}};
    return rows;
}

std::string figuresTable(Runs runs) {
    std::vector<std::string> header = {"Figure"};
    std::vector<Cell> kinds = {textCell("Kind")};
    for (std::size_t i = 0; i < runs.size(); ++i) {
        header.push_back(labelledName(runs, i));
        const bool complete = isComplete(runs[i]);
        kinds.push_back({complete ? badge(name(runs[i].result.kind), name(runs[i].result.kind)) : badge(name(runs[i].state), "bad"), true});
    }
    std::vector<std::vector<Cell>> rows = {kinds};
    const auto add = [&](const std::string& title, const auto& text) {
        std::vector<Cell> row = {textCell(title)};
        for (const RunRow& run : runs)
            row.push_back(numberCell(text(run)));
        // A figure that no run has is not worth a line.
        if (std::any_of(row.begin() + 1, row.end(), [](const Cell& cell) { return cell.html != "–"; })) rows.push_back(std::move(row));
    };
    using history::FigureGroup;
    for (const FigureGroup group : {FigureGroup::Quality, FigureGroup::Speed, FigureGroup::Size, FigureGroup::Comparison}) {
        for (const history::Figure& figure : history::figures())
            if (figure.group == group && figure.partOf.empty())
                add(titleOf(figure), [&](const RunRow& run) { return figureText(figure, run); });
        for (const TextRow& row : textRows())
            if (row.group == group)
                add(row.title, [&](const RunRow& run) {
                    const std::string text = isComplete(run) ? row.text(run) : std::string();
                    return text.empty() ? "–" : text;
                });
    }
    return table(header, rows);
}

// Charts

std::string figure(const std::string& caption, const std::string& chart) {
    if (chart.empty()) return {};
    return "<figure><figcaption>" + xmlText(caption) + "</figcaption>" + chart + "</figure>\n";
}

std::string layerTimes(Runs runs, std::span<const std::size_t> group) {
    std::vector<std::string> layers;
    std::vector<Series> series;
    for (const std::size_t i : group) {
        Series& times = series.emplace_back(
            Series{labelledName(runs, i), std::vector<double>(layers.size(), nothing), !measure::isReliable(runs[i].result.latency)});
        for (const measure::LayerResult& layer : runs[i].result.layers) {
            if (!layer.p50Us) continue;
            auto found = std::ranges::find(layers, layer.name);
            if (found == layers.end()) {
                layers.push_back(layer.name);
                found = layers.end() - 1;
            }
            times.values.resize(layers.size(), nothing);
            times.values[static_cast<std::size_t>(found - layers.begin())] = *layer.p50Us;
        }
    }
    // The tables have all of them; a chart of hundreds of bars helps nobody.
    constexpr std::size_t maxLayers = 60;
    if (layers.size() > maxLayers) return {};
    return barChart(layers, series, "p50 of the layer, µs");
}

/// Positions of the runs of one scope, in the report's order.
using Group = std::vector<std::size_t>;

std::vector<Group> groupsOf(Runs runs) {
    const history::Standings standings = history::standingsOf(runs);
    std::vector<Group> groups(standings.scopes.size());
    for (std::size_t i = 0; i < runs.size(); ++i)
        groups[standings.standing[i].scope].push_back(i);
    return groups;
}

/// One sentence for each scope but the first: why its runs are not set against those.
std::string scopesText(Runs runs, const std::vector<Group>& groups) {
    const auto labels = [](const Group& group) {
        std::string text;
        for (const std::size_t i : group)
            text += (text.empty() ? "" : ", ") + label(i);
        return text;
    };
    std::string html;
    for (std::size_t i = 1; i < groups.size(); ++i) {
        const std::string why =
            history::whyNotCompared(history::scopeOf(runs[groups.front().front()]), history::scopeOf(runs[groups[i].front()]));
        html += paragraph(labels(groups.front()) + " and " + labels(groups[i]) + " are not compared: " + why + ".");
    }
    return html;
}

/// Quality against latency: accuracy where there is one, else how near the outputs are to the original's. Identical outputs, and the
/// original itself, stand a little above the best of the others.
std::string paretoChart(Runs runs, const Group& group) {
    const auto hasFigure = [&](std::size_t i) { return isComplete(runs[i]) && runs[i].result.quality.accuracy.has_value(); };
    const bool hasAccuracy = std::ranges::any_of(group, hasFigure);
    constexpr double headroomDb = 6;
    double best = 0;
    for (const std::size_t i : group)
        if (isComplete(runs[i])) best = std::max(best, runs[i].result.quality.sqnrDb.value_or(0));
    std::vector<ScatterPoint> points;
    for (const std::size_t i : group) {
        if (!isComplete(runs[i])) continue;
        const measure::Quality& quality = runs[i].result.quality;
        std::optional<double> value = quality.sqnrDb;
        if (hasAccuracy) {
            value = quality.accuracy ? std::optional(*quality.accuracy * 100) : std::nullopt;
        } else if (measure::isIdentical(quality) || runs[i].role == history::RunRole::Baseline) {
            value = best + headroomDb;
        }
        if (!value) continue;
        points.push_back({label(i), labelledName(runs, i), runs[i].result.latency.p50, *value, runs[i].role == history::RunRole::Optimized,
                          !measure::isReliable(runs[i].result.latency)});
    }
    return hasAccuracy ? figure("Accuracy against latency", scatterChart(points, "latency p50, ms", "accuracy, %"))
                       : figure("SQNR against latency (identical outputs on top)",
                                scatterChart(points, "latency p50, ms", "SQNR of the outputs, dB"));
}

std::string charts(Runs runs, const std::vector<Group>& groups) {
    std::string html = "<div class=\"charts\">\n";
    for (const Group& group : groups) {
        std::vector<Series> latencies;
        for (const std::size_t i : group)
            if (isComplete(runs[i]))
                latencies.push_back({labelledName(runs, i), measure::countedSamplesMs(runs[i].result.latency),
                                     !measure::isReliable(runs[i].result.latency)});
        html += paretoChart(runs, group) + figure("Distribution of latency", distributionChart(latencies, "latency of a call, ms")) +
                figure("Time by layer", layerTimes(runs, group));
    }
    return html + "</div>\n";
}

std::string title(Runs runs) {
    std::vector<std::string> models;
    for (const RunRow& run : runs) {
        if (std::ranges::find(models, modelName(run)) == models.end()) models.push_back(modelName(run));
    }
    std::string text = "Lathe report";
    for (const std::string& model : models)
        text += " · " + model;
    return text;
}

std::string subtitle(Runs runs) {
    std::vector<std::string> parts;
    for (const RunRow& run : runs) {
        for (const std::string& part : {run.dataName, run.device, run.createdAt.substr(0, 10)}) {
            if (!part.empty() && std::ranges::find(parts, part) == parts.end()) parts.push_back(part);
        }
    }
    std::string text;
    for (const std::string& part : parts)
        text += (text.empty() ? "" : " · ") + part;
    return "<p class=\"subtitle\">" + xmlText(text) + "</p>\n";
}

constexpr const char* footer =
    "<footer>Rates are shares of the test split. A latency is the time of one call; candidates were measured in "
    "random alternation after a warm-up, each with one thread or all, whichever it is faster with; calls that other programs disturbed "
    "are left out. The speed is the ratio of medians with its 95 % bootstrap interval; where too few calls were undisturbed it is not "
    "reliable. The file size is that of a TorchScript "
    "export, MACs are multiply-accumulate operations. "
    "The SQNR of the outputs is 10·log10(Σref² / Σ(ref − out)²) over the test split, ref being the original's. "
    "“Real” figures come from the kernels that will be deployed, “simulated” ones from floating-point "
    "arithmetic that imitates them. ½‖θ−θ̂‖² is half of the squared distance of a layer's weights from those of "
    "the original, where a removed weight is a zero: what was pruned and what rounding the others costs; what "
    "fine-tuning moves does not count. The times of the rows and the rest add up to the median call; the rest is "
    "negative where operators that were timed one by one took longer.</footer>\n";

} // namespace

std::string htmlReport(Runs runs) {
    std::string body = heading(1, title(runs)) + subtitle(runs);
    if (runs.empty()) return page(title(runs), body + paragraph("There are no runs in this report."));
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (!runs[i].comparison || !isComplete(runs[i])) continue;
        body += verdict(runs[i], labelledName(runs, i));
        if (const RunRow* baseline = baselineOf(runs, runs[i])) body += cards(baseline->result, runs[i].result);
    }
    const std::vector<Group> groups = groupsOf(runs);
    body += scopesText(runs, groups) + heading(2, "Figures") + figuresTable(runs) + heading(2, "Charts") + charts(runs, groups);
    for (std::size_t i = 0; i < runs.size(); ++i)
        body += runSection(runs[i], label(i));
    return page(title(runs), body + footer);
}

} // namespace lathe::report

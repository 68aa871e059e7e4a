#include <core/report/html_report.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>

#include <core/history/standing.h>
#include <core/layout/xml_text.h>
#include <core/recipe/recipe.h>
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

struct FigureRow {
    const char* name;
    std::function<std::string(const RunRow&)> text;
};

std::string milliseconds(double value) { return significant(value, 4); }

FigureRow ofResult(const char* title, std::function<std::string(const ModelResult&)> text) {
    return {title, [text](const RunRow& run) { return isComplete(run) ? text(run.result) : std::string("–"); }};
}

FigureRow ofComparison(const char* title, std::function<std::string(const measure::Comparison&)> text) {
    return {title, [text](const RunRow& run) { return run.comparison ? text(*run.comparison) : std::string("–"); }};
}

const std::vector<FigureRow>& figureRows() {
    using measure::Comparison;
    static const std::vector<FigureRow> rows = {
        ofResult("Accuracy (top-1)", [](const ModelResult& r) { return percent(r.quality.accuracy); }),
        ofResult("Top-5", [](const ModelResult& r) { return percent(r.quality.top5); }),
        ofResult("Precision (macro)", [](const ModelResult& r) { return percent(r.quality.precision); }),
        ofResult("Recall (macro)", [](const ModelResult& r) { return percent(r.quality.recall); }),
        ofResult("F1 (macro)", [](const ModelResult& r) { return percent(r.quality.f1); }),
        ofResult("Test loss (cross-entropy)", [](const ModelResult& r) { return orDash(r.quality.loss, 4); }),
        ofResult("SQNR of the outputs, dB", [](const ModelResult& r) { return sqnrText(r.quality); }),
        ofResult("Cosine similarity to the original's outputs",
                 [](const ModelResult& r) { return r.quality.cosine ? fixed(*r.quality.cosine, 6) : std::string("–"); }),
        ofResult("Largest difference to the original's outputs",
                 [](const ModelResult& r) { return r.quality.maxAbsError ? compact(*r.quality.maxAbsError) : std::string("–"); }),
        ofResult("Test samples", [](const ModelResult& r) { return count(r.quality.samples); }),
        ofResult("Outputs with NaN or infinity", [](const ModelResult& r) { return count(r.quality.nonFinite); }),
        ofResult("Latency p50, ms", [](const ModelResult& r) { return orDoubtful(milliseconds(r.latency.p50), r.latency.whyNotReliable); }),
        ofResult("Latency p90, ms", [](const ModelResult& r) { return milliseconds(r.latency.p90); }),
        ofResult("Latency p95, ms", [](const ModelResult& r) { return milliseconds(r.latency.p95); }),
        ofResult("Latency p99, ms", [](const ModelResult& r) { return milliseconds(r.latency.p99); }),
        ofResult("Latency p99.9, ms", [](const ModelResult& r) { return milliseconds(r.latency.p999); }),
        ofResult("Latency mean, ms", [](const ModelResult& r) { return milliseconds(r.latency.mean); }),
        ofResult("Latency standard deviation, ms", [](const ModelResult& r) { return milliseconds(r.latency.stddev); }),
        ofResult("Batch of latency calls", [](const ModelResult& r) { return count(r.latency.batch); }),
        ofResult("Calls (warm-up before)",
                 [](const ModelResult& r) { return count(r.latency.calls) + " (" + count(r.latency.warmupCalls) + ")"; }),
        ofResult("Threads", [](const ModelResult& r) { return std::to_string(r.latency.threads); }),
        ofResult("Noise of the machine",
                 [](const ModelResult& r) { return r.latency.noise + ", " + count(r.latency.disturbed) + " calls disturbed"; }),
        ofResult("Latency is not reliable, since",
                 [](const ModelResult& r) { return r.latency.whyNotReliable.empty() ? "–" : r.latency.whyNotReliable; }),
        ofResult("Throughput, samples/s",
                 [](const ModelResult& r) {
                     return orDoubtful(count(std::llround(std::clamp(r.throughputPerS, 0.0, 1e15))), r.whyThroughputNotReliable);
                 }),
        ofResult("Batch of throughput", [](const ModelResult& r) { return count(r.throughputBatch); }),
        ofResult("Load time, ms", [](const ModelResult& r) { return milliseconds(r.loadMs); }),
        ofResult("File size", [](const ModelResult& r) { return byteText(r.fileBytes); }),
        ofResult("Parameters", [](const ModelResult& r) { return count(r.parameters); }),
        ofResult("MACs for one sample", [](const ModelResult& r) { return macsText(r.macs, r.macsUnknownLayers); }),
        ofResult("Peak memory", [](const ModelResult& r) { return byteText(r.peakMemoryBytes); }),
        ofComparison("Accuracy drop, points",
                     [](const Comparison& c) { return c.accuracyDrop ? fixed(*c.accuracyDrop * 100, 2) : std::string("–"); }),
        ofComparison("Same predictions as the original", [](const Comparison& c) { return percent(c.agreement); }),
        ofComparison("Smaller by", [](const Comparison& c) { return fixed(c.sizeRatio, 2) + "×"; }),
        ofComparison("Speed against the original",
                     [](const Comparison& c) {
                         if (c.speedup.verdict == measure::Verdict::NotReliable) return std::string("not reliable");
                         return fixed(c.speedup.ratio, 2) + "× (" + fixed(c.speedup.low, 2) + "–" + fixed(c.speedup.high, 2) + ")";
                     }),
        ofComparison("The original ran as", [](const Comparison& c) { return c.speedup.baseline.empty() ? "–" : c.speedup.baseline; }),
        ofComparison("Verdict", [](const Comparison& c) { return std::string(name(c.speedup.verdict)); }),
        ofComparison("Real and simulated predictions agree", [](const Comparison& c) { return percent(c.simulatedAgreement); }),
        ofComparison("Simulated accuracy", [](const Comparison& c) { return percent(c.simulatedAccuracy); }),
    };
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
    for (const FigureRow& figure : figureRows()) {
        std::vector<Cell> row = {textCell(figure.name)};
        for (const RunRow& run : runs)
            row.push_back(numberCell(figure.text(run)));
        // A figure that no run has is not worth a line.
        if (std::any_of(row.begin() + 1, row.end(), [](const Cell& cell) { return cell.html != "–"; })) rows.push_back(std::move(row));
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

std::vector<RunRow> rowsOf(const measure::RunDocument& document, const std::string& createdAt) {
    RunRow baseline;
    baseline.id = document.historyIds.empty() ? "baseline" : document.historyIds.front();
    baseline.state = history::RunState::Complete;
    baseline.createdAt = createdAt;
    baseline.modelFile = document.modelFile;
    baseline.modelSha256 = document.modelSha256;
    baseline.modelFormat = document.modelFormat;
    baseline.dataName = document.dataName;
    baseline.dataSha256 = document.dataSha256;
    baseline.dataSamples = document.dataSamples;
    if (const auto device = document.environment.find("device"); device != document.environment.end()) baseline.device = device->second;
    baseline.seed = document.seed;
    baseline.environment = document.environment;
    RunRow optimized = baseline;

    baseline.name = modelName(baseline) + " · original";
    baseline.result = document.baseline;

    optimized.role = history::RunRole::Optimized;
    optimized.parentId = baseline.id;
    optimized.id = document.historyIds.size() > 1 ? document.historyIds[1] : "optimized";
    optimized.recipeJson = document.recipeJson;
    if (const auto recipe = recipe::parse(document.recipeJson)) optimized.recipeSummary = recipe::summary(*recipe);
    optimized.name = modelName(optimized) + (optimized.recipeSummary.empty() ? " · optimized" : " · " + optimized.recipeSummary);
    optimized.result = document.optimized;
    optimized.comparison = document.comparison;
    optimized.steps = document.steps;
    return {std::move(baseline), std::move(optimized)};
}

} // namespace lathe::report

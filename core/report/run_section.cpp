#include <core/report/run_section.h>

#include <algorithm>
#include <numeric>

#include <core/base/json.h>
#include <core/history/step_curve.h>
#include <core/layout/xml_text.h>
#include <core/report/figure_text.h>
#include <core/report/html_text.h>
#include <core/report/run_json.h>
#include <core/report/svg_chart.h>

namespace lathe::report {

namespace {

using history::RunRow;
using layout::xmlText;

constexpr std::size_t maxFlips = 200;
/// More classes than this make a matrix that nobody can read.
constexpr std::size_t maxConfusionClasses = 40;

std::string figure(const std::string& caption, const std::string& chart) {
    if (chart.empty()) return {};
    return "<figure><figcaption>" + xmlText(caption) + "</figcaption>" + chart + "</figure>\n";
}

std::string figuresText(const std::map<std::string, double>& figures) {
    std::string text;
    for (const auto& [key, value] : figures) {
        if (!history::isOfEpoch(key)) text += (text.empty() ? "" : ", ") + key + " " + compact(value, 6);
    }
    return text;
}

std::string notesText(const std::vector<base::Message>& notes) {
    std::string text;
    for (const base::Message& note : notes)
        text += (text.empty() ? "" : "; ") + note.text();
    return text;
}

std::string recipePart(const RunRow& run) {
    if (run.role != history::RunRole::Optimized) return {};
    std::string html = heading(3, "Recipe");
    if (!run.recipeSummary.empty()) html += "<p>" + xmlText(run.recipeSummary) + "</p>\n";
    if (!run.steps.empty()) {
        std::vector<std::vector<Cell>> rows;
        for (const measure::StepResult& step : run.steps) {
            rows.push_back({textCell(step.op), numberCell(timeText(step.seconds * 1e6)), numberCell(byteText(step.peakMemoryBytes)),
                            textCell(figuresText(step.figures)), textCell(notesText(step.warnings)), textCell(notesText(step.notes))});
        }
        html += table({"Step", "Time", "Peak memory", "Figures", "Warnings", "Notes"}, rows);
    }
    for (const steps::TrainingCurvePart& part : steps::trainingCurveParts) {
        std::vector<Series> trainings;
        for (const measure::StepResult& step : run.steps) {
            const steps::TrainingCurve curve = history::curveOf(step);
            if (!(curve.*part.values).empty()) trainings.push_back({step.op, curve.*part.values});
        }
        html += figure(part.words, lineChart(trainings, "epoch", part.words));
    }
    if (!run.recipeJson.empty()) {
        const base::Result<base::Json> json = base::parseJson(run.recipeJson);
        const std::string text = json ? json->dump(2, ' ', false, base::Json::error_handler_t::replace) : run.recipeJson;
        html += details("Recipe as JSON", "<pre>" + xmlText(text) + "</pre>\n");
    }
    return html;
}

/// What the time of a row stands for besides the node itself.
std::string withCovered(const measure::LayerResult& layer) {
    std::string others;
    for (const std::string& node : layer.covers)
        others += (others.empty() ? "" : ", ") + node;
    return others.empty() ? layer.name : layer.name + " (with " + others + ")";
}

std::string layersPart(const RunRow& run) {
    if (run.result.layers.empty()) return {};
    std::vector<const history::Figure*> figures;
    for (const history::Figure& figure : history::layerFigures()) {
        const auto isKnown = [&](const measure::LayerResult& layer) { return history::valueOf(figure, layer).has_value(); };
        if (figure.isAlwaysInJson || std::ranges::any_of(run.result.layers, isKnown)) figures.push_back(&figure);
    }
    std::vector<std::vector<Cell>> rows;
    for (const measure::LayerResult& layer : run.result.layers) {
        const Cell truth{badge(name(layer.kind), name(layer.kind)), false};
        std::vector<Cell> row = {textCell(withCovered(layer)), textCell(layer.op), textCell(layer.kernel), truth};
        for (const history::Figure* figure : figures)
            row.push_back(numberCell(layerFigureText(*figure, layer)));
        row.push_back(textCell(layer.reason));
        rows.push_back(std::move(row));
    }
    const auto addTime = [&](const char* what, std::optional<double> microseconds) {
        std::vector<Cell> row = {textCell(what), textCell(""), textCell(""), Cell{}};
        for (const history::Figure* figure : figures)
            row.push_back(figure->name == "p50_us" ? numberCell(timeText(microseconds)) : Cell{});
        rows.push_back(std::move(row));
    };
    if (const auto rest = measure::restUs(run.result)) {
        addTime("rest of the call", rest);
        addTime("a call (p50)", run.result.latency.p50 * 1000);
    }
    std::vector<std::string> titles = {"Layer", "Operator", "Kernel", "Kind"};
    for (const history::Figure* figure : figures)
        titles.push_back(layerFigureTitle(*figure, run.result));
    titles.emplace_back("Why this kernel");
    return heading(3, "Layers") + table(titles, rows);
}

std::string classesPart(const measure::Quality& quality) {
    std::string html;
    if (!quality.classF1.empty()) {
        const auto at = [](const std::vector<double>& values, std::size_t i) {
            return i < values.size() ? percent(values[i]) : percent({});
        };
        std::vector<std::vector<Cell>> rows;
        for (std::size_t i = 0; i < quality.classF1.size(); ++i) {
            rows.push_back({textCell(std::to_string(i)), numberCell(at(quality.classPrecision, i)), numberCell(at(quality.classRecall, i)),
                            numberCell(at(quality.classF1, i))});
        }
        html += details("Precision, recall and F1 by class", table({"Class", "Precision", "Recall", "F1"}, rows));
    }
    if (quality.confusion.empty() || quality.confusion.size() > maxConfusionClasses) return html;
    std::string matrix = "<div class=\"scroll\"><table class=\"confusion\"><thead><tr><th scope=\"col\">label ↓ prediction →</th>";
    for (std::size_t i = 0; i < quality.confusion.size(); ++i)
        matrix += "<th scope=\"col\" class=\"number\">" + std::to_string(i) + "</th>";
    matrix += "</tr></thead>\n<tbody>\n";
    for (std::size_t label = 0; label < quality.confusion.size(); ++label) {
        const std::vector<std::int64_t>& row = quality.confusion[label];
        const double sum = std::max(1.0, std::accumulate(row.begin(), row.end(), 0.0));
        matrix += "<tr><th scope=\"row\">" + std::to_string(label) + "</th>";
        for (const std::int64_t samples : row) {
            matrix += "<td style=\"--share:" + fixed(0.6 * std::clamp(static_cast<double>(samples) / sum, 0.0, 1.0), 3) + "\">" +
                      count(samples) + "</td>";
        }
        matrix += "</tr>\n";
    }
    return html + details("Confusion matrix", matrix + "</tbody></table></div>\n");
}

std::string flipsPart(const RunRow& run) {
    if (!run.comparison || run.comparison->flips.empty()) return {};
    const std::vector<measure::Flip>& flips = run.comparison->flips;
    const auto count = [&](auto isSo) { return std::to_string(std::ranges::count_if(flips, isSo)); };
    const std::string lost = count([](const measure::Flip& flip) { return flip.label >= 0 && flip.before == flip.label; });
    const std::string won = count([](const measure::Flip& flip) { return flip.label >= 0 && flip.after == flip.label; });
    std::vector<std::vector<Cell>> rows;
    for (std::size_t i = 0; i < std::min(flips.size(), maxFlips); ++i) {
        const measure::Flip& flip = flips[i];
        const bool isLabelled = flip.label >= 0;
        std::string verdict = badge("still wrong", "plain");
        if (flip.before == flip.label) verdict = badge("lost", "bad");
        if (flip.after == flip.label) verdict = badge("won", "good");
        rows.push_back({numberCell(std::to_string(flip.sample)), numberCell(isLabelled ? std::to_string(flip.label) : "–"),
                        numberCell(std::to_string(flip.before)), numberCell(std::to_string(flip.after)),
                        Cell{isLabelled ? verdict : std::string(), false}});
    }
    std::string html = heading(3, "Flipped samples");
    html += paragraph(std::to_string(flips.size()) + " recorded test samples are predicted differently from the original: " + lost +
                      " were right before, " + won + " are right now.");
    const std::string shown = flips.size() > maxFlips ? "The first " + std::to_string(maxFlips) + " of them" : "All of them";
    return html + details(shown, table({"Sample", "Label", "Original", "Optimized", "Change"}, rows));
}

Cell verdictCell(history::ExportVerdict verdict) {
    switch (verdict) {
    case history::ExportVerdict::Same:
        return {badge("the same", "good"), false};
    case history::ExportVerdict::Different:
        return {badge("different", "bad"), false};
    case history::ExportVerdict::NotJudged:
        break;
    }
    return {badge("not judged", "plain"), false};
}

std::string exportsPart(const RunRow& run) {
    if (run.exports.empty()) return {};
    std::string html = heading(3, "Exports");
    for (const history::ExportedFile& exported : run.exports) {
        html += paragraph(exported.file + " · " + exported.format + " · " + byteText(exported.bytes) + ", the original " +
                          byteText(exported.originalBytes) + " · written " + exported.createdAt + " · SHA-256 " + exported.sha256);
        std::vector<std::vector<Cell>> rows;
        for (const history::ExportCheck& check : exported.checks) {
            rows.push_back({textCell(check.judge + " " + check.version), verdictCell(check.verdict), numberCell(orDash(check.maxAbsError)),
                            numberCell(percent(check.maxRelError)), numberCell(percent(check.agreement)), numberCell(orDash(check.loadMs)),
                            textCell(check.reason)});
        }
        html +=
            rows.empty()
                ? paragraph("It was not verified.")
                : table({"Opened and run by", "Outputs", "Largest difference", "of the largest output", "Same top-1", "Load, ms", "Why"},
                        rows);
    }
    return html;
}

std::string environmentPart(const RunRow& run) {
    std::vector<std::vector<Cell>> rows = {
        {textCell("model"), textCell(run.modelFile)},          {textCell("model SHA-256"), textCell(run.modelSha256)},
        {textCell("model format"), textCell(run.modelFormat)}, {textCell("data"), textCell(run.dataName)},
        {textCell("data SHA-256"), textCell(run.dataSha256)},  {textCell("device"), textCell(run.device)},
        {textCell("seed"), textCell(std::to_string(run.seed))}};
    if (!run.id.empty()) rows.insert(rows.begin(), {textCell("run"), textCell(run.id)});
    for (const auto& [key, value] : run.environment)
        rows.push_back({textCell(key), textCell(value)});
    return details("Model, data and environment", table({"What", "Value"}, rows));
}

} // namespace

const char* name(history::RunState state) {
    switch (state) {
    case history::RunState::Running:
        return "running";
    case history::RunState::Complete:
        return "complete";
    case history::RunState::Cancelled:
        return "cancelled";
    case history::RunState::Failed:
        return "failed";
    case history::RunState::Interrupted:
        break;
    }
    return "interrupted";
}

std::string runSection(const RunRow& run, const std::string& label) {
    std::string html = heading(2, label + " · " + run.name);
    const bool isComplete = run.state == history::RunState::Complete;
    html += "<p>" + badge(run.role == history::RunRole::Baseline ? "baseline" : "optimized", "plain") + " ";
    html += isComplete ? badge(name(run.result.kind), name(run.result.kind)) : badge(name(run.state), "bad");
    for (const std::string& tag : run.tags)
        html += " " + badge(tag, "plain");
    html += "</p>\n";
    if (!run.createdAt.empty()) html += paragraph("Measured " + run.createdAt + ".");
    if (!run.note.empty()) html += "<p>" + xmlText(run.note) + "</p>\n";
    if (!run.error.empty()) html += "<p class=\"verdict\">" + xmlText(run.error) + "</p>\n";
    html += recipePart(run) + exportsPart(run);
    if (isComplete) html += layersPart(run) + flipsPart(run) + classesPart(run.result.quality);
    return html + environmentPart(run);
}

} // namespace lathe::report

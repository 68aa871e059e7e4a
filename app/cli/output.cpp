#include <app/cli/output.h>

#include <algorithm>
#include <clocale>
#include <cmath>
#include <cstdio>
#include <iostream>

#include <unistd.h>

#include <core/history/figures.h>
#include <core/history/run_document.h>
#include <core/report/figure_text.h>
#include <core/report/run_json.h>

namespace lathe::cli {

using report::percent;

namespace {

/// Characters, not bytes: the tables hold "µ" and "·".
std::size_t width(const std::string& text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

bool isTerminal() { return ::isatty(STDERR_FILENO) == 1; }

/// Of all outputs against those of the original.
std::string fidelityText(const measure::Quality& quality) {
    if (measure::isIdentical(quality)) return "identical";
    return quality.sqnrDb ? "at " + fixed(*quality.sqnrDb, 1) + " dB of the original's" : std::string();
}

/// The main figures of both models; one that neither has is not worth a line.
std::vector<std::vector<std::string>> figureRows(const std::vector<history::RunRow>& runs) {
    std::vector<std::vector<std::string>> rows{{"", "original", "optimized"},
                                               {"Kind", report::name(runs[0].result.kind), report::name(runs[1].result.kind)}};
    for (const history::Figure* shown : history::mainFigures()) {
        const history::Figure& figure = *shown;
        if (!history::storedValue(figure, runs[0].result, {}) && !history::storedValue(figure, runs[1].result, {})) continue;
        rows.push_back({report::titleOf(figure), report::figureText(figure, runs[0]), report::figureText(figure, runs[1])});
    }
    return rows;
}

/// The rows and the rest add up to the call.
void printLayers(const measure::ModelResult& result) {
    std::vector<const history::Figure*> figures;
    for (const history::Figure& figure : history::layerFigures()) {
        const auto isKnown = [&](const measure::LayerResult& layer) { return history::valueOf(figure, layer).has_value(); };
        if (figure.isMain && (figure.isAlwaysInJson || std::ranges::any_of(result.layers, isKnown))) figures.push_back(&figure);
    }
    std::vector<std::vector<std::string>> rows{{"Layer", "Kernel", "Kind"}};
    for (const history::Figure* figure : figures)
        rows.front().push_back(report::layerFigureTitle(*figure, result));
    for (const measure::LayerResult& layer : result.layers) {
        auto& row = rows.emplace_back(std::vector<std::string>{layer.name, layer.kernel, report::name(layer.kind)});
        for (const history::Figure* figure : figures)
            row.push_back(report::layerFigureText(*figure, layer));
    }
    const auto addTime = [&](const char* what, std::optional<double> microseconds) {
        auto& row = rows.emplace_back(std::vector<std::string>{what, "", ""});
        for (const history::Figure* figure : figures)
            row.push_back(figure->name == "p50_us" ? report::timeText(microseconds) : "");
    };
    if (const auto rest = measure::restUs(result)) {
        addTime("rest of the call", rest);
        addTime("a call (p50)", result.latency.p50 * 1000);
    }
    printTable(rows);
}

/// What the steps did not do, and what else there is to know.
void printNotes(const std::vector<measure::StepResult>& steps) {
    for (std::size_t at = 0; at < steps.size(); ++at) {
        const std::string place = "step " + std::to_string(at + 1) + " (" + steps[at].op + ")";
        for (const base::Message& warning : steps[at].warnings)
            std::cout << "warning: " << place << ": " << warning << "\n";
        for (const base::Message& note : steps[at].notes) {
            if (std::ranges::find(steps[at].warnings, note) == steps[at].warnings.end()) std::cout << place << ": " << note << "\n";
        }
    }
}

} // namespace

void printTable(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& cells : rows) {
        widths.resize(std::max(widths.size(), cells.size()));
        for (std::size_t i = 0; i < cells.size(); ++i)
            widths[i] = std::max(widths[i], width(cells[i]));
    }
    for (const auto& cells : rows) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const std::string padding(widths[i] - width(cells[i]), ' ');
            std::cout << (i > 0 ? "  " : "") << (i == 0 ? cells[i] + padding : padding + cells[i]);
        }
        std::cout << "\n";
    }
}

void printNotes(const std::vector<std::string>& notes) {
    for (const std::string& note : notes)
        std::cerr << note << "\n";
}

void printJson(const base::Json& json) { std::cout << json.dump(1) << "\n"; }

std::string checkText(const history::ExportCheck& check) {
    const std::string judge = check.version.empty() ? check.judge : check.judge + " " + check.version;
    if (check.verdict == history::ExportVerdict::NotJudged) return judge + " could not judge it: " + check.reason;
    std::string text = judge + (check.verdict == history::ExportVerdict::Same ? ": the same" : ": NOT the same");
    if (check.maxAbsError) text += ", largest difference " + fixed(*check.maxAbsError, 6);
    if (check.maxRelError) text += " (" + percent(check.maxRelError) + " of the largest output)";
    if (check.agreement) text += ", same answer on " + percent(check.agreement);
    if (check.loadMs) text += ", loads in " + fixed(*check.loadMs, 1) + " ms";
    return check.reason.empty() ? text : text + ". " + check.reason;
}

std::function<void(const base::Progress&)> terminalProgress() {
    if (!isTerminal()) return {};
    return [](const base::Progress& progress) {
        std::cerr << "\r\033[K" << progress.step << "/" << progress.steps << " " << progress.phase;
        if (progress.fraction >= 0) std::cerr << " " << fixed(std::min(progress.fraction, 1.0) * 100, 0) << " %";
        for (const auto& [key, value] : progress.values)
            std::cerr << "  " << key << " " << fixed(value, value == std::floor(value) ? 0 : 4);
        if (progress.secondsLeft) std::cerr << "  " << fixed(*progress.secondsLeft, 0) << " s left";
        std::cerr << std::flush;
    };
}

void clearProgress() {
    if (isTerminal()) std::cerr << "\r\033[K" << std::flush;
}

void printRun(const measure::RunDocument& document) {
    std::vector<std::vector<std::string>> steps{{"step", "seconds", "peak memory"}};
    for (const measure::StepResult& step : document.steps)
        steps.push_back({step.op, fixed(step.seconds, 2), byteText(step.peakMemoryBytes)});
    if (steps.size() > 1) printTable(steps);
    printNotes(document.steps);
    std::cout << "\n";
    printTable(figureRows(history::rowsOf(document)));
    std::cout << "\n";
    printLayers(document.optimized);
    const measure::Comparison& comparison = document.comparison;
    std::cout << "\n"
              << speedupText(comparison.speedup, comparison.speedup.baseline) << "; file " << fixed(comparison.sizeRatio, 1) << "x smaller";
    if (comparison.accuracyDrop) std::cout << ", accuracy drop " << fixed(*comparison.accuracyDrop * 100, 2) << " points";
    if (comparison.agreement) std::cout << ", same answer on " << fixed(*comparison.agreement * 100, 2) << " %";
    if (const std::string fidelity = fidelityText(document.optimized.quality); !fidelity.empty()) std::cout << ", outputs " << fidelity;
    if (comparison.simulatedAgreement) std::cout << ", simulation agrees on " << fixed(*comparison.simulatedAgreement * 100, 2) << " %";
    std::cout << "\n";
    if (comparison.speedup.verdict == measure::Verdict::NotReliable) {
        std::cout << "End other work and measure again, nothing is trained for it: ";
        std::cout << (document.historyIds.size() == 2 ? "lathe-cli history measure " + document.historyIds[1].substr(0, 8) : "run again")
                  << "\n";
    }
}

std::string speedupText(const measure::Speedup& speedup, const std::string& baseline) {
    const std::string verdict = report::name(speedup.verdict);
    if (speedup.verdict == measure::Verdict::NotReliable) {
        const std::string reason = speedup.reason.ends_with('.') ? speedup.reason.substr(0, speedup.reason.size() - 1) : speedup.reason;
        return "speed not reliable (" + reason + ")";
    }
    return verdict + ": " + fixed(speedup.ratio, 2) + "x (95 %: " + fixed(speedup.low, 2) + " to " + fixed(speedup.high, 2) + ")" +
           (baseline.empty() ? "" : " against " + baseline);
}

} // namespace lathe::cli

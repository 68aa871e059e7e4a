#include <core/report/csv.h>

#include <charconv>
#include <cmath>
#include <functional>
#include <iterator>
#include <optional>
#include <vector>

#include <core/history/figures.h>
#include <core/report/run_json.h>
#include <core/report/run_section.h>

namespace lathe::report {

namespace {

using history::RunRow;

constexpr const char* lineEnd = "\r\n"; // RFC 4180

bool isNumber(std::string_view text) {
    double value = 0;
    const char* begin = text.data() + (text.starts_with('+') ? 1 : 0); // from_chars knows no plus
    const auto [end, problem] = std::from_chars(begin, text.data() + text.size(), value);
    return problem == std::errc() && end == text.data() + text.size() && std::isfinite(value);
}

/// The shortest text that reads back as the same number; empty when not finite.
std::string numberCell(double value) {
    if (!std::isfinite(value)) return {};
    char buffer[40];
    const auto [end, problem] = std::to_chars(std::begin(buffer), std::end(buffer), value);
    return problem == std::errc() ? std::string(std::begin(buffer), end) : std::string();
}

std::string numberCell(const std::optional<double>& value) { return value ? numberCell(*value) : std::string(); }
std::string numberCell(std::int64_t value) { return std::to_string(value); }

template<class T>
struct Column {
    const char* name;
    std::function<std::string(const T&)> cell;
};

template<class T>
std::string header(const std::vector<Column<T>>& columns) {
    std::string line;
    for (const Column<T>& column : columns)
        line += (line.empty() ? "" : ",") + std::string(column.name);
    return line + lineEnd;
}

template<class T>
std::string line(const std::vector<Column<T>>& columns, const T& row) {
    std::string text;
    for (std::size_t i = 0; i < columns.size(); ++i)
        text += (i == 0 ? "" : ",") + columns[i].cell(row);
    return text + lineEnd;
}

std::string tagsText(const RunRow& run) {
    std::string text;
    for (const std::string& tag : run.tags)
        text += (text.empty() ? "" : " ") + tag;
    return text;
}

/// A text of a run that was measured to the end; others have none.
Column<RunRow> ofResult(const char* name, std::function<std::string(const measure::ModelResult&)> cell) {
    return {name, [cell](const RunRow& run) { return run.state == history::RunState::Complete ? cell(run.result) : std::string(); }};
}

Column<RunRow> ofComparison(const char* name, std::function<std::string(const measure::Comparison&)> cell) {
    return {name, [cell](const RunRow& run) { return run.comparison ? cell(*run.comparison) : std::string(); }};
}

/// Texts that belong to a figure; they stand behind its column.
const std::vector<std::pair<std::string_view, Column<RunRow>>>& textsBehindFigures() {
    using measure::Comparison;
    using measure::ModelResult;
    static const std::vector<std::pair<std::string_view, Column<RunRow>>> texts = {
        {"latency_threads", ofResult("noise", [](const ModelResult& result) { return csvCell(result.latency.noise); })},
        {"speedup_high",
         ofComparison("verdict", [](const Comparison& comparison) { return std::string(name(comparison.speedup.verdict)); })},
        {"speedup_high", ofComparison("verdict_reason", [](const Comparison& comparison) { return csvCell(comparison.speedup.reason); })},
        {"speedup_high",
         ofComparison("speedup_baseline", [](const Comparison& comparison) { return csvCell(comparison.speedup.baseline); })},
        {"latency_disturbed",
         ofResult("latency_not_reliable", [](const ModelResult& result) { return csvCell(result.latency.whyNotReliable); })},
        {"latency_disturbed",
         ofResult("throughput_not_reliable", [](const ModelResult& result) { return csvCell(result.whyThroughputNotReliable); })}};
    return texts;
}

const std::vector<Column<RunRow>>& runColumns() {
    static const std::vector<Column<RunRow>> columns = [] {
        std::vector<Column<RunRow>> all = {
            {"id", [](const RunRow& run) { return csvCell(run.id); }},
            {"parent_id", [](const RunRow& run) { return csvCell(run.parentId); }},
            {"role", [](const RunRow& run) { return std::string(run.role == history::RunRole::Baseline ? "baseline" : "optimized"); }},
            {"state", [](const RunRow& run) { return std::string(name(run.state)); }},
            {"name", [](const RunRow& run) { return csvCell(run.name); }},
            {"tags", [](const RunRow& run) { return csvCell(tagsText(run)); }},
            {"note", [](const RunRow& run) { return csvCell(run.note); }},
            {"created_at", [](const RunRow& run) { return csvCell(run.createdAt); }},
            {"model_file", [](const RunRow& run) { return csvCell(run.modelFile); }},
            {"model_sha256", [](const RunRow& run) { return csvCell(run.modelSha256); }},
            {"data", [](const RunRow& run) { return csvCell(run.dataName); }},
            {"data_sha256", [](const RunRow& run) { return csvCell(run.dataSha256); }},
            {"device", [](const RunRow& run) { return csvCell(run.device); }},
            {"recipe", [](const RunRow& run) { return csvCell(run.recipeSummary); }},
            {"seed", [](const RunRow& run) { return numberCell(run.seed); }},
            ofResult("kind", [](const measure::ModelResult& result) { return std::string(name(result.kind)); })};
        for (const history::Figure& figure : history::figures()) {
            all.push_back({figure.csv.data(), [&figure](const RunRow& run) { return numberCell(history::valueOf(figure, run)); }});
            for (const auto& [before, column] : textsBehindFigures())
                if (before == figure.name) all.push_back(column);
        }
        return all;
    }();
    return columns;
}

struct LayerOfRun {
    const RunRow& run;
    const measure::LayerResult& layer;
};

const std::vector<Column<LayerOfRun>>& layerColumns() {
    static const std::vector<Column<LayerOfRun>> columns = [] {
        std::vector<Column<LayerOfRun>> all = {
            {"run_id", [](const LayerOfRun& row) { return csvCell(row.run.id); }},
            {"run", [](const LayerOfRun& row) { return csvCell(row.run.name); }},
            {"layer", [](const LayerOfRun& row) { return csvCell(row.layer.name); }},
            {"op", [](const LayerOfRun& row) { return csvCell(row.layer.op); }},
            {"kernel", [](const LayerOfRun& row) { return csvCell(row.layer.kernel); }},
            {"kind", [](const LayerOfRun& row) { return std::string(name(row.layer.kind)); }},
        };
        for (const history::Figure& figure : history::layerFigures())
            all.push_back(
                {figure.csv.data(), [&figure](const LayerOfRun& row) { return numberCell(history::valueOf(figure, row.layer)); }});
        return all;
    }();
    return columns;
}

} // namespace

std::string csvCell(std::string_view text) {
    std::string cell;
    if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos && !isNumber(text)) cell = "'";
    cell += text;
    if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
    std::string quoted = "\"";
    for (const char character : cell) {
        if (character == '"') quoted += '"';
        quoted += character;
    }
    return quoted + "\"";
}

std::string runsCsv(std::span<const RunRow> runs) {
    std::string csv = header(runColumns());
    for (const RunRow& run : runs)
        csv += line(runColumns(), run);
    return csv;
}

std::string latencyCsv(std::span<const RunRow> runs) {
    std::string csv = std::string("run_id,name,sample,latency_ms,disturbed") + lineEnd;
    for (const RunRow& run : runs) {
        const std::string beginning = csvCell(run.id) + "," + csvCell(run.name) + ",";
        const measure::Latency& latency = run.result.latency;
        for (std::size_t i = 0; i < latency.samplesMs.size(); ++i) {
            const std::string mark = i < latency.marks.size() ? std::to_string(latency.marks[i]) : std::string();
            csv += beginning + std::to_string(i) + "," + numberCell(latency.samplesMs[i]) + "," + mark + lineEnd;
        }
    }
    return csv;
}

std::string layersCsv(std::span<const RunRow> runs) {
    std::string csv = header(layerColumns());
    for (const RunRow& run : runs) {
        for (const measure::LayerResult& layer : run.result.layers)
            csv += line(layerColumns(), LayerOfRun{run, layer});
    }
    return csv;
}

} // namespace lathe::report

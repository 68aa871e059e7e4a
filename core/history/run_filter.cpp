#include <core/history/run_filter.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace lathe::history {
namespace {

using Kind = FilterProblem::Kind;

/// Short for names of the table.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> shortNames{{{"p50", "latency_p50"},
                                                                                   {"p90", "latency_p90"},
                                                                                   {"p95", "latency_p95"},
                                                                                   {"p99", "latency_p99"},
                                                                                   {"sqnr", "sqnr_db"},
                                                                                   {"size", "file_size"},
                                                                                   {"memory", "peak_memory"}}};
/// What one who asks for something else is told of; there are more.
constexpr const char* usualNames = "accuracy, agreement, sqnr, p50, speedup, size, parameters";

struct Unit {
    std::string_view name; ///< in lower case
    double factor;         ///< to what is stored
    std::string_view shown;
};
constexpr std::array perCent{Unit{"", 0.01, ""}, Unit{"%", 0.01, "%"}};
constexpr std::array decibels{Unit{"", 1, ""}, Unit{"db", 1, "dB"}};
// Both signs for micro: U+00B5 and U+03BC.
constexpr std::array times{Unit{"us", 1e-3, "us"}, Unit{"µs", 1e-3, ""}, Unit{"μs", 1e-3, ""}, Unit{"ms", 1, "ms"}, Unit{"s", 1e3, "s"}};
constexpr std::array ratios{Unit{"", 1, ""}, Unit{"x", 1, "x"}, Unit{"×", 1, ""}};
constexpr std::array sizes{Unit{"b", 1, "B"}, Unit{"kb", 1e3, "kB"}, Unit{"mb", 1e6, "MB"}, Unit{"gb", 1e9, "GB"}};
constexpr std::array counts{Unit{"", 1, ""}, Unit{"k", 1e3, "k"}, Unit{"m", 1e6, "M"}, Unit{"g", 1e9, "G"}};

std::span<const Unit> unitsOf(FigureFormat format) {
    switch (format) {
    case FigureFormat::Fraction:
    case FigureFormat::Points:
        return perCent;
    case FigureFormat::Decibels:
        return decibels;
    case FigureFormat::Microseconds:
    case FigureFormat::Milliseconds:
        return times;
    case FigureFormat::Ratio:
        return ratios;
    case FigureFormat::Bytes:
        return sizes;
    case FigureFormat::Number:
    case FigureFormat::Similarity:
    case FigureFormat::Rate:
    case FigureFormat::Count:
    case FigureFormat::Macs:
        break;
    }
    return counts;
}

std::string lower(std::string_view text) {
    std::string lowered(text);
    for (char& character : lowered)
        if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
    return lowered;
}

void replaceAll(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

bool isTag(std::string_view word) { return lower(word.substr(0, 4)) == "tag:"; }

/// What stands between blanks; a sign of comparison keeps what is around it together.
std::vector<std::string> partsOf(std::string_view text) {
    std::string plain(text);
    for (const auto& [sign, ascii] : {std::pair("≤", "<="), std::pair("≥", ">="), std::pair("＜", "<"), std::pair("＞", ">"),
                                      std::pair("＝", "="), std::pair("\u3000", " ")})
        replaceAll(plain, sign, ascii);
    std::vector<std::string> parts;
    const auto endsOpen = [&parts] {
        if (parts.empty() || isTag(parts.back())) return false;
        const std::string_view last = parts.back();
        return last.ends_with('<') || last.ends_with('>') || last.ends_with("<=") || last.ends_with(">=");
    };
    constexpr const char* blanks = " \t\r\n";
    for (std::size_t begin = plain.find_first_not_of(blanks); begin != std::string::npos; begin = plain.find_first_not_of(blanks, begin)) {
        const std::size_t end = std::min(plain.find_first_of(blanks, begin), plain.size());
        const std::string part = plain.substr(begin, end - begin);
        begin = end;
        const bool beginsWithSign = part.front() == '<' || part.front() == '>' || (part.front() == '=' && endsOpen());
        if (endsOpen() || (beginsWithSign && !parts.empty() && !isTag(parts.back())))
            parts.back() += part;
        else
            parts.push_back(part);
    }
    return parts;
}

template<class List, class Text>
std::string listed(const List& list, const Text& textOf) {
    std::string all;
    for (const auto& entry : list)
        if (const std::string_view name = textOf(entry); !name.empty()) all += (all.empty() ? "" : ", ") + std::string(name);
    return all;
}

/// Reads one term. `next`: what stands behind it, which is taken (isNextTaken) where it is a unit that the number lacks.
class TermReader {
public:
    explicit TermReader(std::span<const FigureName> names) : m_names(names) {}

    std::optional<FilterProblem> read(const std::string& part, const std::string* next, RunTerm& term) {
        isNextTaken = false;
        const std::size_t sign = part.find_first_of("<>");
        const bool isInclusive = sign + 1 < part.size() && part[sign + 1] == '=';
        const std::string name = part.substr(0, sign);
        const Figure* figure = find(name);
        if (figure == nullptr) return FilterProblem{Kind::UnknownFigure, part, name, usualNames};
        term.figure = figure;
        if (part[sign] == '<')
            term.relation = isInclusive ? RunTerm::Relation::AtMost : RunTerm::Relation::Less;
        else
            term.relation = isInclusive ? RunTerm::Relation::AtLeast : RunTerm::Relation::Greater;

        const std::string rest = part.substr(sign + (isInclusive ? 2 : 1));
        const char* const restEnd = rest.data() + rest.size();
        const auto [end, code] = std::from_chars(rest.data(), restEnd, term.value, std::chars_format::fixed);
        if (code != std::errc() || !std::isfinite(term.value)) return FilterProblem{Kind::NoNumber, part, rest, {}};
        const std::span<const Unit> units = unitsOf(figure->format);
        const std::string shown = listed(units, [](const Unit& unit) { return unit.shown; });
        std::string unit(static_cast<const char*>(end), restEnd);
        if (unit.empty() && next != nullptr && factorOf(units, *next) && !next->empty()) {
            unit = *next;
            isNextTaken = true;
        }
        const std::optional<double> factor = factorOf(units, unit);
        if (!factor) return FilterProblem{unit.empty() ? Kind::NoUnit : Kind::UnknownUnit, part, unit, shown};
        term.value *= *factor;
        return std::nullopt;
    }

    bool isNextTaken = false;

private:
    [[nodiscard]] const Figure* find(const std::string& name) const {
        const std::string wanted = lower(name);
        for (const auto& [shortName, whole] : shortNames)
            if (shortName == wanted) return figureNamed(whole);
        for (const FigureName& known : m_names)
            if (lower(known.name) == wanted) return known.figure;
        return figureNamed(wanted);
    }
    static std::optional<double> factorOf(std::span<const Unit> units, const std::string& name) {
        for (const Unit& unit : units)
            if (unit.name == lower(name)) return unit.factor;
        return std::nullopt;
    }

    std::span<const FigureName> m_names;
};

} // namespace

std::optional<double> reliableValue(const Figure& figure, const RunRow& run, const Standing* standing) {
    if (figure.name == "speedup")
        return run.state == RunState::Complete && standing != nullptr && standing->isSpeedReliable ? standing->speedup : std::nullopt;
    return doubtOf(figure, run).empty() ? valueOf(figure, run) : std::nullopt;
}

std::string text(const FilterProblem& problem) {
    const std::string part = "\"" + problem.part + "\"", term = "\"" + problem.term + "\"";
    switch (problem.kind) {
    case Kind::UnknownFigure:
        return "Runs have no figure " + part + " to filter by; they have " + problem.known + ".";
    case Kind::NoNumber:
        return problem.part.empty() ? "In " + term + " a number is missing." : "In " + term + ", " + part + " is no number.";
    case Kind::NoUnit:
        return term + " needs a unit: " + problem.known + ".";
    case Kind::UnknownUnit:
        return "In " + term + ", " + part + " is none of the units that there are" +
               (problem.known.empty() ? "." : ": " + problem.known + ".");
    }
    return {};
}

ParsedFilter parseRunFilter(std::string_view text, std::span<const FigureName> names) {
    ParsedFilter parsed;
    TermReader reader(names);
    const std::vector<std::string> parts = partsOf(text);
    for (std::size_t at = 0; at < parts.size(); ++at) {
        const std::string& part = parts[at];
        if (isTag(part)) {
            if (part.size() > 4) parsed.filter.tags.push_back(part.substr(4));
            continue;
        }
        if (part.find_first_of("<>") == std::string::npos) {
            parsed.filter.words.push_back(part);
            continue;
        }
        RunTerm term;
        const auto problem = reader.read(part, at + 1 < parts.size() ? &parts[at + 1] : nullptr, term);
        if (!problem)
            parsed.filter.terms.push_back(term);
        else if (!parsed.problem)
            parsed.problem = problem;
        if (reader.isNextTaken) ++at;
    }
    return parsed;
}

bool fits(const RunTerm& term, const RunRow& run, const Standing* standing) {
    const std::optional<double> value = reliableValue(*term.figure, run, standing);
    if (!value) return false;
    switch (term.relation) {
    case RunTerm::Relation::Less:
        return *value < term.value;
    case RunTerm::Relation::AtMost:
        return *value <= term.value;
    case RunTerm::Relation::Greater:
        return *value > term.value;
    case RunTerm::Relation::AtLeast:
        return *value >= term.value;
    }
    return false;
}

bool hasTag(const RunRow& run, std::string_view beginning) {
    const std::string wanted = lower(beginning);
    return std::any_of(run.tags.begin(), run.tags.end(), [&](const std::string& tag) { return lower(tag).starts_with(wanted); });
}

} // namespace lathe::history

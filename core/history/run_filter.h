#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <core/history/figures.h>
#include <core/history/history.h>
#include <core/history/standing.h>

namespace lathe::history {

/// What a filter calls a figure beside its name in the table of figures: "p50" for "latency_p50".
struct FigureName {
    std::string name;
    const Figure* figure;
};

/// The number that filters and tables go by: valueOf() in figures.h, the speed-up as the run stands among those that it is compared with.
/// Nothing where the run has no such figure or it is not reliable. `standing` null: the run is compared with none.
[[nodiscard]] std::optional<double> reliableValue(const Figure& figure, const RunRow& run, const Standing* standing);

/// "accuracy>91" of a filter.
struct RunTerm {
    enum class Relation { Less, AtMost, Greater, AtLeast };
    const Figure* figure = nullptr;
    Relation relation = Relation::Greater;
    double value = 0; ///< as the figure is stored
    bool operator==(const RunTerm&) const = default;
};

/// What runs must have to be shown: all of it.
struct RunFilter {
    std::vector<std::string> words; ///< somewhere in what is written about the run
    std::vector<std::string> tags;  ///< a tag that begins with it
    std::vector<RunTerm> terms;
};

/// Why a term cannot be used.
struct FilterProblem {
    enum class Kind {
        UnknownFigure, ///< `part` is the name
        NoNumber,      ///< `part` stands where a number is expected; empty: nothing does
        NoUnit,        ///< a time or a size without
        UnknownUnit    ///< `part` is none of the figure's units
    };
    Kind kind = Kind::UnknownFigure;
    std::string term, part;
    std::string known; ///< the names or units that there are, with commas between
    bool operator==(const FilterProblem&) const = default;
};
/// One sentence.
[[nodiscard]] std::string text(const FilterProblem& problem);

struct ParsedFilter {
    RunFilter filter;                     ///< without the terms that cannot be used
    std::optional<FilterProblem> problem; ///< the first of them
};

/// Reads "int8 tag:paper accuracy>91 p50<=1.5ms": words, "tag:x", and figures by their name or a short one (p50, size, sqnr, …) with <, <=,
/// > or >= (also ≤, ≥ and the wide forms of Chinese keyboards) and a number: per cent for fractions, dB, with a unit for times (us, ms, s)
/// and sizes (B, kB, MB, GB; 1 kB is 1000 B). Upper and lower case are alike, blanks around the sign do not matter. `names`: names of
/// figures beside the English ones.
[[nodiscard]] ParsedFilter parseRunFilter(std::string_view text, std::span<const FigureName> names = {});

[[nodiscard]] bool fits(const RunTerm& term, const RunRow& run, const Standing* standing);
/// Has the run a tag that begins with it, upper and lower case alike (ASCII)?
[[nodiscard]] bool hasTag(const RunRow& run, std::string_view beginning);

} // namespace lathe::history

#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <core/history/history.h>
#include <core/measure/result.h>

namespace lathe::history {

// The figures of a run: the one list from which JSON, CSV, HTML report, database, table of runs, comparison, charts and filters take
// theirs. A new figure is a member in core/measure/result.h (filled in where it is measured) and a row in figures.cpp.

/// Quality: of outputs and predictions. Speed: what Measure Again replaces. Size: what the model takes of disk, memory and arithmetic.
/// Comparison: with the original, of optimized runs only.
enum class FigureGroup { Quality, Speed, Size, Comparison };

enum class Better { Higher, Lower, Neither };

/// How people read it: core/report/figure_text.h, views/models/figure_words.h.
enum class FigureFormat {
    Fraction,     ///< 0.9032: "90.32 %"
    Points,       ///< a difference of fractions, 0.0031: "0.31" points
    Number,       ///< "0.0412"
    Similarity,   ///< −1..1, six decimals: what matters is how far it is from 1
    Decibels,     ///< infinite: "identical"
    Milliseconds, ///< documents: in ms; the window: in what suits
    Microseconds, ///< everywhere in what suits
    Rate,         ///< whole number of its unit
    Bytes,
    Count,
    Macs, ///< "416 kMAC"
    Ratio ///< "2.26×", with the interval of its parts where it has two
};

/// Which sentence says that the figure cannot be trusted.
enum class FigureDoubt { None, Latency, Throughput, Speedup };

/// A member of Owner as a number. `read`: nothing where it was not measured.
template<class Owner>
struct FigureMember {
    std::optional<double> (*read)(const Owner& owner) = nullptr;
    void (*write)(Owner& owner, double value) = nullptr;
    double largestCount = 0; ///< of a whole number the largest that fits; 0: not a whole number
    bool isOptional = false; ///< JSON may have null
};

/// What charts show it in, where that is not its unit: the value times `factor`.
struct ChartUnit {
    double factor = 1;
    const char* words = "";  ///< "µs"
    const char* column = ""; ///< at the end of its column in a chart's CSV: "us"
};

struct Figure {
    std::string_view name; ///< "latency_p50": in table `metric`, in filters, in charts
    std::string_view json; ///< its place within the object of its owner: "p50", "speedup.ratio"
    std::string_view csv;  ///< "p50_ms"
    FigureGroup group = FigureGroup::Quality;
    const char* words = ""; ///< "Median latency": English, in other languages by the context "Figure"
    const char* unit = "";  ///< "ms"
    Better better = Better::Neither;
    FigureFormat format = FigureFormat::Number;
    std::variant<FigureMember<measure::Quality>, FigureMember<measure::Latency>, FigureMember<measure::ModelResult>,
                 FigureMember<measure::Comparison>, FigureMember<measure::LayerFigures>>
        in;
    const char* explanation = ""; ///< one sentence, in other languages by the context "Figure"

    bool isMain = false;          ///< also where there is little room: command line, charts, runs side by side
    bool isAlwaysInJson = false;  ///< false: documents of older versions do not have it
    bool isZeroUnknown = false;   ///< 0 says that it was not measured
    bool isColumn = false;        ///< kept in a column of its name of table `comparison`, which others cannot; others: a row of `metric`.
                                  ///< Of layers: in a column of `layer_metric`; others: in its column `figures`
    std::string_view partOf = ""; ///< told by that figure's text, not beside it
    FigureDoubt doubt = FigureDoubt::None;
    double least = std::numeric_limits<double>::lowest(), most = std::numeric_limits<double>::max(); ///< in JSON from outside
    ChartUnit chart = {};
    bool isOfRun = false;                                             ///< of layers: measured in a run, others are known before
    bool isOfWeights = false;                                         ///< of layers: operators without weights have none
    bool (*isInfinite)(const measure::ModelResult& result) = nullptr; ///< better than any number, though no number is stored
    bool (*isPart)(const measure::ModelResult& result) = nullptr;     ///< a lower bound, which is compared with nothing
};

/// All, in the order of the columns in CSV: new ones stand at the end.
[[nodiscard]] std::span<const Figure> figures();
/// Those of each layer and operator, in the order in which they are shown. `isMain`: where there is little room too.
[[nodiscard]] std::span<const Figure> layerFigures();
[[nodiscard]] const Figure* layerFigureNamed(std::string_view name);
/// The parts that ½‖θ−θ̂‖² is made of (measure::LossParts).
[[nodiscard]] std::span<const Figure> lossPartFigures();
/// The number of a layer; nothing where it was not measured or is not known.
[[nodiscard]] std::optional<double> valueOf(const Figure& layerFigure, const measure::LayerFigures& layer);
/// Puts it in its place. False: it is no number of the member's kind.
[[nodiscard]] bool setValue(const Figure& layerFigure, double value, measure::LayerFigures& layer);
/// The main ones as people see them: quality, then speed, then size.
[[nodiscard]] const std::vector<const Figure*>& mainFigures();
/// Null: there is none of that name.
[[nodiscard]] const Figure* figureNamed(std::string_view name);

/// The number as it is stored; nothing where it was not measured. Also of runs that are not complete.
[[nodiscard]] std::optional<double> storedValue(const Figure& figure, const measure::ModelResult& result,
                                                const std::optional<measure::Comparison>& comparison);
/// The number by which runs are compared, sorted and drawn: infinite for identical outputs; nothing for a run without result, for what was
/// not measured, and for a part of a sum.
[[nodiscard]] std::optional<double> valueOf(const Figure& figure, const RunRow& run);
/// Why the figure cannot be trusted, one sentence; "" when it can.
[[nodiscard]] std::string doubtOf(const Figure& figure, const RunRow& run);

/// Puts a stored number in its place; a figure of Comparison only when there is one. False: it is no number of the member's kind.
[[nodiscard]] bool setValue(const Figure& figure, double value, measure::ModelResult& result,
                            std::optional<measure::Comparison>& comparison);
/// Is it measured in the comparison with the original, and not of a model alone?
[[nodiscard]] inline bool isOfComparison(const Figure& figure) {
    return std::holds_alternative<FigureMember<measure::Comparison>>(figure.in);
}

} // namespace lathe::history

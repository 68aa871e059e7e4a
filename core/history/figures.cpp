#include <core/history/figures.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace lathe::history {

namespace {

using measure::Comparison;
using measure::Latency;
using measure::LayerFigures;
using measure::ModelResult;
using measure::Quality;

/// Of the two that a figure can be of, what `member` is a member of; null: there is no comparison.
template<class Owner, class Result, class OptionalComparison>
auto* ownerOf(const FigureMember<Owner>&, Result& result, OptionalComparison& comparison) {
    if constexpr (std::is_same_v<Owner, Quality>)
        return &result.quality;
    else if constexpr (std::is_same_v<Owner, Latency>)
        return &result.latency;
    else if constexpr (std::is_same_v<Owner, ModelResult>)
        return &result;
    else if constexpr (std::is_same_v<Owner, LayerFigures>)
        return static_cast<std::conditional_t<std::is_const_v<Result>, const Owner, Owner>*>(nullptr);
    else
        return comparison ? &*comparison : nullptr;
}

} // namespace

const std::vector<const Figure*>& mainFigures() {
    static const std::vector<const Figure*> ordered = [] {
        std::vector<const Figure*> main;
        for (const Figure& figure : figures())
            if (figure.isMain) main.push_back(&figure);
        std::ranges::stable_sort(main, {}, &Figure::group);
        return main;
    }();
    return ordered;
}

namespace {

const Figure* named(std::span<const Figure> all, std::string_view name) {
    const auto found = std::ranges::find(all, name, &Figure::name);
    return found == all.end() ? nullptr : &*found;
}

} // namespace

const Figure* figureNamed(std::string_view name) { return named(figures(), name); }

const Figure* layerFigureNamed(std::string_view name) { return named(layerFigures(), name); }

std::optional<double> valueOf(const Figure& layerFigure, const LayerFigures& layer) {
    return std::get<FigureMember<LayerFigures>>(layerFigure.in).read(layer);
}

std::optional<double> storedValue(const Figure& figure, const ModelResult& result, const std::optional<Comparison>& comparison) {
    return std::visit(
        [&](const auto& in) -> std::optional<double> {
            const auto* owner = ownerOf(in, result, comparison);
            return owner == nullptr ? std::nullopt : in.read(*owner);
        },
        figure.in);
}

std::optional<double> valueOf(const Figure& figure, const RunRow& run) {
    if (run.state != RunState::Complete) return std::nullopt;
    if (figure.isInfinite != nullptr && figure.isInfinite(run.result)) return std::numeric_limits<double>::infinity();
    if (figure.isPart != nullptr && figure.isPart(run.result)) return std::nullopt;
    const std::optional<double> value = storedValue(figure, run.result, run.comparison);
    return value && *value == 0 && figure.isZeroUnknown ? std::nullopt : value;
}

std::string doubtOf(const Figure& figure, const RunRow& run) {
    switch (figure.doubt) {
    case FigureDoubt::None:
        break;
    case FigureDoubt::Latency:
        return run.result.latency.whyNotReliable;
    case FigureDoubt::Throughput:
        return run.result.whyThroughputNotReliable;
    case FigureDoubt::Speedup:
        if (run.comparison && run.comparison->speedup.verdict == measure::Verdict::NotReliable) return run.comparison->speedup.reason;
        break;
    }
    return {};
}

namespace {

template<class Owner>
bool write(const FigureMember<Owner>& member, double value, Owner* owner) {
    // Written so that NaN fails it too: converting such a number would be undefined.
    if (member.largestCount > 0 && !(std::abs(value) < member.largestCount)) return false;
    if (owner != nullptr) member.write(*owner, value);
    return true;
}

} // namespace

bool setValue(const Figure& figure, double value, ModelResult& result, std::optional<Comparison>& comparison) {
    return std::visit([&](const auto& in) { return write(in, value, ownerOf(in, result, comparison)); }, figure.in);
}

bool setValue(const Figure& layerFigure, double value, LayerFigures& layer) {
    return write(std::get<FigureMember<LayerFigures>>(layerFigure.in), value, &layer);
}

} // namespace lathe::history

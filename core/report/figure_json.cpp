#include <core/report/figure_json.h>

#include <algorithm>
#include <span>
#include <type_traits>
#include <variant>

namespace lathe::report {

using base::Json;
using base::JsonReader;

namespace {

Json numberOrNull(const std::optional<double>& value) { return value ? base::finiteOrNull(*value) : Json(nullptr); }

/// "speedup.ratio": the member "ratio" of the object "speedup".
template<class Do>
void inObjectOf(std::string_view place, Do&& act) {
    const std::size_t dot = place.find('.');
    if (dot == std::string_view::npos) return act(std::string_view(), place);
    act(place.substr(0, dot), place.substr(dot + 1));
}

/// The table that the figures of Owner stand in.
template<class Owner>
std::span<const history::Figure> tableOf() {
    return std::is_same_v<Owner, measure::LayerFigures> ? history::layerFigures() : history::figures();
}

template<class Owner>
Json figureJson(const history::FigureMember<Owner>& member, const Owner& owner) {
    const std::optional<double> value = member.read(owner);
    if (value && member.largestCount > 0) return static_cast<std::int64_t>(*value);
    return numberOrNull(value);
}

template<class Owner>
void readFigure(const JsonReader& in, const history::Figure& figure, const history::FigureMember<Owner>& member, Owner& owner) {
    if (member.isOptional && in.isNull()) return;
    if (member.largestCount > 0) {
        constexpr double exact = 9e15; // from about here on, doubles leave whole numbers out
        const double most = std::min({figure.most, member.largestCount, exact});
        member.write(owner, static_cast<double>(
                                in.integer(static_cast<std::int64_t>(std::max(figure.least, -exact)), static_cast<std::int64_t>(most))));
    } else {
        member.write(owner, in.number(figure.least, figure.most));
    }
}

} // namespace

template<class Owner>
void writeFigures(Json& json, const Owner& owner) {
    for (const history::Figure& figure : tableOf<Owner>()) {
        const auto* member = std::get_if<history::FigureMember<Owner>>(&figure.in);
        if (member == nullptr) continue;
        inObjectOf(figure.json, [&](std::string_view object, std::string_view key) {
            Json& place = object.empty() ? json : json[std::string(object)];
            place[std::string(key)] = figureJson(*member, owner);
        });
    }
}

template<class Owner>
void readFigures(const JsonReader& in, Owner& owner) {
    for (const history::Figure& figure : tableOf<Owner>()) {
        const auto* member = std::get_if<history::FigureMember<Owner>>(&figure.in);
        if (member == nullptr) continue;
        inObjectOf(figure.json, [&](std::string_view object, std::string_view key) {
            if (!figure.isAlwaysInJson && !object.empty() && !in.has(object)) return;
            const JsonReader place = object.empty() ? in : in[object];
            if (figure.isAlwaysInJson || place.has(key)) readFigure(place[key], figure, *member, owner);
        });
    }
}

template void writeFigures(Json&, const measure::Quality&);
template void writeFigures(Json&, const measure::Latency&);
template void writeFigures(Json&, const measure::ModelResult&);
template void writeFigures(Json&, const measure::Comparison&);
template void writeFigures(Json&, const measure::LayerFigures&);
template void readFigures(const JsonReader&, measure::Quality&);
template void readFigures(const JsonReader&, measure::Latency&);
template void readFigures(const JsonReader&, measure::ModelResult&);
template void readFigures(const JsonReader&, measure::Comparison&);
template void readFigures(const JsonReader&, measure::LayerFigures&);

void writeMacs(Json& json, std::int64_t macs, std::int64_t unknownLayers) {
    json["macs"] = unknownLayers > 0 ? Json(nullptr) : Json(macs);
    json["macs_at_least"] = macs;
    json["macs_unknown_layers"] = unknownLayers;
}

void readMacs(const JsonReader& in, std::int64_t& macs, std::int64_t& unknownLayers) {
    macs = readCountOrNull(in["macs"]).value_or(0);
    if (in.has("macs_at_least")) macs = in["macs_at_least"].integer(0);
    unknownLayers = in.has("macs_unknown_layers") ? in["macs_unknown_layers"].integer(0) : 0;
}

Json toJson(const measure::LossParts& parts) {
    measure::LayerFigures layer;
    layer.lossParts = parts;
    Json json = Json::object();
    for (const history::Figure& figure : history::lossPartFigures())
        json[std::string(figure.json.substr(figure.json.find('.') + 1))] = numberOrNull(history::valueOf(figure, layer));
    return json;
}

measure::LossParts readLossParts(const JsonReader& in) {
    measure::LayerFigures layer;
    for (const history::Figure& figure : history::lossPartFigures()) {
        const std::string key(figure.json.substr(figure.json.find('.') + 1));
        if (!in.has(key.c_str())) continue;
        if (const auto value = in[key].numberOrNull()) (void)history::setValue(figure, *value, layer);
    }
    return layer.lossParts;
}

Json countOrNull(const std::optional<std::int64_t>& value) { return value ? Json(*value) : Json(nullptr); }

std::optional<std::int64_t> readCountOrNull(const JsonReader& in) { return in.isNull() ? std::nullopt : std::optional(in.integer(0)); }

} // namespace lathe::report

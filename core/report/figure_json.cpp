#include <core/report/figure_json.h>

namespace lathe::report {

using base::Json;
using base::JsonReader;

namespace {

Json numberOrNull(const std::optional<double>& value) { return value ? base::finiteOrNull(*value) : Json(nullptr); }

} // namespace

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

Json toJson(const measure::LossParts& parts) { return {{"pruned", numberOrNull(parts.pruned)}, {"weights", numberOrNull(parts.weights)}}; }

measure::LossParts readLossParts(const JsonReader& in) { return {in["pruned"].numberOrNull(), in["weights"].numberOrNull()}; }

Json countOrNull(const std::optional<std::int64_t>& value) { return value ? Json(*value) : Json(nullptr); }

std::optional<std::int64_t> readCountOrNull(const JsonReader& in) { return in.isNull() ? std::nullopt : std::optional(in.integer(0)); }

} // namespace lathe::report

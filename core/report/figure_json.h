#pragma once

#include <cstdint>

#include <core/base/json.h>
#include <core/base/json_reader.h>
#include <core/history/figures.h>
#include <core/measure/result.h>

namespace lathe::report {

// Figures that several documents hold, written and read in one way.

/// The figures of `owner` in core/history/figures.h, each in its place; null where it was not measured. Owner: Quality, Latency,
/// ModelResult, Comparison or LayerFigures.
template<class Owner>
void writeFigures(base::Json& json, const Owner& owner);
/// Reads them. Those that older documents do not have stay as they are.
template<class Owner>
void readFigures(const base::JsonReader& in, Owner& owner);

/// "macs": the whole, or null when some layers are unknown, so that nobody takes a part of the sum for the whole; "macs_at_least": what is
/// known; "macs_unknown_layers".
void writeMacs(base::Json& json, std::int64_t macs, std::int64_t unknownLayers);
/// Reads them; in documents of earlier versions "macs" stands alone.
void readMacs(const base::JsonReader& in, std::int64_t& macs, std::int64_t& unknownLayers);

/// {"pruned", "weights", …}: numbers or null, by the table of layers' figures.
[[nodiscard]] base::Json toJson(const measure::LossParts& parts);
[[nodiscard]] measure::LossParts readLossParts(const base::JsonReader& in);

[[nodiscard]] base::Json countOrNull(const std::optional<std::int64_t>& value);
[[nodiscard]] std::optional<std::int64_t> readCountOrNull(const base::JsonReader& in);

} // namespace lathe::report

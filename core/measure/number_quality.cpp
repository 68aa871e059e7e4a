#include <core/measure/number_quality.h>

#include <algorithm>
#include <cassert>
#include <cmath>

namespace lathe::measure {

NumberMeter::NumberMeter(std::int64_t columns) : m_columns(static_cast<std::size_t>(columns)) { assert(columns > 0); }

void NumberMeter::add(std::span<const float> outputs, std::span<const float> labels) {
    const std::size_t columns = m_columns.size();
    assert(outputs.size() == labels.size() && outputs.size() % columns == 0);
    for (std::size_t begin = 0; begin < outputs.size(); begin += columns) {
        ++m_rows;
        const auto row = outputs.subspan(begin, columns);
        if (!std::ranges::all_of(row, [](float value) { return std::isfinite(value); })) ++m_nonFinite;
        for (std::size_t at = 0; at < columns; ++at) {
            Column& column = m_columns[at];
            const double label = static_cast<double>(labels[begin + at]), error = label - static_cast<double>(row[at]);
            column.squaredError += error * error;
            m_absoluteError += std::abs(error);
            const double deviation = label - column.mean;
            column.mean += deviation / static_cast<double>(m_rows);
            column.squaredDeviation += deviation * (label - column.mean);
        }
    }
}

Quality NumberMeter::result() const {
    Quality quality;
    quality.samples = m_rows;
    quality.nonFinite = m_nonFinite;
    if (m_rows == 0) return quality;
    double squares = 0, explained = 0, varying = 0;
    for (const Column& column : m_columns) {
        squares += column.squaredError;
        if (column.squaredDeviation <= 0) continue;
        ++varying;
        explained += 1 - column.squaredError / column.squaredDeviation;
    }
    const double numbers = static_cast<double>(m_rows) * static_cast<double>(m_columns.size());
    quality.mse = squares / numbers;
    quality.mae = m_absoluteError / numbers;
    if (varying > 0) quality.r2 = explained / varying;
    return quality;
}

} // namespace lathe::measure

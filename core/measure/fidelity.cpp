#include <core/measure/fidelity.h>

#include <algorithm>
#include <cassert>
#include <cmath>

namespace lathe::measure {

void FidelityMeter::begin(std::int64_t samples) {
    m_batch.assign(static_cast<std::size_t>(samples), {});
    m_hasPerSample = false;
}

template<class T>
void FidelityMeter::addValues(std::span<const T> original, std::span<const T> values, bool isPerSample) {
    assert(original.size() == values.size());
    assert(!isPerSample || (!m_batch.empty() && original.size() % m_batch.size() == 0));
    const std::size_t rows = isPerSample ? m_batch.size() : 1;
    const std::size_t rowSize = original.size() / rows;
    m_hasValues = m_hasValues || !original.empty();
    m_hasPerSample = m_hasPerSample || (isPerSample && rowSize > 0);
    for (std::size_t row = 0; row < rows; ++row) {
        Sums sums;
        double noise = 0;
        for (std::size_t at = row * rowSize; at < (row + 1) * rowSize; ++at) {
            const auto before = static_cast<double>(original[at]), after = static_cast<double>(values[at]);
            if (!std::isfinite(before) || !std::isfinite(after)) {
                m_isBroken = m_isBroken || before != after; // NaN equals nothing
                continue;
            }
            const double difference = before - after;
            sums.original += before * before;
            sums.values += after * after;
            sums.product += before * after;
            noise += difference * difference;
            m_largest = std::max(m_largest, std::abs(difference));
        }
        m_signal += sums.original;
        m_noise += noise;
        if (!isPerSample) continue;
        m_batch[row].original += sums.original;
        m_batch[row].values += sums.values;
        m_batch[row].product += sums.product;
    }
}

void FidelityMeter::add(std::span<const float> original, std::span<const float> values, bool isPerSample) {
    addValues(original, values, isPerSample);
}
void FidelityMeter::add(std::span<const double> original, std::span<const double> values, bool isPerSample) {
    addValues(original, values, isPerSample);
}

void FidelityMeter::end() {
    if (!m_hasPerSample) return;
    for (const Sums& sums : m_batch) {
        ++m_samples;
        if (sums.product == sums.original && sums.product == sums.values) {
            m_cosineSum += 1;                              // the same, without the roots' rounding; two without any length as well
        } else if (sums.original > 0 && sums.values > 0) { // nothing beside something: 0
            m_cosineSum += std::clamp(sums.product / (std::sqrt(sums.original) * std::sqrt(sums.values)), -1.0, 1.0);
        }
    }
}

void FidelityMeter::storeInto(Quality& quality) const {
    quality.sqnrDb.reset();
    quality.cosine.reset();
    quality.maxAbsError.reset();
    if (m_isBroken || !m_hasValues) return;
    quality.maxAbsError = m_largest;
    if (m_samples > 0) quality.cosine = m_cosineSum / static_cast<double>(m_samples);
    if (m_signal > 0 && m_noise > 0) quality.sqnrDb = 10 * std::log10(m_signal / m_noise);
}

} // namespace lathe::measure

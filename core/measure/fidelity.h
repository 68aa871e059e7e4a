#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <core/measure/result.h>

namespace lathe::measure {

/// How far the outputs of a model are from those of its original on the same samples, collected batch by batch: signal to quantization
/// noise ratio, cosine similarity and largest difference. Free of torch; nothing of a batch is kept.
class FidelityMeter {
public:
    /// A batch of so many samples begins; add() its outputs, one call for each output of the model.
    void begin(std::int64_t samples);
    /// One output: the original's values and the model's, equally many (asserted), in the same order. `isPerSample`: the first dimension is
    /// that of the samples, so each sample has its share of the values. Others (a state, a mean) count in everything but the cosine.
    /// Integers come as double, which holds those up to 2^53 exactly.
    void add(std::span<const float> original, std::span<const float> values, bool isPerSample);
    void add(std::span<const double> original, std::span<const double> values, bool isPerSample);
    void end();

    /// Writes sqnrDb, cosine and maxAbsError (see result.h). A value that is not finite on one side and not the same on the other is no
    /// difference that a number could tell: then all three stay unset. Where both have the same infinity there is no difference.
    void storeInto(Quality& quality) const;

private:
    template<class T>
    void addValues(std::span<const T> original, std::span<const T> values, bool isPerSample);
    struct Sums {
        double original = 0, values = 0, product = 0;
    };

    std::vector<Sums> m_batch; ///< of each sample of the batch, over its outputs
    bool m_hasPerSample = false;
    double m_signal = 0, m_noise = 0, m_largest = 0, m_cosineSum = 0;
    std::int64_t m_samples = 0;
    bool m_hasValues = false, m_isBroken = false;
};

} // namespace lathe::measure

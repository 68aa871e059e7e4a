// The loops of the direct convolution, for the instruction set that float_vectors.h is told.
#pragma once

#include <algorithm>

#include <core/runtime/kernels/direct/direct_job.h>
#include <core/runtime/kernels/float_functions.h>

namespace lathe::runtime {

namespace {

/// Goes through the pixels of all rows in their order.
class PixelCursor {
public:
    explicit PixelCursor(const DirectJob& job) : m_job(job), m_left(job.pixels), m_input(job.rows[0]) {}

    /// The first inputs of the next `count` pixels.
    void take(std::int64_t count, const float** inputs) {
        for (std::int64_t pixel = 0; pixel < count; ++pixel) {
            if (m_left == 0) {
                m_input = m_job.rows[++m_row];
                m_left = m_job.pixels;
            }
            inputs[pixel] = m_input;
            m_input += m_job.pixelStride;
            --m_left;
        }
    }

private:
    const DirectJob& m_job;
    std::size_t m_row = 0;
    std::int64_t m_left;
    const float* m_input;
};

/// So many pixels times so many vectors of channels.
template<int Pixels, int Vectors>
LATHE_VECTOR_TARGET void convolveTile(const DirectJob& job, const float* const* inputs, const float* weights, std::int64_t channel,
                                      float* result) {
    Vector sums[Pixels][Vectors];
    for (int pixel = 0; pixel < Pixels; ++pixel) {
        for (int vector = 0; vector < Vectors; ++vector)
            sums[pixel][vector] = load(job.bias + channel + vector * lanes);
    }
    for (const std::int64_t offset : job.offsets) {
        const float* from[Pixels];
        for (int pixel = 0; pixel < Pixels; ++pixel)
            from[pixel] = inputs[pixel] + offset;
        for (std::int64_t at = 0; at < job.depth; ++at, weights += Vectors * lanes) {
            Vector weight[Vectors];
            for (int vector = 0; vector < Vectors; ++vector)
                weight[vector] = load(weights + vector * lanes);
            for (int pixel = 0; pixel < Pixels; ++pixel) {
                const float number = from[pixel][at];
                for (int vector = 0; vector < Vectors; ++vector)
                    sums[pixel][vector] += number * weight[vector];
            }
        }
    }
    const std::int64_t count = job.channels - channel;
    float* const to = result + channel;
    if (job.addsResult) {
        for (int pixel = 0; pixel < Pixels; ++pixel) {
            for (int vector = 0; vector < Vectors; ++vector)
                sums[pixel][vector] += loadPart(to + pixel * job.channels + vector * lanes, count - vector * lanes);
        }
    }
    apply<Pixels * Vectors>(job.function, &sums[0][0]);
    // Where a pixel has no more channels than these, what stands out of it is overwritten by the next pixels of the tile.
    const bool mayStandOut = Vectors == 1 && channel == 0 && !job.addsResult;
    for (int pixel = 0; pixel < Pixels; ++pixel) {
        const std::int64_t stored = mayStandOut && (Pixels - pixel) * job.channels >= lanes ? lanes : count;
        for (int vector = 0; vector < Vectors; ++vector)
            storePart(to + pixel * job.channels + vector * lanes, sums[pixel][vector], stored - vector * lanes);
    }
}

template<int Pixels, int Vectors>
void convolveTiles(std::int64_t count, const DirectJob& job, const float* const* inputs, const float* weights, std::int64_t channel,
                   float* result) {
    if constexpr (Pixels > 1) {
        if (count < Pixels) return convolveTiles<Pixels - 1, Vectors>(count, job, inputs, weights, channel, result);
    }
    convolveTile<Pixels, Vectors>(job, inputs, weights, channel, result);
}

template<int Pixels, int Vectors>
void convolveBlock(const DirectJob& job, const float* weights, std::int64_t channel) {
    PixelCursor cursor(job);
    float* result = job.result;
    for (std::int64_t left = std::ssize(job.rows) * job.pixels; left > 0; left -= Pixels, result += Pixels * job.channels) {
        const float* inputs[Pixels];
        const std::int64_t count = std::min<std::int64_t>(left, Pixels);
        cursor.take(count, inputs);
        convolveTiles<Pixels, Vectors>(count, job, inputs, weights, channel, result);
    }
}

void convolve(const DirectJob& job, ItemRange blocks) {
    const std::int64_t size = std::ssize(job.offsets) * job.depth * blockColumns;
    for (std::int64_t block = blocks.begin; block < blocks.end; ++block) {
        const std::int64_t channel = block * blockColumns;
        // Two chains of additions for each of 4 cycles, in registers.
        if (job.channels - channel > lanes)
            convolveBlock<6, 2>(job, job.weights + block * size, channel);
        else
            convolveBlock<8, 1>(job, job.weights + block * size, channel);
    }
}

constexpr DirectLoops loops{lanes, blockColumns, convolve};

} // namespace

} // namespace lathe::runtime

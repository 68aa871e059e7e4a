// The loops of Winograd's convolution, for the instruction set that float_vectors.h is told.
#pragma once

#include <algorithm>

#include <core/runtime/kernels/float_functions.h>
#include <core/runtime/kernels/winograd/winograd_job.h>

namespace lathe::runtime {

namespace {

static_assert(winogradGroupChannels % blockColumns == 0);

/// The transforms of one row or column, with the numbers of winograd_convolution.cpp multiplied out.
template<int TileSize>
struct Transform;

template<>
struct Transform<2> {
    static LATHE_VECTOR_INLINE void input(const Vector* x, Vector* y, int stride) {
        y[0 * stride] = x[0] - x[2];
        y[1 * stride] = x[1] + x[2];
        y[2 * stride] = x[2] - x[1];
        y[3 * stride] = x[1] - x[3];
    }
    static LATHE_VECTOR_INLINE void result(const Vector* x, Vector* y, int stride) {
        y[0 * stride] = x[0] + x[1] + x[2];
        y[1 * stride] = x[1] - x[2] - x[3];
    }
};

template<>
struct Transform<4> {
    static constexpr float a = static_cast<float>(winogradPoints[0]), b = static_cast<float>(winogradPoints[1]);
    static LATHE_VECTOR_INLINE void input(const Vector* x, Vector* y, int stride) {
        constexpr float sum = a * a + b * b, product = a * a * b * b;
        const Vector evenA = x[4] - b * b * x[2], oddA = a * (x[3] - b * b * x[1]);
        const Vector evenB = x[4] - a * a * x[2], oddB = b * (x[3] - a * a * x[1]);
        y[0 * stride] = product * x[0] - sum * x[2] + x[4];
        y[1 * stride] = evenA + oddA;
        y[2 * stride] = evenA - oddA;
        y[3 * stride] = evenB + oddB;
        y[4 * stride] = evenB - oddB;
        y[5 * stride] = product * x[1] - sum * x[3] + x[5];
    }
    static LATHE_VECTOR_INLINE void result(const Vector* x, Vector* y, int stride) {
        const Vector sumA = x[1] + x[2], differenceA = x[1] - x[2], sumB = x[3] + x[4], differenceB = x[3] - x[4];
        y[0 * stride] = x[0] + sumA + sumB;
        y[1 * stride] = a * differenceA + b * differenceB;
        y[2 * stride] = a * a * sumA + b * b * sumB;
        y[3 * stride] = a * a * a * differenceA + b * b * b * differenceB + x[5];
    }
};

template<int TileSize>
LATHE_VECTOR_TARGET void transformInputsOf(const WinogradJob& job, ItemRange part) {
    constexpr int side = TileSize + 2, positions = side * side;
    const WinogradImages& images = job.images;
    const std::int64_t positionStride = (job.chunk.end - job.chunk.begin) * job.inputStride;
    for (std::int64_t tile = part.begin; tile < part.end; ++tile) {
        const WinogradImages::Corner corner = images.corner(job.chunk.begin + tile);
        const float* pixels[positions];
        for (int position = 0; position < positions; ++position) {
            const std::int64_t pixel = images.pixel(corner, position);
            pixels[position] = pixel < 0 ? job.nothing : job.input + pixel * job.inChannels;
        }
        float* const to = job.inputs + tile * job.inputStride;
        for (std::int64_t channel = 0; channel < job.inChannels; channel += lanes) {
            const std::int64_t count = job.inChannels - channel;
            Vector columns[positions];
            for (int column = 0; column < side; ++column) {
                Vector given[side];
                for (int row = 0; row < side; ++row)
                    given[row] = loadPart(pixels[row * side + column] + channel, count);
                Transform<TileSize>::input(given, columns + column, side);
            }
            for (int row = 0; row < side; ++row) {
                Vector transformed[side];
                Transform<TileSize>::input(columns + row * side, transformed, 1);
                for (int column = 0; column < side; ++column)
                    store(to + (row * side + column) * positionStride + channel, transformed[column]);
            }
        }
    }
}

template<int TileSize>
LATHE_VECTOR_TARGET void transformResults(const WinogradJob& job, std::int64_t group, const float* products) {
    constexpr int side = TileSize + 2;
    const WinogradImages& images = job.images;
    const std::int64_t tiles = job.chunk.end - job.chunk.begin, firstChannel = group * winogradGroupChannels;
    const std::int64_t channels = std::min(winogradGroupChannels, job.outChannels - firstChannel);
    for (std::int64_t tile = 0; tile < tiles; ++tile) {
        const WinogradImages::Corner corner = images.corner(job.chunk.begin + tile);
        const std::int64_t rows = std::min<std::int64_t>(TileSize, images.outHeight - corner.row);
        const std::int64_t columns = std::min<std::int64_t>(TileSize, images.outWidth - corner.column);
        float* const first = job.result +
                             ((corner.image * images.outHeight + corner.row) * images.outWidth + corner.column) * job.outChannels +
                             firstChannel;
        for (std::int64_t channel = 0; channel < channels; channel += lanes) {
            const Vector bias = load(job.bias + firstChannel + channel);
            Vector down[TileSize * side];
            for (int column = 0; column < side; ++column) {
                Vector given[side];
                for (int row = 0; row < side; ++row)
                    given[row] = load(products + ((row * side + column) * tiles + tile) * winogradGroupChannels + channel);
                Transform<TileSize>::result(given, down + column, side);
            }
            for (std::int64_t row = 0; row < rows; ++row) {
                Vector results[TileSize];
                Transform<TileSize>::result(down + row * side, results, 1);
                float* const to = first + row * images.outWidth * job.outChannels + channel;
                for (std::int64_t column = 0; column < columns; ++column) {
                    results[column] += bias;
                    if (job.addsResult) results[column] += loadPart(to + column * job.outChannels, channels - channel);
                }
                apply<TileSize>(job.function, results);
                for (std::int64_t column = 0; column < columns; ++column)
                    storePart(to + column * job.outChannels, results[column], channels - channel);
            }
        }
    }
}

template<int TileSize>
void computeGroupsOf(const WinogradJob& job, ItemRange groups, float* products) {
    constexpr int positions = (TileSize + 2) * (TileSize + 2);
    constexpr std::int64_t groupBlocks = winogradGroupChannels / blockColumns;
    const std::int64_t tiles = job.chunk.end - job.chunk.begin, blockSize = job.inChannels * blockColumns;
    for (std::int64_t group = groups.begin; group < groups.end; ++group) {
        for (int position = 0; position < positions; ++position) {
            for (std::int64_t block = 0; block < groupBlocks; ++block) {
                const float* const weights = job.weights + (position * job.weightBlocks + group * groupBlocks + block) * blockSize;
                for (std::int64_t tile = 0; tile < tiles; tile += tileRows) {
                    multiply(tiles - tile,
                             {job.inputs + (position * tiles + tile) * job.inputStride, job.inputStride, job.inChannels, weights,
                              products + (position * tiles + tile) * winogradGroupChannels + block * blockColumns, winogradGroupChannels});
                }
            }
        }
        transformResults<TileSize>(job, group, products);
    }
}

void transformInputs(const WinogradJob& job, ItemRange part) {
    job.images.tileSize == 2 ? transformInputsOf<2>(job, part) : transformInputsOf<4>(job, part);
}
void computeGroups(const WinogradJob& job, ItemRange groups, float* products) {
    job.images.tileSize == 2 ? computeGroupsOf<2>(job, groups, products) : computeGroupsOf<4>(job, groups, products);
}

constexpr WinogradLoops loops{lanes, blockColumns, tileRows, transformInputs, computeGroups};

} // namespace

} // namespace lathe::runtime

#include <core/runtime/kernels/winograd/winograd_integers.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include <core/runtime/kernels/int8/int8_store_avx2.h>

#define LATHE_AVX2_INLINE __attribute__((always_inline)) LATHE_AVX2 inline

namespace lathe::runtime {

namespace {

constexpr std::int64_t blockChannels = WinogradIntegers::blockChannels;
constexpr std::int64_t wordLanes = 16, sumLanes = 8;
constexpr std::int64_t largestInput = 255, largestSum = (std::int64_t{1} << 29) - 1;
static_assert(winogradGroupChannels % blockChannels == 0);

std::int64_t roundedUp(std::int64_t number, std::int64_t multiple) { return (number + multiple - 1) / multiple * multiple; }

/// Twice the matrix G of F(2, 3).
constexpr int weightTransform[4][3] = {{2, 0, 0}, {1, 1, 1}, {1, -1, 1}, {0, 0, 2}};

/// A filter of one input channel at all positions.
std::array<std::int32_t, 16> transformed(const std::int16_t* weight) {
    std::array<std::int32_t, 16> result{};
    for (std::size_t position = 0; position < result.size(); ++position) {
        for (std::size_t row = 0; row < 3; ++row) {
            for (std::size_t column = 0; column < 3; ++column)
                result[position] += weightTransform[position / 4][row] * weightTransform[position % 4][column] * weight[row * 3 + column];
        }
    }
    return result;
}

LATHE_AVX2_INLINE __m256i wordsOf(const std::uint8_t* bytes, std::int64_t count, __m256i zeroPoint) {
    alignas(16) std::array<std::uint8_t, 16> part;
    if (count < wordLanes) {
        part.fill(0); // of channels that no weight multiplies
        std::copy_n(bytes, count, part.data());
        bytes = part.data();
    }
    return _mm256_sub_epi16(_mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes))), zeroPoint);
}

LATHE_AVX2_INLINE void transformWords(const __m256i* x, __m256i* y, int stride) {
    y[0 * stride] = _mm256_sub_epi16(x[0], x[2]);
    y[1 * stride] = _mm256_add_epi16(x[1], x[2]);
    y[2 * stride] = _mm256_sub_epi16(x[2], x[1]);
    y[3 * stride] = _mm256_sub_epi16(x[1], x[3]);
}

LATHE_AVX2_INLINE void transformSums(const __m256i* x, __m256i* y, int stride) {
    y[0 * stride] = _mm256_add_epi32(_mm256_add_epi32(x[0], x[1]), x[2]);
    y[1 * stride] = _mm256_sub_epi32(_mm256_sub_epi32(x[1], x[2]), x[3]);
}

struct Product {
    const std::int16_t* inputs; ///< of the first tile
    std::int64_t inputStride, pairs;
    const std::int16_t* weights; ///< of the block
    std::int32_t* sums;          ///< of the first tile
};

/// As a vector of numbers: sums of __m256i are kept in memory by GCC, which takes twice the time.
using Sums = std::int32_t __attribute__((vector_size(32)));

LATHE_AVX2_INLINE Sums products(__m256i two, __m256i weights) { return reinterpret_cast<Sums>(_mm256_madd_epi16(two, weights)); }

template<int Rows>
LATHE_AVX2 void multiplyRows(const Product& product) {
    Sums sums[Rows][2];
    for (int row = 0; row < Rows; ++row)
        sums[row][0] = sums[row][1] = Sums{};
    const std::int16_t *weights = product.weights, *inputs = product.inputs;
    for (std::int64_t pair = 0; pair < product.pairs; ++pair, weights += 2 * blockChannels, inputs += 2) {
        const __m256i first = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights));
        const __m256i second = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights + wordLanes));
        for (int row = 0; row < Rows; ++row) {
            std::int32_t two;
            std::memcpy(&two, inputs + row * product.inputStride, sizeof(two));
            sums[row][0] += products(_mm256_set1_epi32(two), first);
            sums[row][1] += products(_mm256_set1_epi32(two), second);
        }
    }
    for (int row = 0; row < Rows; ++row) {
        for (int half = 0; half < 2; ++half)
            std::memcpy(product.sums + row * winogradGroupChannels + half * sumLanes, &sums[row][half], sizeof(Sums));
    }
}

template<int Rows>
void multiply(std::int64_t rows, const Product& product) {
    if constexpr (Rows > 1) {
        if (rows < Rows) return multiply<Rows - 1>(rows, product);
    }
    multiplyRows<Rows>(product);
}

} // namespace

bool WinogradIntegers::fits(const ConvolutionShape& shape) {
    constexpr std::int64_t largestWeight = 510; // of all that a plan has
    return shape.inChannels * 9 * largestWeight * largestInput <= largestSum;
}

bool WinogradIntegers::fits(const ConvolutionShape& shape, std::span<const std::int16_t> weights) {
    constexpr std::int64_t largestWord = 32767;
    const std::int64_t perChannel = shape.inChannels * 9;
    if (fits(shape)) return true;
    for (std::int64_t out = 0; out < shape.outChannels; ++out) {
        std::int64_t sum = 0;
        for (std::int64_t at = out * perChannel; at < (out + 1) * perChannel; at += 9) {
            const std::int16_t* const weight = weights.data() + at;
            for (int index = 0; index < 9; ++index)
                sum += std::abs(weight[index]);
            for (const std::int32_t number : transformed(weight)) {
                if (std::abs(number) > largestWord) return false;
            }
        }
        if (sum * largestInput > largestSum) return false;
    }
    return true;
}

WinogradIntegers::WinogradIntegers(const ConvolutionShape& shape, std::span<const std::int16_t> weights)
    : m_shape(shape), m_inputStride(roundedUp(shape.inChannels, wordLanes)),
      m_blocks(roundedUp(shape.outChannels, winogradGroupChannels) / blockChannels) {
    const std::int64_t pairs = (shape.inChannels + 1) / 2;
    m_weights.resize(static_cast<std::size_t>(positions * m_blocks * pairs * 2 * blockChannels));
    for (std::int64_t out = 0; out < shape.outChannels; ++out) {
        for (std::int64_t in = 0; in < shape.inChannels; ++in) {
            const auto numbers = transformed(weights.data() + (out * shape.inChannels + in) * 9);
            for (std::int64_t position = 0; position < positions; ++position) {
                const std::int64_t pair = (position * m_blocks + out / blockChannels) * pairs + in / 2;
                m_weights[static_cast<std::size_t>((pair * blockChannels + out % blockChannels) * 2 + in % 2)] =
                    static_cast<std::int16_t>(numbers[static_cast<std::size_t>(position)]);
            }
        }
    }
}

LATHE_AVX2 void WinogradIntegers::transformInputs(const Job& job, ItemRange part) const {
    constexpr int side = 4;
    const std::int64_t channels = m_shape.inChannels, positionStride = (job.chunk.end - job.chunk.begin) * m_inputStride;
    const __m256i zeroPoint = _mm256_set1_epi16(static_cast<std::int16_t>(job.zeroPoint));
    for (std::int64_t tile = part.begin; tile < part.end; ++tile) {
        const WinogradImages::Corner corner = job.images.corner(job.chunk.begin + tile);
        const std::uint8_t* pixels[positions];
        for (int position = 0; position < positions; ++position) {
            const std::int64_t pixel = job.images.pixel(corner, position);
            pixels[position] = pixel < 0 ? job.nothing : job.input + pixel * channels;
        }
        std::int16_t* const to = job.inputs + tile * m_inputStride;
        for (std::int64_t channel = 0; channel < channels; channel += wordLanes) {
            __m256i columns[positions];
            for (int column = 0; column < side; ++column) {
                __m256i given[side];
                for (int row = 0; row < side; ++row)
                    given[row] = wordsOf(pixels[row * side + column] + channel, channels - channel, zeroPoint);
                transformWords(given, columns + column, side);
            }
            for (int row = 0; row < side; ++row) {
                __m256i made[side];
                transformWords(columns + row * side, made, 1);
                for (int column = 0; column < side; ++column)
                    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + (row * side + column) * positionStride + channel), made[column]);
            }
        }
    }
}

void WinogradIntegers::computeGroups(const Job& job, ItemRange groups, std::int32_t* sums, const Int8Output& output) const {
    constexpr std::int64_t groupBlocks = winogradGroupChannels / blockChannels;
    const std::int64_t tiles = job.chunk.end - job.chunk.begin, pairs = (m_shape.inChannels + 1) / 2;
    for (std::int64_t group = groups.begin; group < groups.end; ++group) {
        for (int position = 0; position < positions; ++position) {
            for (std::int64_t block = 0; block < groupBlocks; ++block) {
                const std::int16_t* const weights =
                    m_weights.data() + (position * m_blocks + group * groupBlocks + block) * pairs * 2 * blockChannels;
                for (std::int64_t tile = 0; tile < tiles; tile += tileRows) {
                    multiply<tileRows>(tiles - tile, {job.inputs + (position * tiles + tile) * m_inputStride, m_inputStride, pairs, weights,
                                                      sums + (position * tiles + tile) * winogradGroupChannels + block * blockChannels});
                }
            }
        }
        transformResults(job, group, sums, output);
    }
}

LATHE_AVX2 void WinogradIntegers::transformResults(const Job& job, std::int64_t group, const std::int32_t* sums,
                                                   const Int8Output& output) const {
    constexpr int side = 4, size = 2;
    const WinogradImages& images = job.images;
    const std::int64_t tiles = job.chunk.end - job.chunk.begin, firstChannel = group * winogradGroupChannels;
    const std::int64_t lastChannel = std::min(firstChannel + winogradGroupChannels, m_shape.outChannels);
    for (std::int64_t tile = 0; tile < tiles; ++tile) {
        const WinogradImages::Corner corner = images.corner(job.chunk.begin + tile);
        const std::int64_t rows = std::min<std::int64_t>(size, images.outHeight - corner.row);
        const std::int64_t columns = std::min<std::int64_t>(size, images.outWidth - corner.column);
        const std::int64_t pixel = (corner.image * images.outHeight + corner.row) * images.outWidth + corner.column;
        for (std::int64_t channel = firstChannel; channel < lastChannel; channel += sumLanes) {
            const std::int64_t count = std::min(sumLanes, lastChannel - channel);
            __m256i down[size * side];
            for (int column = 0; column < side; ++column) {
                __m256i given[side];
                for (int row = 0; row < side; ++row)
                    given[row] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(
                        sums + ((row * side + column) * tiles + tile) * winogradGroupChannels + channel - firstChannel));
                transformSums(given, down + column, side);
            }
            for (std::int64_t row = 0; row < rows; ++row) {
                __m256i results[size];
                transformSums(down + row * side, results, 1);
                for (std::int64_t column = 0; column < columns; ++column) {
                    const std::int64_t at = (pixel + row * images.outWidth + column) * m_shape.outChannels + channel;
                    // The matrix of the weights was doubled for rows and for columns.
                    const __m256 value = avx2::scaled(_mm256_srai_epi32(results[column], 2), channel, count, at, 1.0f, output);
                    if (count == sumLanes)
                        avx2::store(value, at, output);
                    else
                        avx2::storePart(value, count, at, output);
                }
            }
        }
    }
}

} // namespace lathe::runtime

#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include <core/runtime/kernels/item_range.h>
#include <core/runtime/onednn/packed_layer.h>

namespace lathe::runtime {

/// What the loops of one instruction set compute of a convolution in float32: some output channels of rows of pixels, whose inputs lie in
/// images with channels last and, where the kernel looks over the edge, with zeros around.
struct DirectJob {
    std::span<const float* const> rows;    ///< of results: the first input of the first pixel of each
    std::int64_t pixels = 0;               ///< of each row
    std::int64_t pixelStride = 0;          ///< numbers from the first input of a pixel to that of the next one
    std::span<const std::int64_t> offsets; ///< of each segment (a run of inputs that lie side by side) from the first input
    std::int64_t depth = 0;                ///< numbers of a segment
    const float* weights = nullptr;        ///< [block of channels][segment][number][channel of the block]
    const float* bias = nullptr;           ///< whole blocks of channels
    std::int64_t channels = 0;             ///< of a result
    float* result = nullptr;               ///< of the first row's first pixel; rows lie one behind the other
    bool addsResult = false;               ///< to what lies in the result's memory
    std::optional<Elementwise> function = {};
};

/// The loops for one instruction set. All may be called from any thread.
struct DirectLoops {
    std::int64_t lanes;         ///< numbers in a vector
    std::int64_t blockChannels; ///< output channels that are computed at once; the last block has `lanes` where that is enough
    /// Computes blocks of output channels of all pixels.
    void (*convolve)(const DirectJob& job, ItemRange blocks);
};

[[nodiscard]] const DirectLoops& directLoopsAvx2();
[[nodiscard]] const DirectLoops& directLoopsAvx512();

} // namespace lathe::runtime

#pragma once

#include <optional>
#include <span>
#include <vector>

#include <core/runtime/kernels/direct/direct_job.h>
#include <core/runtime/kernels/int8/int8_kernel.h>

namespace lathe::runtime {

/// A float convolution in one group by its definition: tiles of some pixels times some output channels, whose sums stay in registers while
/// the kernel's inputs go by; weights are packed for that once, and nothing is copied but images that have to be padded. What one thread
/// computes at once (a band) stays in its second cache. Source: Georganas et al., "Anatomy of High-Performance Deep Learning Convolutions
/// on SIMD Architectures" (2018). All functions are const and may be called from any thread.
class DirectConvolution {
public:
    struct Options {
        bool addsResult = false; ///< to what lies in the result's memory
        std::optional<Elementwise> function = {};
    };
    /// Images with channels last, dense, and where their results go.
    struct Images {
        std::int64_t batch = 0, height = 0, width = 0;
        const float* input = nullptr;
        float* result = nullptr;
    };
    /// `weights`: (out, in, height, width); `bias`: one for each output channel, or empty. Both are copied. cpuHasAvx2(), one group and
    /// hasVectorForm() have to hold. `loops`: of an instruction set that the CPU has; the widest by default.
    DirectConvolution(const ConvolutionShape& shape, const Options& options, std::span<const float> weights, std::span<const float> bias,
                      const DirectLoops* loops = nullptr);

    [[nodiscard]] std::int64_t blocks() const; ///< of output channels
    /// Floats of memory that computing rows of such images needs: none where nothing is padded.
    [[nodiscard]] std::int64_t paddedFloats(const Images& images) const;
    /// Rows of results, counted through all images, and blocks of channels. `padded`: paddedFloats() of room.
    void compute(const Images& images, ItemRange rows, ItemRange blocks, float* padded) const;

private:
    /// Rows that are computed at once.
    [[nodiscard]] std::int64_t bandRows(const Images& images) const;
    [[nodiscard]] std::int64_t rowFloats(const Images& images) const; ///< of a padded row
    void computeBand(const Images& images, ItemRange rows, ItemRange blocks, float* padded) const;

    ConvolutionShape m_shape;
    Options m_options;
    const DirectLoops* m_loops;
    std::int64_t m_depth; ///< as DirectJob has it
    std::vector<float> m_weights, m_bias;
};

} // namespace lathe::runtime

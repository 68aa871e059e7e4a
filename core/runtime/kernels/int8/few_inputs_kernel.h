#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <core/runtime/kernels/int8/int8_kernel.h>

namespace lathe::runtime {

/// Can the kernel for few input channels compute this convolution, on a CPU with its instructions? One group, kernels without gaps, and
/// sixteen pixels that lie within 64 bytes: grey pictures with a stride of up to 4, colour pictures with a stride of 1.
[[nodiscard]] bool hasFewInputs(const ConvolutionShape& shape);
/// AVX-512 with VNNI and VBMI.
[[nodiscard]] bool cpuHasFewInputsKernel();

/// Weights for convolveFewInputsRow.
class FewInputsWeights {
public:
    static constexpr std::int64_t blockChannels = 8;

    /// `weights`: (out, in, height, width) less their zero points, each from -128 to 127. hasFewInputs(shape) has to hold.
    FewInputsWeights(const ConvolutionShape& shape, std::span<const std::int16_t> weights);

    [[nodiscard]] const ConvolutionShape& shape() const { return m_shape; }
    [[nodiscard]] static Int8Instructions instructions() { return Int8Instructions::Avx512Vnni; }
    /// Is nothing read behind the last input of a pixel?
    [[nodiscard]] bool readsOnlyInputs() const { return m_shape.window.kernelWidth * m_shape.inChannels % 4 == 0; }
    /// Steps of four bytes in a row of the window.
    [[nodiscard]] std::int64_t steps() const { return m_steps; }
    /// Of eight output channels: for each step of each row of the window the bytes of four inputs of each channel.
    [[nodiscard]] const std::int32_t* block(std::int64_t block) const {
        return m_fours.data() + block * m_shape.window.kernelHeight * m_steps * blockChannels;
    }
    /// Of 64 bytes from the first pixel on: those of a step, four for each of sixteen pixels.
    [[nodiscard]] const std::array<std::uint8_t, 64>& order() const { return m_order; }
    [[nodiscard]] std::int32_t sum(std::int64_t channel) const { return m_sums[static_cast<std::size_t>(channel)]; }

private:
    ConvolutionShape m_shape;
    std::int64_t m_steps = 0;
    std::vector<std::int32_t> m_fours, m_sums;
    std::array<std::uint8_t, 64> m_order{};
};

/// One row of output pixels; `image` is at the first input of the first pixel, padded, with int8ReadAhead bytes behind its last one. The
/// window has its `rows` where ConvolutionShape::positionOffsets() says.
/// Sixteen pixels are computed at a time, each in a lane, for eight channels: with one input channel that uses all lanes, where a lane for
/// each output channel would leave most of them empty. Gives the bits of convolveRow. Only where cpuHasFewInputsKernel(). `output` has no
/// residual.
void convolveFewInputsRow(const FewInputsWeights& weights, const std::uint8_t* image, std::span<const std::int64_t> rows,
                          std::int64_t pixels, std::int32_t zeroPoint, const Int8Output& output);

} // namespace lathe::runtime

#pragma once

#include <vector>

#include <core/runtime/kernels/int8/int8_kernel.h>
#include <core/runtime/kernels/int8/int8_layer_torch.h>

namespace lathe::runtime {

/// What Lathe's own convolutions and linear layers have in common: scales, the result's memory, the residual, grids that are chosen while
/// running.
class LatheLayer : public Int8LayerKernel {
public:
    LatheLayer(const Int8Layer& layer, const ConvolutionShape& shape, const at::Tensor& bias);

    at::Tensor run(const at::Tensor& input, const at::Tensor& residual) const final;

protected:
    struct Scales {
        std::vector<float> factor, offset; ///< as Int8Output wants them
    };

    /// `input`: quint8. `scales` are those of its grid.
    [[nodiscard]] virtual at::Tensor runBytes(const at::Tensor& input, std::int32_t zeroPoint, const Scales& scales,
                                              const at::Tensor& residual) const = 0;
    /// `input`: float32. Layers that may have a grid for each row (quantization::Granularity::Token) compute them here.
    [[nodiscard]] virtual at::Tensor runPerToken(const at::Tensor& input, const at::Tensor& residual) const;

    /// An undefined tensor for layers that add nothing; else the residual with the result's sizes and order.
    [[nodiscard]] at::Tensor residualLike(const at::Tensor& result, const at::Tensor& residual, at::MemoryFormat format) const;
    [[nodiscard]] at::Tensor emptyResult(at::IntArrayRef sizes, at::MemoryFormat format) const;
    /// `residual`: from residualLike; both must live as long as the output.
    [[nodiscard]] Int8Output outputInto(at::Tensor& result, const at::Tensor& residual, const Scales& scales) const;

    [[nodiscard]] const Int8Layer& layer() const { return m_layer; }
    [[nodiscard]] const ConvolutionShape& shape() const { return m_shape; }
    /// For the input's grid; for a scale of 1 where each call or row has its own.
    [[nodiscard]] const Scales& scales() const { return m_scales; }

private:
    [[nodiscard]] Scales scalesFor(double inputScale) const;

    Int8Layer m_layer;
    ConvolutionShape m_shape;
    std::vector<float> m_bias;
    Scales m_scales;
};

/// The weights less their zero points, in their order.
[[nodiscard]] std::vector<std::int16_t> centredWeights(const Int8Layer& layer, const at::Tensor& weight);
/// Are these signed bytes?
[[nodiscard]] bool hasByteWeights(const Int8Layer& layer, const at::Tensor& weight);
/// The largest byte that the inputs of a layer may hold, at least 1.
[[nodiscard]] int largestInput(const Int8Layer& layer);
/// The name of instructions as users know it.
[[nodiscard]] std::string_view nameOf(Int8Instructions instructions);

/// How many items of that many multiply-accumulates are worth a second thread: about 20 µs of work.
[[nodiscard]] std::int64_t grainOf(std::int64_t macsPerItem);

/// Numbers of one thread, kept between calls.
template<class Element>
Element* scratch(std::int64_t elements) {
    thread_local std::vector<Element> buffer;
    if (buffer.size() < static_cast<std::size_t>(elements)) buffer.resize(static_cast<std::size_t>(elements));
    return buffer.data();
}

/// Inputs as the kernel wants them: words without their zero point, or the bytes themselves.
void convertInputs(const std::uint8_t* bytes, std::int64_t count, std::int32_t zeroPoint, std::int16_t* out);
void convertInputs(const std::uint8_t* bytes, std::int64_t count, std::int32_t zeroPoint, std::uint8_t* out);

} // namespace lathe::runtime

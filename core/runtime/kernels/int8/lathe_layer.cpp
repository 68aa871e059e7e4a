#include <core/runtime/kernels/int8/lathe_layer_torch.h>

#include <algorithm>

#include <core/runtime/kernels/bytes/quantize_bytes_torch.h>
#include <core/runtime/kernels/layer_shape_torch.h>
#include <core/runtime/kernels/simulated/qdq_torch.h>
#include <core/runtime/plan_memory_torch.h>

namespace lathe::runtime {

LatheLayer::LatheLayer(const Int8Layer& layer, const ConvolutionShape& shape, const at::Tensor& bias) : m_layer(layer), m_shape(shape) {
    m_bias.assign(static_cast<std::size_t>(shape.outChannels), 0);
    if (bias.defined()) {
        const at::Tensor plain = bias.contiguous();
        std::copy_n(plain.const_data_ptr<float>(), m_bias.size(), m_bias.begin());
    }
    const auto* grid = std::get_if<ActivationGrid>(&layer.input);
    m_scales = scalesFor(grid ? grid->scale : 1.0);
}

at::Tensor LatheLayer::run(const at::Tensor& input, const at::Tensor& residual) const {
    checkInputFits(m_layer, m_shape, input);
    if (const auto* grid = std::get_if<ActivationGrid>(&m_layer.input))
        return runBytes(input, static_cast<std::int32_t>(grid->zeroPoint), m_scales, residual);
    // A dynamic layer: the grid is that of this very input.
    const auto& dynamic = std::get<quantization::Grid>(m_layer.input);
    if (dynamic.granularity == quantization::Granularity::Token) return runPerToken(input, residual);
    const auto [scale, zeroPoint] = chooseParameters(input, dynamic.range, dynamic.smallestScale, dynamic.scheme);
    const std::int64_t shift = dynamic.range.dtype == tensor::DType::Int8 ? 128 : 0;
    const ActivationGrid grid{scale, zeroPoint + shift, dynamic.range.minimum + shift, dynamic.range.maximum + shift};
    return runBytes(quantizeBytes(input, grid), static_cast<std::int32_t>(grid.zeroPoint), scalesFor(scale), residual);
}

at::Tensor LatheLayer::runPerToken(const at::Tensor&, const at::Tensor&) const {
    TORCH_CHECK(false, "A layer of this kind has no range for each token.");
}

LatheLayer::Scales LatheLayer::scalesFor(double inputScale) const {
    const double outputScale = m_layer.output ? m_layer.output->scale : 1.0;
    Scales scales;
    for (std::size_t channel = 0; channel < m_bias.size(); ++channel) {
        const double weightScale = m_layer.weightScales[m_layer.weightScales.size() == 1 ? 0 : channel];
        scales.factor.push_back(static_cast<float>(inputScale * weightScale / outputScale));
        scales.offset.push_back(static_cast<float>(m_bias[channel] / outputScale));
    }
    scales.factor.resize(m_bias.size() + int8ScaleReadAhead);
    scales.offset.resize(m_bias.size() + int8ScaleReadAhead);
    return scales;
}

at::Tensor LatheLayer::emptyResult(at::IntArrayRef sizes, at::MemoryFormat format) const {
    if (m_layer.output) return emptyBytes(sizes, *m_layer.output, format);
    return runtime::emptyResult(sizes, at::kFloat, format);
}

at::Tensor LatheLayer::residualLike(const at::Tensor& result, const at::Tensor& residual, at::MemoryFormat format) const {
    if (!m_layer.addsResidual) return {};
    const at::Tensor wide = residual.sizes() == result.sizes() ? residual : residual.expand(result.sizes());
    return wide.contiguous(format);
}

Int8Output LatheLayer::outputInto(at::Tensor& result, const at::Tensor& residual, const Scales& scales) const {
    Int8Output output{scales.factor, scales.offset, m_layer.activation.low, m_layer.activation.high, 0};
    const double outputScale = m_layer.output ? m_layer.output->scale : 1.0;
    if (m_layer.output) {
        const ActivationGrid& grid = *m_layer.output;
        const auto limit = [&](float bound) {
            return std::clamp(static_cast<float>(bound / outputScale), static_cast<float>(grid.minimum - grid.zeroPoint),
                              static_cast<float>(grid.maximum - grid.zeroPoint));
        };
        output.zeroPoint = static_cast<std::int32_t>(grid.zeroPoint);
        output.low = limit(output.low);
        output.high = limit(output.high);
        output.bytes = static_cast<std::uint8_t*>(result.mutable_data_ptr());
    } else {
        output.floats = result.mutable_data_ptr<float>();
    }
    if (m_layer.addsResidual && m_layer.residual) {
        output.residual.bytes = static_cast<const std::uint8_t*>(residual.const_data_ptr());
        output.residual.zeroPoint = static_cast<std::int32_t>(m_layer.residual->zeroPoint);
        output.residual.factor = static_cast<float>(m_layer.residual->scale / outputScale);
    } else if (m_layer.addsResidual) {
        output.residual.floats = residual.const_data_ptr<float>();
        output.residual.factor = static_cast<float>(1.0 / outputScale);
    }
    return output;
}

std::vector<std::int16_t> centredWeights(const Int8Layer& layer, const at::Tensor& weight) {
    const at::Tensor wide = weight.to(at::kLong).contiguous();
    const auto* values = wide.const_data_ptr<std::int64_t>();
    const std::int64_t perChannel = wide.numel() / std::max<std::int64_t>(1, wide.size(0));
    std::vector<std::int16_t> centred(static_cast<std::size_t>(wide.numel()));
    for (std::size_t index = 0; index < centred.size(); ++index) {
        const std::size_t channel = index / static_cast<std::size_t>(perChannel);
        const std::int64_t zeroPoint = layer.weightZeroPoints[layer.weightZeroPoints.size() == 1 ? 0 : channel];
        centred[index] = static_cast<std::int16_t>(values[index] - zeroPoint);
    }
    return centred;
}

bool hasByteWeights(const Int8Layer& layer, const at::Tensor& weight) {
    return hasSymmetricWeights(layer, weight) || areBytes(centredWeights(layer, weight));
}

int largestInput(const Int8Layer& layer) {
    const auto* grid = std::get_if<ActivationGrid>(&layer.input);
    return grid ? static_cast<int>(std::max<std::int64_t>(1, grid->maximum)) : 255;
}

std::string_view nameOf(Int8Instructions instructions) {
    switch (instructions) {
    case Int8Instructions::Avx512Vnni:
        return "AVX-512 VNNI";
    case Int8Instructions::Avx2:
        return "AVX2";
    case Int8Instructions::Portable:
        return "portable";
    }
    return {};
}

std::int64_t grainOf(std::int64_t macsPerItem) {
    constexpr std::int64_t grainMacs = 500'000;
    return std::max<std::int64_t>(1, grainMacs / std::max<std::int64_t>(1, macsPerItem));
}

void convertInputs(const std::uint8_t* bytes, std::int64_t count, std::int32_t zeroPoint, std::int16_t* out) {
    widen(bytes, count, zeroPoint, out);
}

void convertInputs(const std::uint8_t* bytes, std::int64_t count, std::int32_t, std::uint8_t* out) { std::copy_n(bytes, count, out); }

} // namespace lathe::runtime

#include <core/formats/torchscript/packed_parameters_torch.h>

#include <ATen/native/quantized/PackedParams.h>
#include <torch/custom_class.h>

namespace lathe::formats {

namespace {

template<int Dimensions>
PackedParameters unpackConvolution(const c10::IValue& value) {
    const auto packed = value.toCustomClass<ConvPackedParamsBase<Dimensions>>();
    PackedParameters parameters;
    std::tie(parameters.weight, parameters.bias) = packed->unpack();
    parameters.stride = packed->stride().vec();
    parameters.padding = packed->padding().vec();
    parameters.outputPadding = packed->output_padding().vec();
    parameters.dilation = packed->dilation().vec();
    parameters.groups = packed->groups();
    parameters.isTransposed = packed->transpose();
    return parameters;
}

PackedParameters unpackLinear(const c10::IValue& value) {
    PackedParameters parameters;
    std::tie(parameters.weight, parameters.bias) = value.toCustomClass<LinearPackedParamsBase>()->unpack();
    return parameters;
}

} // namespace

std::optional<PackedParameters> unpackParameters(const c10::IValue& value) {
    if (!value.isCustomClass()) return std::nullopt;
    const auto name = value.toObjectRef().type()->name();
    const std::string type = name ? name->qualifiedName() : "";
    const std::string folder = "__torch__.torch.classes.quantized.";
    if (type == folder + "LinearPackedParamsBase") return unpackLinear(value);
    if (type == folder + "Conv2dPackedParamsBase") return unpackConvolution<2>(value);
    if (type == folder + "Conv3dPackedParamsBase") return unpackConvolution<3>(value);
    return std::nullopt;
}

std::optional<QuantizedParts> takeApart(const at::Tensor& quantized) {
    const at::ScalarType type = quantized.scalar_type();
    if (!quantized.is_quantized() || (type != at::kQInt8 && type != at::kQUInt8 && type != at::kQInt32)) return std::nullopt;
    QuantizedParts parts;
    if (quantized.qscheme() == at::kPerTensorAffine) {
        parts.scales = {quantized.q_scale()};
        parts.zeroPoints = {quantized.q_zero_point()};
    } else if (quantized.qscheme() == at::kPerChannelAffine) {
        const std::int64_t axis = quantized.q_per_channel_axis();
        const at::Tensor scales = quantized.q_per_channel_scales().to(at::kDouble).contiguous();
        const at::Tensor zeroPoints = quantized.q_per_channel_zero_points().to(at::kLong).contiguous();
        const bool fits = axis >= 0 && axis < quantized.dim() && scales.dim() == 1 && zeroPoints.dim() == 1 &&
                          scales.numel() == quantized.size(axis) && zeroPoints.numel() == quantized.size(axis);
        if (!fits) return std::nullopt;
        parts.scales.assign(scales.const_data_ptr<double>(), scales.const_data_ptr<double>() + scales.numel());
        parts.zeroPoints.assign(zeroPoints.const_data_ptr<std::int64_t>(), zeroPoints.const_data_ptr<std::int64_t>() + zeroPoints.numel());
        parts.axis = axis;
    } else {
        return std::nullopt;
    }
    parts.integers = quantized.int_repr().contiguous();
    return parts;
}

} // namespace lathe::formats

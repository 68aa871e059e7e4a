#include <core/runtime/kernels/simulated/qdq_torch.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include <ATen/ops/empty_like.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/where.h>
#include <c10/core/GradMode.h>

#include <core/runtime/cuda_plugin.h>
#include <core/runtime/plan_torch.h>

namespace lathe::runtime {

namespace {

/// float32 holds every integer of up to 16 bits exactly; 32-bit grids need double.
at::ScalarType arithmeticType(const IntegerRange& range) { return range.dtype == tensor::DType::Int32 ? at::kDouble : at::kFloat; }

at::Tensor alongAxis(const at::Tensor& perChannel, const at::Tensor& input, std::int64_t axis) {
    std::vector<std::int64_t> shape(static_cast<std::size_t>(input.dim()), 1);
    const std::int64_t position = axis < 0 ? axis + input.dim() : axis;
    TORCH_CHECK(position >= 0 && position < input.dim(), "The axis ", axis, " is outside a tensor of ", input.dim(), " dimensions.");
    TORCH_CHECK(perChannel.numel() == input.size(position), "There are ", perChannel.numel(), " scales or zero points for ",
                input.size(position), " channels.");
    shape[static_cast<std::size_t>(position)] = perChannel.numel();
    return perChannel.reshape(shape);
}

at::Tensor onGrid(at::Tensor scaled, const at::Tensor& zeroPoint, const IntegerRange& range) {
    const at::Tensor isNan = scaled.isnan();
    scaled = scaled.round_().add_(zeroPoint).clamp_(range.minimum, range.maximum);
    return at::where(isNan, zeroPoint.to(scaled.scalar_type()), scaled).to(scalarType(range.dtype));
}

/// The fused CUDA kernel's view of an 8-bit grid; nothing where the separate operators have to do it.
std::optional<LatheCudaGrid> cudaGrid(const at::Tensor& input, at::ScalarType integers, double scale, std::int64_t zeroPoint,
                                      const IntegerRange& range) {
    const bool isByte = integers == at::kByte || integers == at::kChar;
    // Training needs autograd's record of every step.
    if (!input.is_cuda() || !cudaPlugin() || !isByte || !input.is_contiguous() || input.requires_grad()) return std::nullopt;
    return LatheCudaGrid{static_cast<float>(scale), static_cast<std::int32_t>(zeroPoint), static_cast<std::int32_t>(range.minimum),
                         static_cast<std::int32_t>(range.maximum), integers == at::kChar};
}

void checkLaunch(int error) { TORCH_CHECK(error == 0, "A CUDA kernel could not be started (error ", error, ")."); }

} // namespace

at::Tensor quantize(const at::Tensor& input, double scale, std::int64_t zeroPoint, const IntegerRange& range) {
    if (input.scalar_type() == at::kFloat) {
        if (const auto grid = cudaGrid(input, scalarType(range.dtype), scale, zeroPoint, range)) {
            at::Tensor output = at::empty_like(input, scalarType(range.dtype));
            checkLaunch(
                cudaPlugin()->quantize(input.get_device(), input.const_data_ptr<float>(), output.mutable_data_ptr(), input.numel(), *grid));
            return output;
        }
    }
    const at::ScalarType type = arithmeticType(range);
    const at::Tensor shift = at::scalar_tensor(zeroPoint, at::TensorOptions(type).device(input.device()));
    return onGrid(input.to(type).mul(1.0 / scale), shift, range);
}

/// (input − zeroPoint) · scale, of numbers or of tensors that fit the input. Where no gradient needs them, the steps share one memory: a
/// large weight would take three times as much.
template<class ZeroPoint, class Scale>
at::Tensor scaledDifference(const at::Tensor& input, const ZeroPoint& zeroPoint, const Scale& scale) {
    if (c10::GradMode::is_enabled() || input.scalar_type() == at::kFloat) return input.to(at::kFloat).sub(zeroPoint).mul(scale);
    return input.to(at::kFloat).sub_(zeroPoint).mul_(scale);
}

at::Tensor dequantize(const at::Tensor& input, double scale, std::int64_t zeroPoint) {
    if (const auto grid = cudaGrid(input, input.scalar_type(), scale, zeroPoint, {})) {
        at::Tensor output = at::empty_like(input, at::kFloat);
        checkLaunch(
            cudaPlugin()->dequantize(input.get_device(), input.const_data_ptr(), output.mutable_data_ptr<float>(), input.numel(), *grid));
        return output;
    }
    return scaledDifference(input, zeroPoint, scale);
}

at::Tensor quantizePerChannel(const at::Tensor& input, const at::Tensor& scales, const at::Tensor& zeroPoints, std::int64_t axis,
                              const IntegerRange& range) {
    const at::ScalarType type = arithmeticType(range);
    const at::Tensor inverse = alongAxis(scales.to(type).reciprocal(), input, axis);
    return onGrid(input.to(type).mul(inverse), alongAxis(zeroPoints.to(type), input, axis), range);
}

at::Tensor dequantizePerChannel(const at::Tensor& input, const at::Tensor& scales, const at::Tensor& zeroPoints, std::int64_t axis) {
    return scaledDifference(input, alongAxis(zeroPoints.to(at::kFloat), input, axis), alongAxis(scales.to(at::kFloat), input, axis));
}

std::pair<double, std::int64_t> chooseParameters(const at::Tensor& input, const IntegerRange& range, double epsilon,
                                                 quantization::Scheme scheme) {
    const bool isSymmetric = scheme == quantization::Scheme::Symmetric;
    const auto levels = static_cast<double>(range.maximum - range.minimum);
    const std::int64_t middle = range.dtype == tensor::DType::UInt8 ? (range.minimum + range.maximum + 1) / 2 : 0;
    const std::int64_t zero = isSymmetric ? middle : std::clamp<std::int64_t>(0, range.minimum, range.maximum);
    double low = 0;
    double high = 0;
    if (input.numel() > 0) {
        const auto [minimum, maximum] = input.to(at::kFloat).aminmax();
        low = std::min(0.0, minimum.item<double>());
        high = std::max(0.0, maximum.item<double>());
        if (minimum.isnan().item<bool>() || !std::isfinite(low) || !std::isfinite(high)) return {1.0, zero};
    } else {
        return {1.0, zero};
    }
    if (isSymmetric) return {std::max(std::max(-low, high) / (levels / 2), epsilon), middle};
    const double scale = std::max((high - low) / levels, epsilon);
    const auto zeroPoint = range.minimum - static_cast<std::int64_t>(std::nearbyint(low / scale));
    return {scale, std::clamp(zeroPoint, range.minimum, range.maximum)};
}

} // namespace lathe::runtime

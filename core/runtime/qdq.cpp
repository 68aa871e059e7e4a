#include <core/runtime/qdq_torch.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/where.h>

#include <core/graph/operators/names.h>
#include <core/graph/operators/quantization.h>
#include <core/quantization/qdq.h>
#include <core/runtime/cuda_plugin.h>
#include <core/runtime/lowering/qdq_nodes.h>
#include <core/runtime/program_torch.h>

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

} // namespace

namespace {

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

at::Tensor dequantize(const at::Tensor& input, double scale, std::int64_t zeroPoint) {
    if (const auto grid = cudaGrid(input, input.scalar_type(), scale, zeroPoint, {})) {
        at::Tensor output = at::empty_like(input, at::kFloat);
        checkLaunch(
            cudaPlugin()->dequantize(input.get_device(), input.const_data_ptr(), output.mutable_data_ptr<float>(), input.numel(), *grid));
        return output;
    }
    return input.to(at::kFloat).sub(zeroPoint).mul(scale);
}

at::Tensor quantizePerChannel(const at::Tensor& input, const at::Tensor& scales, const at::Tensor& zeroPoints, std::int64_t axis,
                              const IntegerRange& range) {
    const at::ScalarType type = arithmeticType(range);
    const at::Tensor inverse = alongAxis(scales.to(type).reciprocal(), input, axis);
    return onGrid(input.to(type).mul(inverse), alongAxis(zeroPoints.to(type), input, axis), range);
}

at::Tensor dequantizePerChannel(const at::Tensor& input, const at::Tensor& scales, const at::Tensor& zeroPoints, std::int64_t axis) {
    return input.to(at::kFloat).sub(alongAxis(zeroPoints.to(at::kFloat), input, axis)).mul(alongAxis(scales.to(at::kFloat), input, axis));
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

namespace {

using Made = base::Result<std::unique_ptr<Instruction>>;

Made malformed(const graph::Node& node) {
    return base::failure(base::ErrorCode::Rejected, node.name + ": the operands of " + node.op + " are not those of a quantization node.");
}

void markSimulated(InstructionInfo& info) {
    info.kernel = "simulated in float";
    info.isReal = false;
}

Made makePerTensor(const KernelContext&, const graph::Node& node, InstructionInfo& info) {
    const graph::QdqCall call(node);
    const auto range = quantization::rangeOf(node);
    const auto input = call.value("input");
    const auto scale = call.scale().literal<double>();
    const auto zeroPoint = call.zeroPoint().literal<std::int64_t>();
    if (!range || !input || !scale || !zeroPoint || !(*scale > 0)) return malformed(node);
    markSimulated(info);
    return makeInstruction([input = *input, result = node.results.front(), scale = *scale, zeroPoint = *zeroPoint, range = *range,
                            quantizes = graph::isQuantize(node.op)](Execution& execution) {
        const at::Tensor& tensor = execution.tensor(input);
        execution.slot(result) = quantizes ? quantize(tensor, scale, zeroPoint, range) : dequantize(tensor, scale, zeroPoint);
    });
}

Made makePerChannel(const KernelContext&, const graph::Node& node, InstructionInfo& info) {
    const graph::QdqCall call(node);
    const auto range = quantization::rangeOf(node);
    const auto axis = call.axis();
    if (!range || !axis || !call.input().isValue() || !call.scale().isValue() || !call.zeroPoint().isValue()) return malformed(node);
    markSimulated(info);
    return makeInstruction([input = call.input().value(), scales = call.scale().value(), zeroPoints = call.zeroPoint().value(),
                            result = node.results.front(), axis = *axis, range = *range,
                            quantizes = graph::isQuantize(node.op)](Execution& execution) {
        const at::Tensor& tensor = execution.tensor(input);
        const at::Tensor& scale = execution.tensor(scales);
        const at::Tensor& zeroPoint = execution.tensor(zeroPoints);
        execution.slot(result) =
            quantizes ? quantizePerChannel(tensor, scale, zeroPoint, axis, range) : dequantizePerChannel(tensor, scale, zeroPoint, axis);
    });
}

Made makeDynamic(const KernelContext&, const graph::Node& node, InstructionInfo& info) {
    const graph::QdqCall call(node);
    const auto range = quantization::rangeOf(node);
    if (!range || !call.input().isValue() || !call.scale().isValue() || !call.zeroPoint().isValue()) return malformed(node);
    markSimulated(info);
    const bool isPerToken = node.op == graph::op::quantizePerToken || node.op == graph::op::dequantizePerToken;
    return makeInstruction([input = call.input().value(), scales = call.scale().value(), zeroPoints = call.zeroPoint().value(),
                            result = node.results.front(), range = *range, quantizes = graph::isQuantize(node.op),
                            isPerToken](Execution& execution) {
        const at::Tensor& tensor = execution.tensor(input);
        if (isPerToken) {
            const at::Tensor &scale = execution.tensor(scales), &zeroPoint = execution.tensor(zeroPoints);
            execution.slot(result) =
                quantizes ? quantizePerToken(tensor, scale, zeroPoint, range) : dequantizePerToken(tensor, scale, zeroPoint);
            return;
        }
        const double scale = execution.tensor(scales).item<double>();
        const std::int64_t zeroPoint = execution.tensor(zeroPoints).item<std::int64_t>();
        execution.slot(result) = quantizes ? quantize(tensor, scale, zeroPoint, range) : dequantize(tensor, scale, zeroPoint);
    });
}

Made makeChoose(const KernelContext&, const graph::Node& node, InstructionInfo& info) {
    const graph::QdqCall call(node);
    const auto range = quantization::rangeOf(node);
    const auto epsilon = call.epsilon();
    if (!range || !epsilon || !call.input().isValue() || node.results.size() != 2) return malformed(node);
    markSimulated(info);
    const quantization::Scheme scheme =
        node.op == graph::op::chooseQparamsSymmetric ? quantization::Scheme::Symmetric : quantization::Scheme::Affine;
    return makeInstruction([input = call.input().value(), scaleResult = node.results[0], zeroResult = node.results[1], range = *range,
                            epsilon = *epsilon, scheme](Execution& execution) {
        const auto [scale, zeroPoint] = chooseParameters(execution.tensor(input), range, epsilon, scheme);
        execution.slot(scaleResult) = at::full({1}, scale, at::TensorOptions(at::kDouble).device(execution.tensor(input).device()));
        execution.slot(zeroResult) = at::full({1}, zeroPoint, at::TensorOptions(at::kLong).device(execution.tensor(input).device()));
    });
}

Made makeChoosePerToken(const KernelContext&, const graph::Node& node, InstructionInfo& info) {
    const graph::QdqCall call(node);
    const bool isInt8 = call.isComplete() && call.dtype() == tensor::DType::Int8;
    if (!isInt8 || !call.input().isValue() || node.results.size() != 2) return malformed(node);
    markSimulated(info);
    return makeInstruction(
        [input = call.input().value(), scaleResult = node.results[0], zeroResult = node.results[1]](Execution& execution) {
            auto [scales, zeroPoints] = chooseParametersPerToken(execution.tensor(input));
            execution.slot(scaleResult) = std::move(scales);
            execution.slot(zeroResult) = std::move(zeroPoints);
        });
}

} // namespace

KernelFactory findQdqKernel(const std::string& op) {
    static const std::unordered_map<std::string_view, KernelFactory> factories = {
        {graph::op::quantizePerTensor, makePerTensor},
        {graph::op::dequantizePerTensor, makePerTensor},
        {graph::op::quantizePerChannel, makePerChannel},
        {graph::op::dequantizePerChannel, makePerChannel},
        {graph::op::quantizePerTensorDynamic, makeDynamic},
        {graph::op::dequantizePerTensorDynamic, makeDynamic},
        {graph::op::chooseQparams, makeChoose},
        {graph::op::chooseQparamsSymmetric, makeChoose},
        {graph::op::chooseQparamsPerToken, makeChoosePerToken},
        {graph::op::quantizePerToken, makeDynamic},
        {graph::op::dequantizePerToken, makeDynamic},
    };
    const auto found = factories.find(op);
    return found == factories.end() ? nullptr : found->second;
}

} // namespace lathe::runtime

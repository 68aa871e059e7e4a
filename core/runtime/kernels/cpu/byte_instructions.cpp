// The operators that only a lowered graph has.
#include <core/runtime/program_torch.h>

#include <algorithm>
#include <unordered_map>

#include <ATen/ops/dequantize.h>

#include <core/graph/operators/pooling.h>
#include <core/runtime/kernels/cpu/byte_max_pool.h>
#include <core/runtime/kernels/cpu/depthwise_kernel.h>
#include <core/runtime/kernels/cpu/int8_kernel.h>
#include <core/runtime/kernels/cpu/int8_layer_shape_torch.h>
#include <core/runtime/kernels/cpu/int8_layer_torch.h>
#include <core/runtime/kernels/cpu/parallel_torch.h>
#include <core/runtime/qdq_torch.h>

namespace lathe::runtime {

namespace {

using Made = base::Result<std::unique_ptr<Instruction>>;

Made makeQuantize(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    info.kernel = "Lathe quantize";
    return makeInstruction([grid = context.lowered.grids.at(node.name), input = *graph::mainInput(node), result = node.results[0]](
                               Execution& execution) { execution.slot(result) = quantizeBytes(execution.tensor(input), grid); });
}

Made makeDequantize(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    info.kernel = "ATen dequantize";
    const bool keepsOrder = context.lowered.channelsLast.contains(node.name);
    return makeInstruction([keepsOrder, input = *graph::mainInput(node), result = node.results[0]](Execution& execution) {
        at::Tensor floats = at::dequantize(execution.tensor(input));
        // Bytes may be channels-last, which a view that follows would not take.
        execution.slot(result) = keepsOrder && floats.dim() == 4 ? floats : floats.contiguous();
    });
}

Window poolWindow(const graph::Node& node) {
    const auto pair = [](const graph::Operand& operand) { return operand.literal<std::vector<std::int64_t>>().value(); };
    const graph::Pooling pooling(node);
    const auto kernel = pair(pooling.kernel()), stride = pair(pooling.stride()), padding = pair(pooling.padding()),
               dilation = pair(pooling.dilation());
    return {kernel[0], kernel[1], stride[0], stride[1], padding[0], padding[1], dilation[0], dilation[1]};
}

at::Tensor maxPool(const at::Tensor& given, const Window& window) {
    TORCH_CHECK(given.dim() == 4 || given.dim() == 3, "A 2-d pooling needs an input of 3 or 4 dimensions, not ", given.dim(), ".");
    const at::Tensor input = (given.dim() == 3 ? given.unsqueeze(0) : given).contiguous(at::MemoryFormat::ChannelsLast);
    const std::int64_t images = input.size(0), channels = input.size(1), height = input.size(2), width = input.size(3);
    const std::int64_t outHeight = window.outHeight(height), outWidth = window.outWidth(width);
    TORCH_CHECK(outHeight > 0 && outWidth > 0, "The pooling window is larger than the padded input.");
    const ActivationGrid grid{input.q_scale(), input.q_zero_point(), 0, 255};
    at::Tensor result = emptyBytes({images, channels, outHeight, outWidth}, grid, at::MemoryFormat::ChannelsLast);
    const auto* from = static_cast<const std::uint8_t*>(input.const_data_ptr());
    auto* to = static_cast<std::uint8_t*>(result.mutable_data_ptr());
    constexpr std::int64_t grainBytes = 1 << 16; // about 20 µs of work
    const std::int64_t grain = std::max<std::int64_t>(1, grainBytes / std::max<std::int64_t>(1, channels * height * width));
    at::parallel_for(0, images, grain, [&](std::int64_t begin, std::int64_t end) {
        thread_local std::vector<std::uint8_t> scratch;
        for (std::int64_t image = begin; image < end; ++image) {
            maxPoolBytes(from + image * channels * height * width, height, width, channels, window,
                         to + image * channels * outHeight * outWidth, scratch);
        }
    });
    return given.dim() == 3 ? result.squeeze(0) : result;
}

Made makeMaxPool(const KernelContext&, const graph::Node& node, InstructionInfo& info) {
    info.kernel = "Lathe byte max_pool2d";
    return makeInstruction([window = poolWindow(node), input = *graph::mainInput(node), result = node.results[0]](Execution& execution) {
        execution.slot(result) = maxPool(execution.tensor(input), window);
    });
}

/// Restored when the plan is compiled; the instruction only hands it out.
Made makeDequantizedWeight(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    graph::Node dequantize = node;
    dequantize.op = info.op;
    InstructionInfo ignored;
    auto kernel = findQdqKernel(dequantize.op)(context, dequantize, ignored);
    if (!kernel) return kernel;
    Slots slots = context.slots;
    Execution execution(slots, nullptr);
    (*kernel)->run(execution);
    info.kernel = "weight-only int8 → float";
    info.reason = "the weight is restored once, when the plan is made";
    return makeInstruction(
        [weight = execution.slot(node.results[0]), result = node.results[0]](Execution& run) { run.slot(result) = weight; });
}

Made makeLayer(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const Int8Layer& layer = context.lowered.layers.at(node.name);
    const at::Tensor weight = context.slots[static_cast<std::size_t>(layer.weight)].toTensor();
    const at::Tensor bias = layer.bias ? context.slots[static_cast<std::size_t>(*layer.bias)].toTensor() : at::Tensor();

    const bool isKnown = fbgemmHas(layer);
    const bool isGrouped = layer.groups > 1 && !isDepthwise(shapeOf(layer, weight));
    const bool wantsFbgemm = context.options.int8Kernels == Int8Kernels::Fbgemm ||
                             (context.options.int8Kernels == Int8Kernels::Automatic && cpuHasVnni() && isGrouped);
    const bool isExact = cpuHasVnni() || !mayFbgemmSaturate(layer, weight);
    const bool usesFbgemm = isKnown && wantsFbgemm && isExact;
    if (wantsFbgemm && !usesFbgemm) {
        info.reason = isKnown ? "FBGEMM's 16-bit sums could saturate on this CPU" : "FBGEMM has no kernel for a layer of this form";
    } else if (!usesFbgemm && !cpuHasVnni()) {
        info.reason = "this CPU has no VNNI: sums of 16-bit products are exact and as fast";
    }

    std::shared_ptr<Int8LayerKernel> kernel = usesFbgemm ? makeFbgemmKernel(layer, weight, bias) : makeLatheKernel(layer, weight, bias);
    info.kernel = usesFbgemm ? "FBGEMM int8 " : "Lathe int8 ";
    info.kernel += layer.isConvolution ? "conv2d" : "linear";
    if (layer.addsResidual) info.kernel += "+add";
    if (layer.activation != ActivationRange{})
        info.kernel += layer.activation == ActivationRange{0, ActivationRange{}.high} ? "+relu" : "+clamp";
    if (const auto* dynamic = std::get_if<quantization::Grid>(&layer.input))
        info.kernel += dynamic->granularity == quantization::Granularity::Token ? ", dynamic range per token" : ", dynamic range";
    if (!layer.output) info.kernel += ", float output";
    if (!kernel->instructions().empty()) info.kernel += " (" + std::string(kernel->instructions()) + ")";
    const auto residual = layer.addsResidual ? graph::Call(node).value("residual") : std::nullopt;
    return makeInstruction(
        [kernel = std::move(kernel), input = *graph::mainInput(node), residual, result = node.results[0]](Execution& execution) {
            execution.slot(result) = kernel->run(execution.tensor(input), residual ? execution.tensor(*residual) : at::Tensor());
        });
}

} // namespace

KernelFactory findInt8Kernel(const std::string& op) {
    static const std::unordered_map<std::string_view, KernelFactory> factories = {
        {op::quantizeBytes, makeQuantize},
        {op::maxPoolBytes, makeMaxPool},
        {op::dequantizeBytes, makeDequantize},
        {op::dequantizedWeight, makeDequantizedWeight},
        {op::int8Layer, makeLayer},
    };
    const auto found = factories.find(op);
    return found == factories.end() ? nullptr : found->second;
}

} // namespace lathe::runtime

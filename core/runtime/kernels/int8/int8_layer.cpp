#include <core/runtime/kernels/int8/int8_layer_torch.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include <core/graph/operators/call.h>
#include <core/quantization/pair_sums.h>

namespace lathe::runtime {

std::string kernelName(std::string_view library, const Int8Layer& layer) {
    std::string name = std::string(library) + " int8 " + (layer.isConvolution ? "conv2d" : "linear");
    if (layer.addsResidual) name += "+add";
    if (layer.activation != ActivationRange{}) name += layer.activation == ActivationRange{0, ActivationRange{}.high} ? "+relu" : "+clamp";
    if (const auto* dynamic = std::get_if<quantization::Grid>(&layer.input))
        name += dynamic->granularity == quantization::Granularity::Token ? ", dynamic range per token" : ", dynamic range";
    if (!layer.output) name += ", float output";
    return name;
}

bool hasSymmetricWeights(const Int8Layer& layer, const at::Tensor& weight) {
    return weight.scalar_type() == at::kChar && std::ranges::all_of(layer.weightZeroPoints, [](std::int64_t each) { return each == 0; });
}

bool maySaturate(const ActivationGrid& input, const at::Tensor& weight) {
    if (weight.numel() == 0) return false;
    const std::int64_t shift = weight.scalar_type() == at::kByte ? 128 : 0;
    const auto distance = [&](const at::Tensor& extreme) { return std::abs(extreme.item<std::int64_t>() - shift); };
    const std::int64_t largest = std::max(distance(weight.min()), distance(weight.max()));
    return quantization::pairSumsSaturate(input.maximum, largest);
}

Made makeInt8Instruction(std::string_view library, const Int8Layer& layer, std::shared_ptr<const Int8LayerKernel> kernel,
                         const graph::Node& node, InstructionInfo& info) {
    info.kernel = kernelName(library, layer);
    if (!kernel->instructions().empty()) info.kernel += " (" + std::string(kernel->instructions()) + ")";
    const auto residual = layer.addsResidual ? graph::Call(node).value("residual") : std::nullopt;
    return makeInstruction(
        [kernel = std::move(kernel), input = *graph::mainInput(node), residual, result = node.results[0]](Execution& execution) {
            execution.slot(result) = kernel->run(execution.tensor(input), residual ? execution.tensor(*residual) : at::Tensor());
        },
        weightsOf(layer));
}

std::vector<graph::ValueId> weightsOf(const Int8Layer& layer) {
    std::vector<graph::ValueId> weights{layer.weight};
    if (layer.bias) weights.push_back(*layer.bias);
    return weights;
}

at::Tensor biasOf(const KernelContext& context, const Int8Layer& layer) { return layer.bias ? context.weight(*layer.bias) : at::Tensor(); }

base::Message whyOnThisCpu(const Machine& machine) { return machine.hasVnni ? base::Message() : base::Message("kernel.noVnni", {}); }

} // namespace lathe::runtime

// Normalizations.
#include <algorithm>
#include <array>
#include <cmath>

#include <core/formats/onnx/emit.h>
#include <core/formats/onnx/message_writer.h>
#include <core/graph/operators/names.h>

namespace lathe::formats::onnx {

namespace {

using tensor::DType;

std::string epsilonOf(const Node& node, std::size_t index) {
    return floatAttribute("epsilon", static_cast<float>(numberAt(node, index, 1e-5)));
}

std::string filled(Emission& emission, std::int64_t count, float value) {
    return emission.constant("filled", tensor::Tensor::of<float>({count}, std::vector<float>(static_cast<std::size_t>(count), value)),
                             ElementType::Float);
}

/// x, scale, bias, mean, variance. `first`: where scale stands.
void withStatistics(Emission& emission, const Node& node, std::size_t epsilonAt) {
    if (!has(node, 3) || !has(node, 4)) throw CannotEmit{"lacks the statistics that ONNX's BatchNormalization needs"};
    std::vector<std::string> inputs{input(emission, node, 0)};
    inputs.push_back(has(node, 1) ? input(emission, node, 1) : filled(emission, knownSize(emission, node.operands[3], 0), 1));
    inputs.push_back(has(node, 2) ? input(emission, node, 2) : filled(emission, knownSize(emission, node.operands[3], 0), 0));
    inputs.push_back(input(emission, node, 3));
    inputs.push_back(input(emission, node, 4));
    emission.addTo(emission.result(node), "BatchNormalization", inputs, {epsilonOf(node, epsilonAt)});
}

/// One number for each index of the second dimension.
std::string perChannel(Emission& emission, const Node& node, std::size_t index) {
    Integers shape(static_cast<std::size_t>(knownRank(emission, node.operands[0]) - 1), 1);
    if (!shape.empty()) shape.front() = -1;
    return emission.add("Reshape", {input(emission, node, index), emission.integers(shape)});
}

std::string scaledPerChannel(Emission& emission, const Node& node, std::string y, std::size_t scaleAt) {
    if (has(node, scaleAt)) y = emission.add("Mul", {y, perChannel(emission, node, scaleAt)});
    if (has(node, scaleAt + 1)) y = emission.add("Add", {y, perChannel(emission, node, scaleAt + 1)});
    return y;
}

/// With mean and variance of each channel of the input itself, as weights are standardized (Qiao et al., arXiv:1903.10520).
void withOwnStatistics(Emission& emission, const Node& node) {
    Integers axes{0};
    for (std::int64_t axis = 2; axis < knownRank(emission, node.operands[0]); ++axis)
        axes.push_back(axis);
    const std::string x = input(emission, node, 0);
    const std::string centred = emission.add("Sub", {x, reduced(emission, "ReduceMean", x, axes, true)});
    const std::string variance = reduced(emission, "ReduceMean", emission.add("Mul", {centred, centred}), axes, true);
    const std::string epsilon = number(emission, numberAt(node, 7, 1e-5), typeOf(emission, node.operands[0]));
    const std::string deviation = emission.add("Sqrt", {emission.add("Add", {variance, epsilon})});
    emission.alias(node.results.front(), scaledPerChannel(emission, node, emission.add("Div", {centred, deviation}), 1));
}

/// batch_norm and native_batch_norm(x, scale, bias, mean, variance, training, momentum, epsilon).
void batchNorm(Emission& emission, const Node& node) {
    if (!flagAt(node, 5, false)) return withStatistics(emission, node, 7);
    if (has(node, 3) || has(node, 4)) throw CannotEmit{"is in training mode"}; // it also changes them
    if (isUsed(emission, node, 1) || isUsed(emission, node, 2)) throw CannotEmit{"hands on its statistics, which ONNX does not"};
    withOwnStatistics(emission, node);
}
/// _native_batch_norm_legit_no_training(x, scale, bias, mean, variance, momentum, epsilon).
void batchNormInEvaluation(Emission& emission, const Node& node) { withStatistics(emission, node, 6); }

/// instance_norm(x, scale, bias, mean, variance, of the input?, momentum, epsilon).
void instanceNorm(Emission& emission, const Node& node) {
    if (!flagAt(node, 5, true)) return withStatistics(emission, node, 7);
    const std::int64_t channels = knownSize(emission, node.operands[0], 1);
    emission.addTo(emission.result(node), "InstanceNormalization",
                   {input(emission, node, 0), has(node, 1) ? input(emission, node, 1) : filled(emission, channels, 1),
                    has(node, 2) ? input(emission, node, 2) : filled(emission, channels, 0)},
                   {epsilonOf(node, 7)});
}

/// Groups are the channels of an instance normalization; scale and bias follow for each channel.
void groups(Emission& emission, const Node& node, std::int64_t count, std::size_t scaleAt, std::size_t epsilonAt) {
    const std::string x = input(emission, node, 0);
    const std::string grouped = emission.add("Reshape", {x, emission.integers({0, count, -1})});
    const std::string normalized = emission.add("InstanceNormalization", {grouped, filled(emission, count, 1), filled(emission, count, 0)},
                                                {epsilonOf(node, epsilonAt)});
    const std::string y = emission.add("Reshape", {normalized, emission.add("Shape", {x})});
    emission.alias(node.results.front(), scaledPerChannel(emission, node, y, scaleAt));
}
void groupNorm(Emission& emission, const Node& node) { groups(emission, node, integerAt(node, 1, 1), 2, 4); }
/// native_group_norm(x, scale, bias, samples, channels, pixels, groups, epsilon).
void nativeGroupNorm(Emission& emission, const Node& node) {
    if (isUsed(emission, node, 1) || isUsed(emission, node, 2)) throw CannotEmit{"hands on its statistics, which ONNX does not"};
    groups(emission, node, integerAt(node, 6, 1), 1, 7);
}

/// The scale of a normalization over these last dimensions, ones where there is none.
std::string scaleOver(Emission& emission, const Node& node, std::size_t index, const Integers& shape) {
    if (has(node, index)) return input(emission, node, index);
    const std::vector<float> ones(static_cast<std::size_t>(tensor::elementCount(shape)), 1.0F);
    return emission.constant("ones", tensor::Tensor::of<float>(shape, ones), ElementType::Float);
}

/// layer_norm and native_layer_norm(x, shape, scale, bias, epsilon).
void layerNorm(Emission& emission, const Node& node) {
    const auto shape = node.operands.at(1).literal<Integers>();
    if (!shape) throw CannotEmit{"has no shape that is known"};
    if (isUsed(emission, node, 1) || isUsed(emission, node, 2)) throw CannotEmit{"hands on its statistics, which ONNX does not"};
    std::vector<std::string> inputs{input(emission, node, 0), scaleOver(emission, node, 2, *shape)};
    if (has(node, 3)) inputs.push_back(input(emission, node, 3));
    emission.addTo(emission.result(node), "LayerNormalization", inputs,
                   {integerAttribute("axis", -std::ssize(*shape)), epsilonOf(node, 4)});
}

/// x / √(mean(x²) + ε) · scale, over the last dimensions.
void rmsNorm(Emission& emission, const Node& node) {
    const auto shape = node.operands.at(1).literal<Integers>();
    if (!shape) throw CannotEmit{"has no shape that is known"};
    const DType dtype = typeOf(emission, node.operands[0]);
    Integers axes;
    for (std::int64_t axis = -std::ssize(*shape); axis < 0; ++axis)
        axes.push_back(axis);
    const std::string x = input(emission, node, 0);
    const std::string mean = reduced(emission, "ReduceMean", emission.add("Mul", {x, x}), axes, true);
    const double epsilon = has(node, 3) ? numberAt(node, 3, 0) : 1.1920928955078125e-07; // float32's, as in PyTorch
    const std::string root = emission.add("Sqrt", {emission.add("Add", {mean, number(emission, epsilon, dtype)})});
    const std::string normalized = emission.add("Div", {x, root});
    if (!has(node, 2)) return emission.alias(node.results.front(), normalized);
    emission.addTo(emission.result(node), "Mul", {normalized, input(emission, node, 2)});
}

constexpr std::array entries{
    EmitEntry{graph::op::batchNorm, batchNorm},
    EmitEntry{"aten::native_batch_norm", batchNorm},
    EmitEntry{"aten::_native_batch_norm_legit_no_training", batchNormInEvaluation},
    EmitEntry{"aten::instance_norm", instanceNorm},
    EmitEntry{"aten::group_norm", groupNorm},
    EmitEntry{"aten::native_group_norm", nativeGroupNorm},
    EmitEntry{"aten::layer_norm", layerNorm},
    EmitEntry{"aten::native_layer_norm", layerNorm},
    EmitEntry{"aten::rms_norm", rmsNorm},
};

} // namespace

std::span<const EmitEntry> normalizationEmitters() { return entries; }

} // namespace lathe::formats::onnx

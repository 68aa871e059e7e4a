#pragma once

#include <tests/core/runtime/graphs.h>

/// Graphs with quantize and dequantize nodes, as the quantization step of a recipe makes them.
namespace lathe::runtime::testing {

struct Grid {
    double scale = 0.02;
    std::int64_t zeroPoint = 0;
    std::int64_t minimum = 0;
    std::int64_t maximum = 127;
    std::string dtype = "uint8";
};

inline std::vector<Operand> gridOperands(graph::ValueId value, const Grid& grid) {
    return {value, real(grid.scale), integer(grid.zeroPoint), integer(grid.minimum), integer(grid.maximum), word(grid.dtype)};
}

inline graph::ValueId addQuantize(Graph& graph, const std::string& name, graph::ValueId value, const Grid& grid) {
    return graph.addNode(std::string(graph::op::quantizePerTensor), name, gridOperands(value, grid)).results[0];
}
inline graph::ValueId addDequantize(Graph& graph, const std::string& name, graph::ValueId value, const Grid& grid) {
    return graph.addNode(std::string(graph::op::dequantizePerTensor), name, gridOperands(value, grid)).results[0];
}
/// quantize → dequantize
inline graph::ValueId addPair(Graph& graph, const std::string& name, graph::ValueId value, const Grid& grid) {
    return addDequantize(graph, name + ".dequantize", addQuantize(graph, name + ".quantize", value, grid), grid);
}

enum class WeightForm { PerChannel, PerTensor, PerChannelUnsigned };

/// A random integer weight and the node that restores it.
inline graph::ValueId addIntegerWeight(Graph& graph, const std::string& name, const Ints& shape, WeightForm form = WeightForm::PerChannel) {
    const std::int64_t fanIn = shape[0] == 0 ? 1 : at::zeros(shape).numel() / shape[0];
    const double scale = 1.0 / (127.0 * std::sqrt(static_cast<double>(fanIn)));
    if (form == WeightForm::PerTensor) {
        const auto weight = graph.addWeight(name + ".weight", fromAten(at::randint(-127, 128, shape).to(at::kChar)));
        return addDequantize(graph, name + ".weight.dequantize", weight, {scale, 0, -127, 127, "int8"});
    }
    const bool isUnsigned = form == WeightForm::PerChannelUnsigned;
    const at::Tensor values = isUnsigned ? at::randint(0, 256, shape).to(at::kByte) : at::randint(-127, 128, shape).to(at::kChar);
    const at::Tensor zeroPoints = isUnsigned ? at::randint(100, 156, {shape[0]}) : at::zeros({shape[0]});
    const auto weight = graph.addWeight(name + ".weight", fromAten(values));
    const auto scales = graph.addWeight(name + ".weight.scales", fromAten((at::rand({shape[0]}) + 0.5) * scale), false);
    const auto zeros = graph.addWeight(name + ".weight.zero_points", fromAten(zeroPoints.to(at::kLong)), false);
    return graph
        .addNode(std::string(graph::op::dequantizePerChannel), name + ".weight.dequantize",
                 {weight, scales, zeros, integer(0), integer(isUnsigned ? 0 : -127), integer(isUnsigned ? 255 : 127),
                  word(isUnsigned ? "uint8" : "int8")})
        .results[0];
}

struct ConvForm {
    Ints stride = {1, 1};
    Ints padding = {0, 0};
    Ints dilation = {1, 1};
    std::int64_t groups = 1;
    WeightForm weight = WeightForm::PerChannel;
    bool hasBias = true;
};

inline graph::ValueId addQuantizedConv(Graph& graph, const std::string& name, graph::ValueId input, std::int64_t in, std::int64_t out,
                                       Ints kernel, const ConvForm& form = {}, std::string_view op = graph::op::conv2d) {
    const auto weight = addIntegerWeight(graph, name, {out, in / form.groups, kernel[0], kernel[1]}, form.weight);
    const Operand bias = form.hasBias ? Operand(addRandomWeight(graph, name + ".bias", {out})) : none();
    return graph
        .addNode(std::string(op), name,
                 {input, weight, bias, ints(form.stride), ints(form.padding), ints(form.dilation), integer(form.groups)})
        .results[0];
}

inline graph::ValueId addQuantizedLinear(Graph& graph, const std::string& name, graph::ValueId input, std::int64_t in, std::int64_t out,
                                         WeightForm form = WeightForm::PerChannel, std::string_view op = graph::op::linear) {
    const auto weight = addIntegerWeight(graph, name, {out, in}, form);
    const auto bias = addRandomWeight(graph, name + ".bias", {out});
    return graph.addNode(std::string(op), name, {input, weight, bias}).results[0];
}

/// LeNet-5 with static int8 everywhere; `maximum` of the activation grids 127 (reduced) or 255.
inline Graph quantizedLeNet(std::int64_t maximum = 127) {
    const double step = 127.0 / static_cast<double>(maximum);
    const Grid signedGrid{0.05 * step, (maximum + 1) / 2, 0, maximum};
    const Grid positive{0.03 * step, 0, 0, maximum};
    Graph graph;
    graph.name = "lenet5";
    auto value = addPair(graph, "input", graph.addInput("x"), signedGrid);
    value = addRelu(graph, "relu1", addQuantizedConv(graph, "conv1", value, 1, 6, {5, 5}));
    value = addPair(graph, "act1", addMaxPool(graph, "pool1", value), positive);
    value = addQuantizedConv(graph, "conv2", value, 6, 16, {5, 5}, {}, graph::op::conv2dRelu);
    value = addFlatten(graph, "flatten", addMaxPool(graph, "pool2", addPair(graph, "act2", value, positive)));
    value =
        addPair(graph, "act3", addQuantizedLinear(graph, "fc1", value, 400, 120, WeightForm::PerChannel, graph::op::linearRelu), positive);
    value = addPair(graph, "act4", addRelu(graph, "relu4", addQuantizedLinear(graph, "fc2", value, 120, 84)), positive);
    graph.main.outputs.emplace_back(addQuantizedLinear(graph, "fc3", value, 84, 10));
    return graph;
}

inline Plan simulated(const Graph& graph) {
    PlanOptions options;
    options.quantization = QuantizationMode::Simulated;
    return compiled(graph, options);
}

inline const InstructionInfo* infoOf(const Plan& plan, const std::string& node) {
    for (const InstructionInfo& info : plan.instructions()) {
        if (info.node == node) return &info;
    }
    return nullptr;
}

} // namespace lathe::runtime::testing

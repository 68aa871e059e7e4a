#include <core/transform/quantize/insert_qdq.h>

#include <algorithm>

#include <core/graph/ops.h>
#include <core/transform/rewrite.h>

namespace lathe::transform {

namespace {

using graph::Graph;
using graph::Literal;
using graph::Operand;
using graph::ValueId;
using tensor::DType;

Operand integer(std::int64_t value) { return Literal(value); }
Operand text(std::string_view value) { return Literal(std::string(value)); }

/// "pool1" for the nodes behind "pool1_out": the name of its node, mostly.
std::string nameFor(const Graph& graph, ValueId value) {
    constexpr std::string_view ending = "_out";
    std::string name = graph.value(value).name;
    if (name.size() > ending.size() && name.ends_with(ending)) name.resize(name.size() - ending.size());
    return name;
}

/// Behind the node of the main block that makes the value; the start for inputs.
std::size_t positionBehind(const Graph& graph, ValueId value) {
    const auto& nodes = graph.main.nodes;
    const auto makes = [&](const graph::Node& node) { return std::ranges::find(node.results, value) != node.results.end(); };
    const auto producer = std::ranges::find_if(nodes, makes);
    return producer == nodes.end() ? 0 : static_cast<std::size_t>(producer - nodes.begin()) + 1;
}

/// Inserts a node with one result at `position`, which then points behind it.
ValueId insert(Graph& graph, std::size_t& position, std::string_view op, const std::string& name, std::vector<Operand> operands,
               DType dtype, std::optional<std::vector<graph::Dim>> shape) {
    const ValueId result = insertNode(graph, position++, std::string(op), name, std::move(operands)).results.front();
    graph.value(result).dtype = dtype;
    graph.value(result).shape = std::move(shape);
    return result;
}

/// Every reader of `value` but the model's outputs reads what is inserted next.
class Redirection {
public:
    Redirection(Graph& graph, ValueId value)
        : m_graph(graph), m_outputs(graph.main.outputs), m_placeholder(graph.addResult(graph.freeValueName("redirected"))) {
        graph::replaceUses(graph, value, m_placeholder);
        graph.main.outputs = m_outputs;
    }
    void to(ValueId replacement) {
        graph::replaceUses(m_graph, m_placeholder, replacement);
        m_graph.main.outputs = m_outputs;
    }

private:
    Graph& m_graph;
    std::vector<Operand> m_outputs;
    ValueId m_placeholder;
};

} // namespace

ValueId insertActivationQdq(Graph& graph, ValueId value, const ActivationQuantization& quantization) {
    Redirection readers(graph, value);
    std::size_t position = positionBehind(graph, value);
    const std::string name = nameFor(graph, value);
    const auto shape = graph.value(value).shape;
    const auto operands = [&](ValueId input) {
        return std::vector<Operand>{input,
                                    Literal(static_cast<double>(quantization.parameters.scale)),
                                    integer(quantization.parameters.zeroPoint),
                                    integer(quantization.range.low),
                                    integer(quantization.range.high),
                                    text(tensor::name(DType::UInt8))};
    };
    const ValueId quantized =
        insert(graph, position, graph::op::quantizePerTensor, name + "_quantize", operands(value), DType::UInt8, shape);
    const ValueId dequantized =
        insert(graph, position, graph::op::dequantizePerTensor, name + "_dequantize", operands(quantized), DType::Float32, shape);
    readers.to(dequantized);
    return dequantized;
}

namespace {

/// Operators and operands of the three nodes that find a grid while the model runs, and use it.
struct DynamicNodes {
    std::string_view choose, quantize, dequantize;
    std::vector<Operand> chooseOperands; ///< behind the input
    IntegerRange range;
    DType dtype;
    std::optional<std::vector<graph::Dim>> gridShape;
};

ValueId insertDynamic(Graph& graph, ValueId value, const std::vector<std::string>& layers, DynamicNodes nodes) {
    std::size_t position = positionBehind(graph, value);
    const std::string name = nameFor(graph, value);
    const auto shape = graph.value(value).shape;
    const Operand low = integer(nodes.range.low), high = integer(nodes.range.high), dtype = text(tensor::name(nodes.dtype));

    nodes.chooseOperands.insert(nodes.chooseOperands.begin(), value);
    const graph::Node& choose =
        insertNode(graph, position++, std::string(nodes.choose), name + "_choose_qparams", std::move(nodes.chooseOperands), 2);
    const ValueId scale = choose.results[0], zeroPoint = choose.results[1];
    graph.value(scale).dtype = DType::Float64;
    graph.value(zeroPoint).dtype = DType::Int64;
    graph.value(scale).shape = graph.value(zeroPoint).shape = std::move(nodes.gridShape);

    const ValueId quantized =
        insert(graph, position, nodes.quantize, name + "_quantize", {value, scale, zeroPoint, low, high, dtype}, nodes.dtype, shape);
    const ValueId dequantized = insert(graph, position, nodes.dequantize, name + "_dequantize",
                                       {quantized, scale, zeroPoint, low, high, dtype}, DType::Float32, shape);
    for (const std::string& layer : layers)
        graph.findNode(layer)->operands[0] = dequantized;
    return dequantized;
}

} // namespace

ValueId insertDynamicQdq(Graph& graph, ValueId value, const std::vector<std::string>& layers, IntegerRange range) {
    constexpr double epsilon = 1.1920928955078125e-07; // float32's, as PyTorch uses it here
    return insertDynamic(graph, value, layers,
                         {graph::op::chooseQparams,
                          graph::op::quantizePerTensorDynamic,
                          graph::op::dequantizePerTensorDynamic,
                          {integer(range.low), integer(range.high), Literal(epsilon), text(tensor::name(DType::UInt8))},
                          range,
                          DType::UInt8,
                          graph::dims({1})});
}

ValueId insertPerTokenQdq(Graph& graph, ValueId value, const std::vector<std::string>& layers) {
    auto gridShape = graph.value(value).shape;
    if (gridShape && !gridShape->empty()) gridShape->back() = graph::Dim{1, ""};
    return insertDynamic(graph, value, layers,
                         {graph::op::chooseQparamsPerToken,
                          graph::op::quantizePerToken,
                          graph::op::dequantizePerToken,
                          {text(tensor::name(DType::Int8))},
                          {-128, 127},
                          DType::Int8,
                          std::move(gridShape)});
}

void insertWeightDequantize(Graph& graph, ValueId weight, const QuantizedWeight& quantized) {
    std::size_t position = firstUse(graph, weight);
    Redirection readers(graph, weight);
    const std::string name = graph.value(weight).name;
    const auto shape = graph.value(weight).shape;
    setWeight(graph, weight, quantized.values);

    const Operand low = integer(quantized.range.low), high = integer(quantized.range.high), dtype = text(tensor::name(DType::Int8));
    ValueId dequantized = -1;
    if (quantized.parameters.size() == 1) {
        const QuantizationParameters& one = quantized.parameters.front();
        dequantized =
            insert(graph, position, graph::op::dequantizePerTensor, name + "_dequantize",
                   {weight, Literal(static_cast<double>(one.scale)), integer(one.zeroPoint), low, high, dtype}, DType::Float32, shape);
    } else {
        std::vector<float> scales;
        std::vector<std::int64_t> zeroPoints;
        for (const QuantizationParameters& channel : quantized.parameters) {
            scales.push_back(channel.scale);
            zeroPoints.push_back(channel.zeroPoint);
        }
        const auto channels = static_cast<std::int64_t>(scales.size());
        const ValueId scale = graph.addWeight(graph.freeValueName(name + "_scale"), tensor::Tensor::of({channels}, scales), false);
        const ValueId zeroPoint =
            graph.addWeight(graph.freeValueName(name + "_zero_point"), tensor::Tensor::of({channels}, zeroPoints), false);
        dequantized = insert(graph, position, graph::op::dequantizePerChannel, name + "_dequantize",
                             {weight, scale, zeroPoint, integer(quantized.axis), low, high, dtype}, DType::Float32, shape);
    }
    readers.to(dequantized);
}

} // namespace lathe::transform

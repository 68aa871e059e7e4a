#include <core/transform/quantize/insert_qdq.h>

#include <core/graph/operators/names.h>
#include <core/transform/rewrite.h>

namespace lathe::transform {

namespace {

using graph::Editor;
using graph::Graph;
using graph::Literal;
using graph::Node;
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

/// The readers of the value but the model's outputs.
std::vector<Editor::Use> readersOf(const Editor& editor, ValueId value) {
    std::vector<Editor::Use> readers = editor.uses(value);
    std::erase_if(readers, [&](const Editor::Use& use) { return use.node == nullptr && use.block == &editor.graph().main; });
    return readers;
}

/// Behind the node of the main block that makes the value; at the start for inputs.
Node& insertBehind(Editor& editor, ValueId value, Node node) {
    const Node* producer = editor.producer(value);
    if (producer == nullptr || !editor.isInMain(*producer)) return editor.insertFirst(editor.graph().main, std::move(node));
    return editor.insertBehind(*producer, std::move(node));
}

/// Says what the one result of a node is, and returns it.
ValueId describe(Graph& graph, const Node& node, DType dtype, std::optional<std::vector<graph::Dim>> shape) {
    graph::Value& result = graph.value(node.results.front());
    result.dtype = dtype;
    result.shape = std::move(shape);
    return node.results.front();
}

} // namespace

ValueId insertActivationQdq(Editor& editor, ValueId value, const ActivationQuantization& quantization) {
    Graph& graph = editor.graph();
    const std::vector<Editor::Use> readers = readersOf(editor, value);
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
    Node& quantize = insertBehind(editor, value, editor.makeNode(graph::op::quantizePerTensor, name + "_quantize", operands(value)));
    const ValueId integers = describe(graph, quantize, DType::UInt8, shape);
    const ValueId dequantized = describe(
        graph, editor.insertBehind(quantize, editor.makeNode(graph::op::dequantizePerTensor, name + "_dequantize", operands(integers))),
        DType::Float32, shape);
    editor.redirect(readers, dequantized);
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

ValueId insertDynamic(Editor& editor, ValueId value, const std::vector<std::string>& layers, DynamicNodes nodes) {
    Graph& graph = editor.graph();
    const std::string name = nameFor(graph, value);
    const auto shape = graph.value(value).shape;
    const Operand low = integer(nodes.range.low), high = integer(nodes.range.high), dtype = text(tensor::name(nodes.dtype));

    nodes.chooseOperands.insert(nodes.chooseOperands.begin(), value);
    Node& choose = insertBehind(editor, value, editor.makeNode(nodes.choose, name + "_choose_qparams", std::move(nodes.chooseOperands), 2));
    const ValueId scale = choose.results[0], zeroPoint = choose.results[1];
    graph.value(scale).dtype = DType::Float64;
    graph.value(zeroPoint).dtype = DType::Int64;
    graph.value(scale).shape = graph.value(zeroPoint).shape = std::move(nodes.gridShape);

    Node& quantize =
        editor.insertBehind(choose, editor.makeNode(nodes.quantize, name + "_quantize", {value, scale, zeroPoint, low, high, dtype}));
    const ValueId quantized = describe(graph, quantize, nodes.dtype, shape);
    Node& dequantize = editor.insertBehind(
        quantize, editor.makeNode(nodes.dequantize, name + "_dequantize", {quantized, scale, zeroPoint, low, high, dtype}));
    const ValueId dequantized = describe(graph, dequantize, DType::Float32, shape);
    for (const std::string& layer : layers)
        editor.setOperand(*editor.findNode(layer), 0, dequantized);
    return dequantized;
}

} // namespace

ValueId insertDynamicQdq(Editor& editor, ValueId value, const std::vector<std::string>& layers, IntegerRange range) {
    constexpr double epsilon = 1.1920928955078125e-07; // float32's, as PyTorch uses it here
    return insertDynamic(editor, value, layers,
                         {graph::op::chooseQparams,
                          graph::op::quantizePerTensorDynamic,
                          graph::op::dequantizePerTensorDynamic,
                          {integer(range.low), integer(range.high), Literal(epsilon), text(tensor::name(DType::UInt8))},
                          range,
                          DType::UInt8,
                          graph::dims({1})});
}

ValueId insertPerTokenQdq(Editor& editor, ValueId value, const std::vector<std::string>& layers) {
    auto gridShape = editor.graph().value(value).shape;
    if (gridShape && !gridShape->empty()) gridShape->back() = graph::Dim{1, ""};
    return insertDynamic(editor, value, layers,
                         {graph::op::chooseQparamsPerToken,
                          graph::op::quantizePerToken,
                          graph::op::dequantizePerToken,
                          {text(tensor::name(DType::Int8))},
                          {-128, 127},
                          DType::Int8,
                          std::move(gridShape)});
}

void insertWeightDequantize(Editor& editor, ValueId weight, const QuantizedWeight& quantized) {
    Graph& graph = editor.graph();
    const Node* first = editor.firstReader(weight);
    const std::vector<Editor::Use> readers = readersOf(editor, weight);
    const std::string name = graph.value(weight).name;
    const auto shape = graph.value(weight).shape;
    setWeight(graph, weight, quantized.values);

    const Operand low = integer(quantized.range.low), high = integer(quantized.range.high), dtype = text(tensor::name(DType::Int8));
    const auto insert = [&](std::string_view op, std::vector<Operand> operands) {
        Node made = editor.makeNode(op, name + "_dequantize", std::move(operands));
        return describe(graph, first == nullptr ? editor.append(graph.main, std::move(made)) : editor.insertBefore(*first, std::move(made)),
                        DType::Float32, shape);
    };
    ValueId dequantized = -1;
    if (quantized.parameters.size() == 1) {
        const QuantizationParameters& one = quantized.parameters.front();
        dequantized = insert(graph::op::dequantizePerTensor,
                             {weight, Literal(static_cast<double>(one.scale)), integer(one.zeroPoint), low, high, dtype});
    } else {
        std::vector<float> scales;
        std::vector<std::int64_t> zeroPoints;
        for (const QuantizationParameters& channel : quantized.parameters) {
            scales.push_back(channel.scale);
            zeroPoints.push_back(channel.zeroPoint);
        }
        const auto channels = static_cast<std::int64_t>(scales.size());
        const ValueId scale = editor.addWeight(name + "_scale", tensor::Tensor::of({channels}, scales), false);
        const ValueId zeroPoint = editor.addWeight(name + "_zero_point", tensor::Tensor::of({channels}, zeroPoints), false);
        dequantized = insert(graph::op::dequantizePerChannel, {weight, scale, zeroPoint, integer(quantized.axis), low, high, dtype});
    }
    editor.redirect(readers, dequantized);
}

} // namespace lathe::transform

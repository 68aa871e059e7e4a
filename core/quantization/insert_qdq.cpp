#include <core/quantization/insert_qdq.h>

#include <core/graph/operators/conversion.h>
#include <core/graph/operators/names.h>
#include <core/quantization/qdq.h>

namespace lathe::quantization {

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

std::vector<Operand> qdqOperands(ValueId input, const TensorGrid& grid) {
    return {
        input, Literal(grid.scale), integer(grid.zeroPoint), integer(grid.minimum), integer(grid.maximum), text(tensor::name(grid.dtype))};
}

ValueId insertQdq(Editor& editor, ValueId value, const TensorGrid& grid) {
    Graph& graph = editor.graph();
    const std::vector<Editor::Use> readers = readersOf(editor, value);
    const std::string name = nameFor(graph, value);
    const auto shape = graph.value(value).shape;
    Grid form;
    form.range = grid.range();
    const QdqOperators operators = qdqOperators(form);
    Node& quantize = insertBehind(editor, value, editor.makeNode(operators.quantize, name + "_quantize", qdqOperands(value, grid)));
    const ValueId integers = describe(graph, quantize, grid.dtype, shape);
    const ValueId dequantized = describe(
        graph, editor.insertBehind(quantize, editor.makeNode(operators.dequantize, name + "_dequantize", qdqOperands(integers, grid))),
        DType::Float32, shape);
    editor.redirect(readers, dequantized);
    return dequantized;
}

ValueId insertDynamicQdq(Editor& editor, ValueId value, const std::vector<std::string>& layers, const Grid& grid) {
    Graph& graph = editor.graph();
    const std::string name = nameFor(graph, value);
    const auto shape = graph.value(value).shape;
    const QdqOperators operators = qdqOperators(grid);
    const Operand low = integer(grid.range.minimum), high = integer(grid.range.maximum), dtype = text(tensor::name(grid.range.dtype));
    const bool isPerToken = grid.granularity == Granularity::Token; // its range is the operator's
    auto gridShape = isPerToken ? shape : graph::dims({1});
    if (isPerToken && gridShape && !gridShape->empty()) gridShape->back() = graph::Dim{1, ""};

    std::vector<Operand> chosen{value, dtype};
    if (!isPerToken) chosen = {value, low, high, Literal(grid.smallestScale), dtype};
    Node& choose = insertBehind(editor, value, editor.makeNode(operators.choose, name + "_choose_qparams", std::move(chosen), 2));
    const ValueId scale = choose.results[0], zeroPoint = choose.results[1];
    graph.value(scale).dtype = DType::Float64;
    graph.value(zeroPoint).dtype = DType::Int64;
    graph.value(scale).shape = graph.value(zeroPoint).shape = std::move(gridShape);

    Node& quantize =
        editor.insertBehind(choose, editor.makeNode(operators.quantize, name + "_quantize", {value, scale, zeroPoint, low, high, dtype}));
    const ValueId quantized = describe(graph, quantize, grid.range.dtype, shape);
    Node& dequantize = editor.insertBehind(
        quantize, editor.makeNode(operators.dequantize, name + "_dequantize", {quantized, scale, zeroPoint, low, high, dtype}));
    const ValueId dequantized = describe(graph, dequantize, DType::Float32, shape);
    for (const std::string& layer : layers)
        editor.setOperand(*editor.findNode(layer), 0, dequantized);
    return dequantized;
}

void insertWeightDequantize(Editor& editor, ValueId weight, tensor::Tensor integers, const Grid& grid, const GridNumbers& numbers) {
    Graph& graph = editor.graph();
    const Node* first = editor.firstReader(weight);
    const std::vector<Editor::Use> readers = readersOf(editor, weight);
    const std::string name = graph.value(weight).name;
    const auto shape = graph.value(weight).shape;
    const DType dtype = graph.value(weight).data.dtype();
    graph::Value& stored = graph.value(weight);
    stored.dtype = integers.dtype();
    stored.shape = graph::dims(integers.shape());
    stored.data = std::move(integers);

    Grid form = grid;
    form.granularity = numbers.scales.size() == 1 ? Granularity::Tensor : Granularity::Channel;
    const QdqOperators operators = qdqOperators(form);
    std::vector<Operand> operands;
    if (form.granularity == Granularity::Tensor) {
        operands = qdqOperands(weight, {static_cast<double>(numbers.scales.front()), numbers.zeroPoints.front(), grid.range.minimum,
                                        grid.range.maximum, grid.range.dtype});
    } else {
        const auto channels = static_cast<std::int64_t>(numbers.scales.size());
        const ValueId scale = editor.addWeight(name + "_scale", tensor::Tensor::of({channels}, numbers.scales), false);
        const ValueId zeroPoint = editor.addWeight(name + "_zero_point", tensor::Tensor::of({channels}, numbers.zeroPoints), false);
        operands = {weight,
                    scale,
                    zeroPoint,
                    integer(grid.axis),
                    integer(grid.range.minimum),
                    integer(grid.range.maximum),
                    text(tensor::name(grid.range.dtype))};
    }
    Node made = editor.makeNode(operators.dequantize, name + "_dequantize", std::move(operands));
    Node& dequantize = first == nullptr ? editor.append(graph.main, std::move(made)) : editor.insertBefore(*first, std::move(made));
    ValueId dequantized = describe(graph, dequantize, DType::Float32, shape);
    if (dtype != DType::Float32 && graph::isFloatingPoint(dtype)) {
        Node& converted = editor.insertBehind(dequantize, editor.makeNode(graph::op::toDtype, name + "_" + std::string(tensor::name(dtype)),
                                                                          graph::conversionOperands(dequantized, dtype)));
        dequantized = describe(graph, converted, dtype, shape);
    }
    editor.redirect(readers, dequantized);
}

} // namespace lathe::quantization

#include <core/transform/factorize/replace_layer.h>

#include <algorithm>
#include <string>

#include <core/graph/operators/convolution.h>
#include <core/graph/operators/names.h>
#include <core/transform/rewrite.h>

namespace lathe::transform {

namespace {

using graph::Literal;
using graph::Node;
using graph::Operand;
using graph::ValueId;

Operand numbers(std::size_t count, std::int64_t number) { return Literal(std::vector<std::int64_t>(count, number)); }

/// The numbers of one dimension of two; the other gets `neutral`.
void keepDimension(Node& node, std::string_view role, std::size_t dimension, std::int64_t neutral) {
    const graph::Call call(node);
    if (call.op() == nullptr || !call.op()->position(role)) return;
    const auto one = call.integer(role);
    const std::vector<std::int64_t> all = one ? std::vector(2, *one) : *call.integers(role);
    std::vector<std::int64_t> kept(2, neutral);
    kept[dimension] = all[all.size() == 1 ? 0 : dimension];
    graph::setOperand(node, role, Literal(kept));
}

/// The operator and operands of a factor; its name and results are not its own yet.
Node nodeFor(const Node& layer, const Factor& factor, bool isLast) {
    Node node = layer;
    if (!isLast) {
        node.op = graph::unfusedOperator(layer.op);
        graph::setOperand(node, "bias", Operand());
    }
    const std::size_t dimensions = factor.filters.kernel.size();
    switch (factor.kernel) {
    case Factor::Kernel::Whole:
        if (dimensions > 0) graph::setOperand(node, "groups", Literal(factor.filters.groups)); // of CP each channel by itself
        break;
    case Factor::Kernel::Rows:
    case Factor::Kernel::Columns: {
        const std::size_t dimension = factor.kernel == Factor::Kernel::Rows ? 0 : 1;
        keepDimension(node, "stride", dimension, 1);
        keepDimension(node, "padding", dimension, 0);
        keepDimension(node, "dilation", dimension, 1);
        keepDimension(node, "output_padding", dimension, 0);
        break;
    }
    case Factor::Kernel::Point: {
        if (dimensions == 0) break; // a linear layer
        const graph::Convolution convolution(node);
        std::vector<Operand> operands{convolution.input(),           convolution.weight(),   convolution.bias(),
                                      numbers(dimensions, 1),        numbers(dimensions, 0), numbers(dimensions, 1),
                                      Literal(factor.filters.groups)};
        node.operands = std::move(operands);
        if (node.op != graph::op::conv2dRelu) {
            node.op = graph::op::conv2d;
            node.op[node.op.size() - 2] = static_cast<char>('0' + dimensions); // conv1d, conv3d
        }
        break;
    }
    }
    return node;
}

using Dims = std::optional<std::vector<graph::Dim>>;

/// The shape behind a factor, as far as those in front of the layer and behind it tell.
Dims shapeBehind(const Factor& factor, const Dims& before, const Dims& layerResult) {
    const std::size_t dimensions = factor.filters.kernel.size();
    const bool isPoint = factor.kernel == Factor::Kernel::Point;
    Dims shape = isPoint || dimensions == 0 ? before : layerResult;
    if (!shape || shape->size() <= dimensions) return std::nullopt;
    if (factor.kernel == Factor::Kernel::Rows) {
        if (!before || before->size() != shape->size()) return std::nullopt;
        shape->back() = before->back();
    }
    (*shape)[shape->size() - dimensions - 1] = graph::Dim{factor.filters.groups * factor.filters.outputs, ""};
    return shape;
}

void replaceBias(graph::Editor& editor, Node& layer, const std::vector<float>& bias) {
    graph::Graph& graph = editor.graph();
    const ValueId old = *graph::Call(layer).value("bias");
    if (editor.useCount(old) == 1) return setNumbers(graph, old, bias);
    const tensor::Tensor& data = graph.value(old).data;
    tensor::Tensor changed = tensor::Tensor::of(data.shape(), bias).to(data.dtype());
    Node node = layer;
    graph::setOperand(node, "bias", editor.addWeight(layer.name + ".bias", std::move(changed), graph.value(old).isParameter));
    editor.setOperands(layer, std::move(node.operands));
}

} // namespace

void replaceLayer(graph::Editor& editor, graph::Node& layer, const std::vector<Factor>& factors,
                  const std::optional<std::vector<float>>& bias) {
    graph::Graph& graph = editor.graph();
    if (bias) replaceBias(editor, layer, *bias);
    const bool isTransposed = graph::isConvolution(layer.op) && graph::Convolution(layer).isTransposed();
    const ValueId weight = *graph::Call(layer).value("weight");
    const tensor::DType dtype = graph.value(weight).data.dtype();
    const bool isParameter = graph.value(weight).isParameter;
    const auto resultDtype = graph.value(layer.results.front()).dtype;
    const Dims resultShape = graph.value(layer.results.front()).shape;
    const Node original = layer;

    Operand input = graph::Call(original).operand("input");
    for (std::size_t i = 0; i < factors.size(); ++i) {
        const Factor& factor = factors[i];
        const bool isLast = i + 1 == factors.size();
        tensor::Tensor data = weightOf(factor.filters, isTransposed && factor.kernel != Factor::Kernel::Point).to(dtype);
        Node node = nodeFor(original, factor, isLast);
        graph::setOperand(node, "input", input);
        if (isLast) {
            setWeight(graph, weight, std::move(data));
            layer.op = node.op;
            editor.setOperands(layer, std::move(node.operands));
            continue;
        }
        const std::string name = original.name + (i == 0 ? "_in" : "_core");
        graph::setOperand(node, "weight", editor.addWeight(name + ".weight", std::move(data), isParameter));
        const Dims before = input.isValue() ? graph.value(input.value()).shape : std::nullopt;
        Node made = editor.makeNode(node.op, name, std::move(node.operands));
        made.scope = original.scope;
        made.source = original.source;
        const ValueId result = made.results.front();
        graph.value(result).dtype = resultDtype;
        graph.value(result).shape = shapeBehind(factor, before, resultShape);
        editor.insertBefore(layer, std::move(made));
        input = result;
    }
}

} // namespace lathe::transform

#include <core/formats/onnx/integer_layers.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <core/graph/editor.h>
#include <core/graph/operands.h>
#include <core/graph/operators/names.h>

namespace lathe::formats::onnx {

namespace {

using graph::Graph;
using graph::Literal;
using graph::Node;
using graph::Operand;
using graph::ValueId;

constexpr std::string_view castOp = "aten::to.dtype", reshapeOp = "aten::reshape", subtractOp = "aten::sub.Tensor",
                           multiplyOp = "aten::mul.Tensor", addOp = "aten::add.Tensor", productOp = "aten::matmul";

/// A layer that was found.
struct IntegerLayer {
    const Node* quantize;   ///< of its input
    tensor::Tensor weight;  ///< int8, (out, in), zero point 0
    tensor::Tensor scales;  ///< float32, (out)
    std::string weightName; ///< as in the file
};

class Recognition {
public:
    explicit Recognition(Graph& graph) : m_graph(graph), m_uses(graph) {}

    /// Of the node that multiplies the product of integers by its scales.
    std::optional<IntegerLayer> layerOf(const Node& multiply) const {
        if (multiply.op != multiplyOp || m_graph.value(multiply.results[0]).dtype != tensor::DType::Float32) return std::nullopt;
        for (const std::size_t side : {0U, 1U}) {
            const Node* product = producer(behind(multiply.operands[side], {castOp}), productOp);
            const Node* scales = producer(multiply.operands[1 - side], multiplyOp);
            if (product == nullptr || scales == nullptr) continue;
            const Shifted left = shifted(product->operands[0]), right = shifted(product->operands[1]);
            const Node* quantize = producer(left.integers, graph::op::quantizePerTensorDynamic);
            if (quantize == nullptr || !left.zeroPoint || !(behind(*left.zeroPoint, {castOp, reshapeOp}) == quantize->operands[2]))
                continue;
            const auto weightScales = otherFactor(*scales, quantize->operands[1]);
            const tensor::Tensor* weight = graph::weightData(m_graph, right.integers);
            const tensor::Tensor* zeroPoint = right.zeroPoint ? graph::weightData(m_graph, *right.zeroPoint) : nullptr;
            if (!weightScales || weight == nullptr || (right.zeroPoint && zeroPoint == nullptr)) continue;
            auto signedWeight = transposedInt8(*weight, zeroPoint);
            auto channelScales = signedWeight ? perChannel(*weightScales, signedWeight->shape()[0]) : std::nullopt;
            if (!channelScales) continue;
            return IntegerLayer{quantize, std::move(*signedWeight), std::move(*channelScales), m_graph.value(right.integers.value()).name};
        }
        return std::nullopt;
    }

    const graph::UseIndex& uses() const { return m_uses; }

private:
    struct Shifted {
        Operand integers;
        std::optional<Operand> zeroPoint;
    };

    const Node* producer(const Operand& operand, std::string_view op) const {
        const Node* node = operand.isValue() ? m_uses.producer(operand.value()) : nullptr;
        return node != nullptr && node->op == op ? node : nullptr;
    }
    /// What stands in front of nodes that keep the numbers. Casts to narrower types do not, but that of a zero point to the bytes it is
    /// from.
    Operand behind(Operand operand, std::initializer_list<std::string_view> ops) const {
        using tensor::DType;
        while (operand.isValue()) {
            const Node* node = m_uses.producer(operand.value());
            if (node == nullptr || std::find(ops.begin(), ops.end(), node->op) == ops.end()) break;
            const auto dtype = m_graph.value(operand.value()).dtype;
            const bool isWide = dtype == DType::Int32 || dtype == DType::Int64 || dtype == DType::Float32 || dtype == DType::Float64;
            const bool isZeroPoint = dtype == DType::UInt8 && producer(node->operands[0], graph::op::chooseQparams) != nullptr;
            if (node->op == castOp && !isWide && !isZeroPoint) break;
            operand = node->operands[0];
        }
        return operand;
    }
    /// x − z of casts, or x alone.
    Shifted shifted(const Operand& operand) const {
        if (const Node* difference = producer(operand, subtractOp))
            return {behind(difference->operands[0], {castOp}), behind(difference->operands[1], {castOp, reshapeOp})};
        return {behind(operand, {castOp}), std::nullopt};
    }
    /// The constant that is multiplied with the scale of the input.
    std::optional<tensor::Tensor> otherFactor(const Node& scales, const Operand& inputScale) const {
        for (const std::size_t side : {0U, 1U}) {
            const tensor::Tensor* constant = graph::weightData(m_graph, scales.operands[1 - side]);
            if (constant != nullptr && behind(scales.operands[side], {castOp, reshapeOp}) == inputScale) return *constant;
        }
        return std::nullopt;
    }
    /// (in, out) of any integers, by now in any type → (out, in) without a zero point, when that fits in int8.
    static std::optional<tensor::Tensor> transposedInt8(const tensor::Tensor& weight, const tensor::Tensor* zeroPoint) {
        if (weight.shape().size() != 2) return std::nullopt;
        const std::int64_t inputs = weight.shape()[0], outputs = weight.shape()[1];
        const std::vector<float> values = weight.toFloats();
        const std::vector<float> zeros = zeroPoint == nullptr ? std::vector<float>{0} : zeroPoint->toFloats();
        if (zeros.size() != 1 && zeros.size() != static_cast<std::size_t>(outputs)) return std::nullopt;
        std::vector<std::int8_t> bytes(values.size());
        for (std::int64_t in = 0; in < inputs; ++in) {
            for (std::int64_t out = 0; out < outputs; ++out) {
                const float value =
                    values[static_cast<std::size_t>(in * outputs + out)] - zeros[zeros.size() == 1 ? 0 : static_cast<std::size_t>(out)];
                if (value < -128 || value > 127 || value != std::trunc(value)) return std::nullopt;
                bytes[static_cast<std::size_t>(out * inputs + in)] = static_cast<std::int8_t>(value);
            }
        }
        return tensor::Tensor::of<std::int8_t>({outputs, inputs}, bytes);
    }
    /// One for all, or one for each output: the last dimension.
    static std::optional<tensor::Tensor> perChannel(const tensor::Tensor& scales, std::int64_t outputs) {
        std::vector<float> values = scales.toFloats();
        if (values.size() == 1)
            values.assign(static_cast<std::size_t>(outputs), values.front());
        else if (scales.shape().back() != outputs || values.size() != static_cast<std::size_t>(outputs))
            return std::nullopt;
        return tensor::Tensor::of<float>({outputs}, values);
    }

    Graph& m_graph;
    graph::UseIndex m_uses;
};

/// The node that adds a bias to `product` and is the only one that reads it.
const Node* biasOf(const Graph& graph, const graph::UseIndex& uses, ValueId product, std::int64_t outputs) {
    const auto& readers = uses.uses(product);
    if (readers.size() != 1 || readers.front().node == nullptr || readers.front().node->op != addOp) return nullptr;
    const Node& add = *readers.front().node;
    const tensor::Tensor* bias = graph::weightData(graph, add.operands[readers.front().operand == 0 ? 1 : 0]);
    const bool isBias = bias != nullptr && bias->dtype() == tensor::DType::Float32 && bias->shape() == tensor::Shape{outputs};
    return isBias && add.operands[2].literal<std::int64_t>() == 1 ? &add : nullptr;
}

/// Casts, differences and products that nobody reads any more.
void eraseUnread(graph::Editor& editor) {
    constexpr std::array<std::string_view, 6> pure{castOp, reshapeOp, subtractOp, multiplyOp, addOp, productOp};
    // From the end to the start: what only an erased node has read is unread by then.
    auto& nodes = editor.graph().main.nodes;
    for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
        if (std::ranges::find(pure, node->op) == pure.end() || node->results.size() != 1) continue;
        if (editor.useCount(node->results[0]) == 0) editor.erase(*node);
    }
}

} // namespace

void recognizeIntegerLayers(Graph& graph) {
    struct Found {
        IntegerLayer layer;
        const Node* last; ///< of the nodes that it takes the place of
        Operand bias;
    };
    std::map<ValueId, Found> layers; // by the product with the scales
    {
        const Recognition recognition(graph);
        for (const Node& node : graph.main.nodes) {
            auto layer = recognition.layerOf(node);
            if (!layer) continue;
            Found found{std::move(*layer), &node, {}};
            if (const Node* add = biasOf(graph, recognition.uses(), node.results[0], found.layer.weight.shape()[0])) {
                found.last = add;
                found.bias = add->operands[add->operands[0] == Operand(node.results[0]) ? 1 : 0];
            }
            layers.emplace(node.results[0], std::move(found));
        }
    }
    if (layers.empty()) return;

    graph::Editor editor(graph);
    const auto describe = [&](ValueId result, const std::optional<std::vector<graph::Dim>>& shape) {
        graph.value(result).dtype = tensor::DType::Float32;
        graph.value(result).shape = shape;
    };
    const auto insert = [&](Node*& behind, Node node, const Node& origin, const std::optional<std::vector<graph::Dim>>& shape) {
        node.scope = origin.scope;
        node.source = origin.source;
        describe(node.results.front(), shape);
        behind = &editor.insertBehind(*behind, std::move(node));
        return behind->results.front();
    };
    const auto integer = [](std::int64_t value) { return Operand(Literal(value)); };

    std::map<ValueId, ValueId> dequantized; // bytes → floats, once for all that read them
    std::vector<std::pair<ValueId, ValueId>> replaced;
    for (Node& node : graph.main.nodes) {
        const auto entry = node.results.size() == 1 ? layers.find(node.results[0]) : layers.end();
        if (entry == layers.end()) continue;
        const IntegerLayer& layer = entry->second.layer;
        const Node* last = entry->second.last;
        const ValueId bytes = layer.quantize->results[0];
        Node* behind = &node;
        if (!dequantized.contains(bytes)) {
            std::vector<Operand> operands = layer.quantize->operands;
            operands[0] = Operand(bytes);
            dequantized[bytes] = insert(
                behind, editor.makeNode(graph::op::dequantizePerTensorDynamic, layer.quantize->name + "_dequantize", std::move(operands)),
                node, graph.value(bytes).shape);
        }
        const auto addWeight = [&](const char* ending, tensor::Tensor data, bool isParameter = false) {
            return Operand(editor.addWeight(layer.weightName + ending, std::move(data), isParameter));
        };
        const auto values = layer.weight.values<std::int8_t>();
        const std::int64_t lowest = std::ranges::find(values, std::int8_t{-128}) == values.end() ? -127 : -128;
        std::vector<Operand> grid{addWeight("_transposed", layer.weight, true),
                                  addWeight("_scale", layer.scales),
                                  addWeight("_zero_point", tensor::Tensor::zeros(tensor::DType::Int64, {layer.weight.shape()[0]})),
                                  integer(0),
                                  integer(lowest),
                                  integer(127),
                                  Operand(Literal(std::string("int8")))};
        const ValueId matrix =
            insert(behind, editor.makeNode(graph::op::dequantizePerChannel, layer.weightName + "_dequantize", std::move(grid)), node,
                   graph::dims(layer.weight.shape()));
        Node linear;
        linear.op = graph::op::linear;
        linear.name = last->name; // of a node that is erased below: nobody reads it any more
        linear.operands = {dequantized[bytes], matrix, entry->second.bias};
        linear.results = {editor.addResult(last->name + "_out")};
        replaced.emplace_back(last->results[0], insert(behind, std::move(linear), *last, graph.value(last->results[0]).shape));
    }
    for (const auto& [from, to] : replaced) {
        editor.replaceUses(from, to);
        std::swap(graph.value(from).name, graph.value(to).name);
    }
    eraseUnread(editor);
    editor.finish();
}

} // namespace lathe::formats::onnx

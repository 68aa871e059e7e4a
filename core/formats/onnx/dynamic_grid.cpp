#include <core/formats/onnx/dynamic_grid.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <core/formats/onnx/call.h>
#include <core/graph/editor.h>
#include <core/graph/operands.h>
#include <core/graph/operators/names.h>

namespace lathe::formats::onnx {

namespace {

using graph::Graph;
using graph::Node;

constexpr std::string_view castOp = "aten::to.dtype", reshapeOp = "aten::reshape", clampOp = "aten::clamp";

/// The nodes of a grid that was found.
struct DynamicGrid {
    ValueId integers, cut;    ///< rounded, and then cut to low … high
    ValueId scale, zeroPoint; ///< float32 and uint8
    std::int64_t low, high;
    double epsilon;
    std::vector<ValueId> arithmetic; ///< that makes both, what reads before what is read
};

class Recognition {
public:
    explicit Recognition(const Graph& graph) : m_graph(graph), m_uses(graph) {}

    /// Of the node that cuts the rounded input to its grid.
    std::optional<DynamicGrid> gridOf(const Node& clamp) {
        m_arithmetic.clear();
        const auto low = numberAt(clamp, 1), high = numberAt(clamp, 2);
        if (clamp.op != clampOp || !low || !high || !(*low < *high)) return std::nullopt;
        const Node* quantize = producer(clamp.operands[0], graph::op::quantizePerTensorDynamic);
        if (quantize == nullptr || m_graph.value(quantize->results[0]).dtype != tensor::DType::UInt8) return std::nullopt;
        if (m_uses.uses(quantize->results[0]).size() != 1) return std::nullopt; // others read them uncut
        const Operand &x = quantize->operands[0], &scale = quantize->operands[1], &zeroPoint = quantize->operands[2];

        const Node* cast = take(zeroPoint, castOp);
        const Node* bounded = cast != nullptr ? take(cast->operands[0], clampOp) : nullptr;
        const bool isInside = bounded != nullptr && numberAt(*bounded, 1) == low && numberAt(*bounded, 2) == high;
        const Node* moved = isInside ? take(bounded->operands[0], "aten::sub.Tensor") : nullptr;
        const Node* rounded = moved != nullptr && numberAt(*moved, 0) == low ? take(moved->operands[1], "aten::round") : nullptr;
        const Node* shift = rounded != nullptr ? take(rounded->operands[0], "aten::div.Tensor") : nullptr;
        if (shift == nullptr || !(shift->operands[1] == scale)) return std::nullopt;

        const Node* atLeast = take(scale, "aten::maximum");
        const auto epsilon = atLeast != nullptr ? numberAt(*atLeast, 1) : std::nullopt;
        const Node* step = epsilon ? take(atLeast->operands[0], "aten::div.Tensor") : nullptr;
        const Node* span = step != nullptr && numberAt(*step, 1) == *high - *low ? take(step->operands[0], "aten::sub.Tensor") : nullptr;
        if (span == nullptr || !isExtreme(span->operands[0], "aten::maximum", "aten::amax", x) ||
            !isExtreme(span->operands[1], "aten::minimum", "aten::amin", x) || !(shift->operands[0] == span->operands[1]))
            return std::nullopt;
        return DynamicGrid{quantize->results[0], clamp.results[0],    scale.value(), zeroPoint.value(),
                           std::llround(*low),   std::llround(*high), *epsilon,      m_arithmetic};
    }

private:
    const Node* producer(const Operand& operand, std::string_view op) const {
        const Node* node = operand.isValue() ? m_uses.producer(operand.value()) : nullptr;
        return node != nullptr && node->op == op ? node : nullptr;
    }
    const Node* take(const Operand& operand, std::string_view op) {
        const Node* node = producer(operand, op);
        if (node != nullptr) m_arithmetic.push_back(node->results[0]);
        return node;
    }
    /// A literal or a constant of one element.
    std::optional<double> numberAt(const Node& node, std::size_t index) const {
        if (index >= node.operands.size()) return std::nullopt;
        const Operand& operand = node.operands[index];
        if (const auto real = operand.literal<double>()) return real;
        if (const auto whole = operand.literal<std::int64_t>()) return static_cast<double>(*whole);
        const tensor::Tensor* data = graph::weightData(m_graph, operand);
        return data != nullptr && data->elementCount() == 1 ? std::optional(static_cast<double>(data->toFloats().front())) : std::nullopt;
    }
    /// The lowest or highest of all of x, zero included.
    bool isExtreme(const Operand& operand, std::string_view comparison, std::string_view reduction, const Operand& x) {
        const Node* compared = take(operand, comparison);
        const Node* reduced = compared != nullptr && numberAt(*compared, 1) == 0.0 ? take(compared->operands[0], reduction) : nullptr;
        return reduced != nullptr && reduced->operands[0] == x && m_graph.value(reduced->results[0]).shape == std::vector<graph::Dim>{};
    }

    const Graph& m_graph;
    graph::UseIndex m_uses;
    std::vector<ValueId> m_arithmetic;
};

void eraseUnread(graph::Editor& editor, ValueId result) {
    if (editor.useCount(result) == 0) editor.erase(*editor.producer(result));
}

/// What restores integers on a grid that was chosen for them reads the choice itself, not its scale and zero point in the types of ONNX.
void readChoicesDirectly(graph::Editor& editor) {
    const auto chosenAs = [&](ValueId id) {
        const Node* reshape = editor.producer(id);
        const Node* cast = reshape != nullptr && reshape->op == reshapeOp ? editor.producer(reshape->operands[0].value()) : nullptr;
        const Node* choose = cast != nullptr && cast->op == castOp ? editor.producer(cast->operands[0].value()) : nullptr;
        return choose != nullptr && choose->op == graph::op::chooseQparams ? std::optional(cast->operands[0].value()) : std::nullopt;
    };
    for (Node& dequantize : editor.graph().main.nodes) {
        if (dequantize.op != graph::op::dequantizePerTensorDynamic || !dequantize.operands[0].isValue()) continue;
        const Node* quantize = editor.producer(dequantize.operands[0].value());
        if (quantize == nullptr || quantize->op != graph::op::quantizePerTensorDynamic) continue;
        for (const std::size_t position : {1U, 2U}) {
            const ValueId value = dequantize.operands[position].value();
            const auto chosen = chosenAs(value);
            if (!chosen || !(quantize->operands[position] == Operand(*chosen))) continue;
            const ValueId cast = editor.producer(value)->operands[0].value();
            editor.setOperand(dequantize, position, *chosen);
            eraseUnread(editor, value);
            eraseUnread(editor, cast);
        }
        for (std::size_t position = 3; position < dequantize.operands.size(); ++position)
            editor.setOperand(dequantize, position, quantize->operands[position]);
    }
}

} // namespace

void recognizeDynamicGrids(Graph& graph) {
    std::vector<DynamicGrid> grids;
    {
        Recognition recognition(graph);
        for (const Node& node : graph.main.nodes) {
            if (auto grid = recognition.gridOf(node)) grids.push_back(std::move(*grid));
        }
    }

    graph::Editor editor(graph);
    const auto describe = [&](ValueId id, tensor::DType dtype, std::vector<graph::Dim> shape) {
        graph.value(id).dtype = dtype;
        graph.value(id).shape = std::move(shape);
        return id;
    };
    for (const DynamicGrid& grid : grids) {
        Node& quantize = *editor.producer(grid.integers);
        const Operand x = quantize.operands[0], low = integer(grid.low), high = integer(grid.high);
        const Operand dtype{Literal(std::string("uint8"))}, epsilon = number(grid.epsilon);
        Node& choose = editor.insertBefore(
            quantize, editor.makeNode(graph::op::chooseQparams, quantize.name + "_choose_qparams", {x, low, high, epsilon, dtype}, 2));
        choose.scope = quantize.scope;
        choose.source = quantize.source;
        const ValueId scale = describe(choose.results[0], tensor::DType::Float64, graph::dims({1}));
        const ValueId zeroPoint = describe(choose.results[1], tensor::DType::Int64, graph::dims({1}));
        editor.setOperands(quantize, {x, scale, zeroPoint, low, high, dtype});
        editor.replaceUses(grid.cut, grid.integers);
        eraseUnread(editor, grid.cut);
        // Whoever read the scale and zero point reads them as the file has them.
        const Node* last = &choose;
        const auto insert = [&](std::string_view op, std::vector<Operand> operands, tensor::DType type, std::vector<graph::Dim> shape) {
            last = &editor.insertBehind(*last, editor.makeNode(op, choose.name + "_value", std::move(operands)));
            return describe(last->results[0], type, std::move(shape));
        };
        for (const auto& [from, to, type] :
             {std::tuple(grid.scale, scale, tensor::DType::Float32), std::tuple(grid.zeroPoint, zeroPoint, tensor::DType::UInt8)}) {
            const ValueId typed = insert(castOp, {to, dtypeNumber(type), flag(false), flag(false), none()}, type, graph::dims({1}));
            const ValueId single = insert(reshapeOp, {typed, integers({})}, type, {});
            editor.replaceUses(from, single);
        }
        for (const ValueId result : grid.arithmetic)
            eraseUnread(editor, result);
    }
    readChoicesDirectly(editor);
    editor.finish();
}

} // namespace lathe::formats::onnx

// Products of matrices.
#include <algorithm>
#include <array>

#include <core/formats/onnx/operators.h>

namespace lathe::formats::onnx {

namespace {

/// A constant matrix [in, out] as the weight [out, in] of a linear node; also one that is stored as integers behind a dequantize node. It
/// takes the name of the original where nothing else uses that.
std::optional<ValueId> transposedWeight(Call& call, ValueId weight, const std::string& inputName) {
    auto& graph = call.lowering().graph;
    const bool isOnlyUse = call.lowering().uses(inputName) == 1;
    const auto transposed = [&](ValueId id) {
        const std::string wanted = graph.value(id).name;
        const ValueId result = call.emit("aten::permute", {id, integers({1, 0})});
        graph.value(result).isParameter = graph.value(id).isParameter;
        if (isOnlyUse && graph.value(result).kind == graph::ValueKind::Weight) std::swap(graph.value(result).name, graph.value(id).name);
        return result;
    };
    if (const tensor::Tensor* data = call.constantOf(weight)) {
        if (data->shape().size() != 2) return std::nullopt;
        return transposed(weight);
    }
    // From the end: what is multiplied was made shortly before, and of a graph with many products nobody walks from its start each time.
    if (graph.value(weight).kind != graph::ValueKind::Result) return std::nullopt;
    const std::vector<graph::Node>& nodes = call.lowering().block().nodes;
    const auto made = std::find_if(nodes.rbegin(), nodes.rend(),
                                   [&](const graph::Node& node) { return std::ranges::find(node.results, weight) != node.results.end(); });
    if (made == nodes.rend() || made->results.front() != weight || !made->op.starts_with("quantized_decomposed::dequantize_per"))
        return std::nullopt;
    if (!made->operands[0].isValue() || !call.constantOf(made->operands[0].value())) return std::nullopt;
    const ValueId integersId = made->operands[0].value();
    if (graph.value(integersId).data.shape().size() != 2) return std::nullopt;
    graph::Node copy = *made;
    copy.operands[0] = transposed(integersId);
    if (copy.operands.size() == 7) {
        const auto axis = copy.operands[3].literal<std::int64_t>();
        if (!axis || *axis < 0 || *axis > 1) return std::nullopt;
        copy.operands[3] = integer(1 - *axis);
    }
    const auto& shape = graph.value(copy.operands[0].value()).shape;
    return call.emit(copy.op, copy.operands, {DType::Float32, shape});
}

/// [..., features] of a linear layer.
Known linearResult(Call& call, ValueId x, ValueId weight) {
    auto shape = call.value(x).shape;
    const auto& weightShape = call.value(weight).shape;
    if (shape && !shape->empty() && weightShape && weightShape->size() == 2) shape->back() = weightShape->front();
    return {call.dtype(x), shape};
}

void matMul(Call& call) {
    const ValueId a = call.input(0), b = call.input(1);
    const auto rank = call.rank(a);
    if (call.isFloat(a) && (!rank || *rank >= 2)) {
        if (const auto weight = transposedWeight(call, b, call.node().inputs[1]))
            return call.output(0, call.emit("aten::linear", {a, *weight, none()}, linearResult(call, a, *weight)));
    }
    call.output(0, matrixProduct(call, a, b));
}

void gemm(Call& call) {
    ValueId a = call.input(0);
    const ValueId b = call.input(1);
    const bool transposesA = call.integerAttribute("transA", 0) != 0, transposesB = call.integerAttribute("transB", 0) != 0;
    const double alpha = call.floatAttribute("alpha", 1), beta = call.floatAttribute("beta", 1);
    const bool isFloat = call.isFloat(a);
    if (transposesA) a = call.emit("aten::permute", {a, integers({1, 0})}, {call.dtype(a), unknownDims(2)});

    const tensor::Tensor* bias = call.constant(2);
    const auto& weightShape = call.value(b).shape;
    const Dim features = weightShape && weightShape->size() == 2 ? (*weightShape)[transposesB ? 0 : 1] : Dim{};
    const bool isVector = bias && bias->shape().size() == 1 && bias->shape().front() == features.size;
    if (isFloat && alpha == 1 && beta == 1 && (!call.has(2) || isVector)) {
        const auto weight = transposesB ? std::optional(b) : transposedWeight(call, b, call.node().inputs[1]);
        if (weight) return call.output(0, call.emit("aten::linear", {a, *weight, call.optionalInput(2)}, linearResult(call, a, *weight)));
    }
    const ValueId right = transposesB ? call.emit("aten::permute", {b, integers({1, 0})}, {call.dtype(b), unknownDims(2)}) : b;
    const Known known{call.dtype(a), unknownDims(2)};
    const Operand factor = isFloat ? number(alpha) : integer(static_cast<std::int64_t>(alpha));
    const Operand biasFactor = isFloat ? number(beta) : integer(static_cast<std::int64_t>(beta));
    ValueId result = call.emit("aten::matmul", {a, right}, known);
    if (alpha != 1) result = call.emit("aten::mul.Tensor", {result, factor}, known);
    if (call.has(2)) result = call.emit("aten::add.Tensor", {result, call.input(2), biasFactor}, known);
    call.output(0, result);
}

void einsum(Call& call) {
    Operands tensors;
    for (std::size_t index = 0; index < call.inputCount(); ++index)
        tensors.emplace_back(call.input(index));
    if (tensors.empty()) call.refuse("Einsum has no inputs.");
    const auto dtype = call.dtype(tensors.front().value());
    call.output(0, call.emit("aten::einsum", {Operand(Literal(call.textAttribute("equation", ""))), Operand(std::move(tensors)), none()},
                             {dtype, std::nullopt}));
}

void determinant(Call& call) {
    const ValueId x = call.input(0);
    call.output(0, call.emit("aten::linalg_det", {x}, {call.dtype(x), std::nullopt}));
}

constexpr std::array entries{
    OperatorEntry{"MatMul", matMul},
    OperatorEntry{"Gemm", gemm},
    OperatorEntry{"Einsum", einsum},
    OperatorEntry{"Det", determinant},
};

} // namespace

ValueId matrixProduct(Call& call, ValueId a, ValueId b) {
    std::optional<std::vector<Dim>> shape;
    const auto &left = call.value(a).shape, &right = call.value(b).shape;
    if (left && right && left->size() >= 2 && right->size() >= 2) {
        const std::vector<Dim> outerLeft(left->begin(), left->end() - 2), outerRight(right->begin(), right->end() - 2);
        shape = broadcast(outerLeft, outerRight);
        shape->push_back((*left)[left->size() - 2]);
        shape->push_back(right->back());
    }
    return call.emit("aten::matmul", {a, b}, {call.dtype(a), shape});
}

std::span<const OperatorEntry> matrixOperators() { return entries; }

} // namespace lathe::formats::onnx

#include <core/graph/operators/matrix.h>

#include <core/graph/operators/call.h>
#include <core/graph/operators/macs.h>
#include <core/graph/operators/rows.h>

namespace lathe::graph {

namespace {

/// Every element of the result sums over a row of the left matrix.
std::optional<std::int64_t> macsOverRows(const Graph& graph, const Node& node, const Operand& left) {
    const auto output = node.results.empty() ? std::nullopt : countedShape(graph, node.results.front());
    const auto matrix = countedShape(graph, left);
    if (!output || !matrix || matrix->empty()) return std::nullopt;
    return tensor::elementCount(*output) * matrix->back();
}

std::optional<std::int64_t> productMacs(const Graph& graph, const Node& node) { return macsOverRows(graph, node, mainOperand(node)); }

std::optional<std::int64_t> addedProductMacs(const Graph& graph, const Node& node) {
    const Call product(node);
    return macsOverRows(graph, node, product.operand(product.has("mat1") ? "mat1" : "batch1"));
}

/// The sums depend on the equation.
std::optional<std::int64_t> unknownMacs(const Graph&, const Node&) { return std::nullopt; }

constexpr OperatorRow rows[] = {
    {"aten::matmul(Tensor self, Tensor other) -> Tensor",
     {.channels = ChannelRule::Mixes, .macs = productMacs, .weights = {"self", "other"}}},
    {"aten::mm(Tensor self, Tensor mat2) -> Tensor", {.macs = productMacs, .weights = {"self", "mat2"}}},
    {"aten::mm.dtype(Tensor self, Tensor mat2, ScalarType out_dtype) -> Tensor", {.macs = productMacs, .weights = {"self", "mat2"}}},
    {"aten::bmm(Tensor self, Tensor mat2) -> Tensor", {.channels = ChannelRule::Mixes, .macs = productMacs, .weights = {"self", "mat2"}}},
    {"aten::bmm.dtype(Tensor self, Tensor mat2, ScalarType out_dtype) -> Tensor", {.macs = productMacs, .weights = {"self", "mat2"}}},
    {"aten::addmm(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
     {.macs = addedProductMacs, .weights = {"self", "mat1", "mat2"}, .hasInPlaceForm = true}},
    {"aten::addmm.dtype(Tensor self, Tensor mat1, Tensor mat2, ScalarType out_dtype, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
     {.macs = addedProductMacs, .weights = {"self", "mat1", "mat2"}}},
    {"aten::baddbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
     {.macs = addedProductMacs, .weights = {"self", "batch1", "batch2"}, .hasInPlaceForm = true}},
    {"aten::baddbmm.dtype(Tensor self, Tensor batch1, Tensor batch2, ScalarType out_dtype, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
     {.macs = addedProductMacs, .weights = {"self", "batch1", "batch2"}}},
    {"aten::mv(Tensor self, Tensor vec) -> Tensor", {.macs = productMacs}},
    {"aten::dot(Tensor self, Tensor tensor) -> Tensor", {.macs = productMacs}},
    {"aten::einsum(str equation, Tensor[] tensors, *, int[]? path=None) -> Tensor", {.macs = unknownMacs, .weights = {"tensors"}}},
    {"aten::bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias=None) -> Tensor",
     {.macs = unknownMacs, .weights = {"weight", "bias"}}},
};

} // namespace

FamilyRows matrixRows() { return {Family::Matrix, rows}; }

std::vector<std::string_view> factorRoles(const Node& node) {
    const Operator* row = findOperator(node.op);
    if (row != nullptr && row->channels == ChannelRule::Attends) return {"query", "key", "value"};
    if (row == nullptr || row->channels != ChannelRule::Mixes) return {};
    return {row->weights[0], row->weights[1]};
}

} // namespace lathe::graph

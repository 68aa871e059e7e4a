#include <core/formats/onnx/folding.h>

#include <limits>
#include <set>
#include <string_view>

#include <core/formats/evaluated_operator.h>

namespace lathe::formats::onnx {

namespace {

/// Results of the others are as large as the largest operand, up to a broadcast; small operands keep that small.
constexpr std::int64_t maxElements = 4096;
/// Parts of weights that are joined: the weights of recurrent layers in another order of gates.
constexpr std::int64_t maxJoined = 1 << 26;

/// Only move or convert elements: results are not larger than the operand.
const std::set<std::string_view> moving{"aten::permute",      "aten::reshape",    "aten::to.dtype",     "aten::unsqueeze",
                                        "aten::squeeze.dims", "aten::select.int", "aten::slice.Tensor", "aten::flatten.using_ints"};
const std::set<std::string_view> small{"aten::add.Tensor",
                                       "aten::sub.Tensor",
                                       "aten::mul.Tensor",
                                       "aten::div.Tensor",
                                       "aten::div.Tensor_mode",
                                       "aten::neg",
                                       "aten::sqrt",
                                       "aten::pow.Tensor_Tensor",
                                       "aten::eq.Tensor",
                                       "aten::lt.Tensor",
                                       "aten::gt.Tensor",
                                       "aten::ge.Tensor",
                                       "aten::le.Tensor",
                                       "aten::logical_not",
                                       "aten::logical_and",
                                       "aten::logical_or",
                                       "aten::where.self",
                                       "aten::cat",
                                       "aten::floor",
                                       "aten::ceil",
                                       "aten::round",
                                       "aten::index.Tensor",
                                       "aten::exp",
                                       "aten::log",
                                       "aten::minimum",
                                       "aten::maximum",
                                       "aten::remainder.Tensor",
                                       "aten::abs",
                                       "aten::reciprocal",
                                       "aten::sum.dim_IntList",
                                       "aten::prod",
                                       "aten::relu",
                                       "aten::clamp",
                                       "aten::sin",
                                       "aten::cos",
                                       "aten::prod.dim_int"};

} // namespace

std::optional<tensor::Tensor> fold(const graph::Graph& graph, const std::string& op, const std::vector<graph::Operand>& operands) {
    const bool moves = moving.contains(op);
    if (!moves && !small.contains(op)) return std::nullopt;
    const std::int64_t most = moves ? std::numeric_limits<std::int64_t>::max() : op == "aten::cat" ? maxJoined : maxElements;
    return evaluatedOperator(graph, op, operands, most);
}

} // namespace lathe::formats::onnx

#include <core/formats/canonical_operators.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <core/graph/editor.h>

namespace lathe::formats {

namespace {

using graph::Literal;
using graph::Node;
using graph::Operand;
using IntList = std::vector<std::int64_t>;

constexpr std::array<std::string_view, 8> dropouts{
    "aten::dropout",       "aten::dropout_",       "aten::feature_dropout",       "aten::feature_dropout_",
    "aten::alpha_dropout", "aten::alpha_dropout_", "aten::feature_alpha_dropout", "aten::feature_alpha_dropout_"};

bool isInactiveDropout(const Node& node) {
    return std::ranges::find(dropouts, node.op) != dropouts.end() && node.operands.size() == 3 && node.operands[0].isValue() &&
           node.operands[2].literal<bool>() == false;
}

/// Spatial dimensions of a convolution: those of its weight beyond the two of channels.
std::optional<std::size_t> spatialDimensions(const graph::Graph& graph, const Node& node) {
    if (!node.operands[1].isValue()) return std::nullopt;
    const auto& shape = graph.value(node.operands[1].value()).shape;
    if (!shape || shape->size() < 3 || shape->size() > 5) return std::nullopt;
    return shape->size() - 2;
}

std::string dimensional(std::string_view name, std::size_t dimensions) { return std::string(name) + std::to_string(dimensions) + "d"; }

/// (input, weight, bias, stride, padding, dilation, transposed, output_padding, groups[, benchmark, deterministic, cudnn_enabled[,
/// allow_tf32]])
void canonicalizeGeneralConvolution(const graph::Graph& graph, Node& node) {
    if (node.operands.size() < 9) return;
    const auto isTransposed = node.operands[6].literal<bool>();
    auto dimensions = spatialDimensions(graph, node);
    if (const auto stride = node.operands[3].literal<IntList>(); !dimensions && stride && stride->size() >= 2) dimensions = stride->size();
    if (!isTransposed || !dimensions) return;
    const std::vector<Operand> all = std::move(node.operands);
    if (*isTransposed) {
        node.op = dimensional("aten::conv_transpose", *dimensions) + (*dimensions == 1 ? "" : ".input");
        node.operands = {all[0], all[1], all[2], all[3], all[4], all[7], all[8], all[5]};
    } else {
        node.op = dimensional("aten::conv", *dimensions);
        node.operands = {all[0], all[1], all[2], all[3], all[4], all[5], all[8]};
    }
}

/// (input, weight, bias, stride, padding: str, dilation, groups)
void canonicalizeNamedPadding(const graph::Graph& graph, Node& node) {
    const auto dimensions = spatialDimensions(graph, node);
    const auto padding = node.operands.size() == 7 ? node.operands[4].literal<std::string>() : std::nullopt;
    const auto dilation = node.operands.size() == 7 ? node.operands[5].literal<IntList>() : std::nullopt;
    if (!dimensions || !padding || !dilation || dilation->empty()) return;
    IntList amounts(*dimensions, 0);
    if (*padding == "same") {
        const auto& weight = *graph.value(node.operands[1].value()).shape;
        for (std::size_t axis = 0; axis < *dimensions; ++axis) {
            const std::int64_t total = dilation->at(std::min(axis, dilation->size() - 1)) * (weight[axis + 2].size - 1);
            if (weight[axis + 2].size < 0 || total % 2 != 0) return;
            amounts[axis] = total / 2;
        }
    } else if (*padding != "valid") {
        return;
    }
    node.op = dimensional("aten::conv", *dimensions);
    node.operands[4] = Operand(Literal(std::move(amounts)));
}

} // namespace

void canonicalizeOperators(graph::Graph& graph) {
    graph::forEachNode(graph, [&graph](Node& node) {
        if (node.op == "aten::_convolution" || node.op == "aten::_convolution.deprecated" || node.op == "aten::convolution")
            canonicalizeGeneralConvolution(graph, node);
        else if (node.op == "aten::_convolution_mode" || (node.op.starts_with("aten::conv") && node.op.ends_with("d.padding")))
            canonicalizeNamedPadding(graph, node);
    });
    graph::bypassNodes(graph, isInactiveDropout);
    graph::compact(graph);
}

} // namespace lathe::formats

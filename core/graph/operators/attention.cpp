#include <core/graph/operators/call.h>
#include <core/graph/operators/macs.h>
#include <core/graph/operators/rows.h>

namespace lathe::graph {

namespace {

/// Queries times keys, then the weights times values.
std::optional<std::int64_t> attentionMacs(const Graph& graph, const Node& node) {
    const Call attention(node);
    const auto queries = countedShape(graph, attention.operand("query")), keys = countedShape(graph, attention.operand("key")),
               values = countedShape(graph, attention.operand("value"));
    if (!queries || !keys || !values || queries->size() < 2 || keys->size() < 2 || values->empty()) return std::nullopt;
    const std::int64_t rows = tensor::elementCount({queries->begin(), queries->end() - 1}), length = (*keys)[keys->size() - 2];
    return rows * length * (queries->back() + values->back());
}

constexpr OperatorRow rows[] = {
    {"aten::scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0., bool "
     "is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor",
     {.channels = ChannelRule::Attends, .macs = attentionMacs}},
};

} // namespace

FamilyRows attentionRows() { return {Family::Attention, rows}; }

} // namespace lathe::graph

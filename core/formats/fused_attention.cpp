#include <core/formats/fused_attention.h>

#include <optional>
#include <string>
#include <vector>

#include <core/graph/editor.h>
#include <core/graph/operators/conversion.h>
#include <core/graph/operators/names.h>

namespace lathe::formats {

namespace {

using graph::Literal;
using graph::Node;
using graph::Operand;
using graph::ValueId;

constexpr std::string_view encoderLayer = "aten::_transformer_encoder_layer_fwd";
constexpr std::string_view selfAttention = "aten::_native_multi_head_attention";

Operand number(std::int64_t value) { return Literal(value); }

/// A layer norm or linear layer with its weight and bias.
struct Layer {
    Operand weight, bias;
};

struct Attention {
    std::int64_t width = 0, heads = 0;
    Layer in, out;
    Operand mask, maskKind;
};

class Parts {
public:
    using Added = std::function<void(const Node&, const Node&)>;
    Parts(graph::Editor& editor, const Node& origin, const Added& added) : m_editor(editor), m_origin(origin), m_added(added) {}

    ValueId add(std::string_view op, std::vector<Operand> operands) { return append(op, std::move(operands), 1).results.front(); }

    ValueId linear(const Operand& input, const Layer& layer) { return add(graph::op::linear, {input, layer.weight, layer.bias}); }

    ValueId norm(const Operand& input, const Layer& layer, std::int64_t width, const Operand& epsilon) {
        return add("aten::layer_norm",
                   {input, Literal(std::vector<std::int64_t>{width}), layer.weight, layer.bias, epsilon, Literal(true)});
    }

    ValueId attention(const Operand& input, const Attention& attention) {
        const ValueId joined = linear(input, attention.in);
        const Node& chunk = append("aten::chunk", {joined, number(3), number(-1)}, 1);
        m_editor.graph().value(chunk.results.front()).type = graph::TypeKind::TensorList;
        const std::vector<ValueId> parts = append(graph::op::listUnpack, {chunk.results.front()}, 3).results;
        std::vector<Operand> operands;
        const Literal heads = std::vector<std::int64_t>{attention.heads, attention.width / attention.heads};
        for (const ValueId part : parts) {
            const ValueId split = add("aten::unflatten.int", {part, number(-1), heads});
            operands.emplace_back(add("aten::transpose.int", {split, number(1), number(2)}));
        }
        operands.push_back(mask(attention));
        operands.insert(operands.end(), {Literal(0.0), Literal(false), Operand(), Literal(false)});
        const ValueId seen = add("aten::scaled_dot_product_attention", std::move(operands));
        const ValueId turned = add("aten::transpose.int", {seen, number(1), number(2)});
        return linear(add(graph::op::flatten, {turned, number(2), number(3)}), attention.out);
    }

private:
    /// The fused operators' masks tell what is not looked at.
    Operand mask(const Attention& attention) {
        if (attention.mask.isNone()) return {};
        const ValueId isLeftOut = add(graph::op::toDtype, graph::conversionOperands(attention.mask.value(), tensor::DType::Bool));
        ValueId isSeen = add("aten::logical_not", {isLeftOut});
        if (attention.maskKind.literal<std::int64_t>() == 1) { // of keys, for each sequence
            isSeen = add("aten::unsqueeze", {isSeen, number(1)});
            isSeen = add("aten::unsqueeze", {isSeen, number(1)});
        }
        return isSeen;
    }

    Node& append(std::string_view op, std::vector<Operand> operands, int results) {
        Node made = m_editor.makeNode(op, m_origin.name, std::move(operands), results);
        made.scope = m_origin.scope;
        made.source = m_origin.source;
        Node& inserted = m_editor.insertBefore(m_origin, std::move(made));
        m_added(inserted, m_origin);
        return inserted;
    }

    graph::Editor& m_editor;
    const Node& m_origin;
    const Added& m_added;
};

bool isMaskKnown(const Operand& mask, const Operand& kind) {
    const auto number = kind.literal<std::int64_t>();
    return mask.isNone() || (mask.isValue() && number && *number >= 0 && *number <= 2);
}

/// The operands from `first` on: width, heads, weights and biases of both layers.
std::optional<Attention> attentionOf(const Node& node, std::size_t first, std::size_t mask, std::size_t maskKind) {
    const auto& in = node.operands;
    if (in.size() <= maskKind || !isMaskKnown(in[mask], in[maskKind])) return std::nullopt;
    const auto width = in[first].literal<std::int64_t>(), heads = in[first + 1].literal<std::int64_t>();
    if (!width || !heads || *heads < 1 || *width % *heads != 0) return std::nullopt;
    return Attention{*width, *heads, {in[first + 2], in[first + 3]}, {in[first + 4], in[first + 5]}, in[mask], in[maskKind]};
}

/// (src, width, heads, qkv, projection, use_gelu, norm_first, eps, norm 1, norm 2, linear 1, linear 2, mask, mask_type)
bool takeLayerApart(graph::Editor& editor, Node& node, const Parts::Added& added) {
    const auto attention = attentionOf(node, 1, 18, 19);
    const auto& in = node.operands;
    const auto isGelu = attention ? in[7].literal<bool>() : std::nullopt, isNormFirst = attention ? in[8].literal<bool>() : std::nullopt;
    if (!isGelu || !isNormFirst || !in[0].isValue()) return false;
    const Operand epsilon = in[9];
    const Layer norm1{in[10], in[11]}, norm2{in[12], in[13]}, linear1{in[14], in[15]}, linear2{in[16], in[17]};
    Parts parts(editor, node, added);
    const auto norm = [&](const Operand& input, const Layer& layer) { return parts.norm(input, layer, attention->width, epsilon); };
    const auto sum = [&](const Operand& left, ValueId right) { return parts.add(graph::op::add, {left, right, number(1)}); };
    const auto forward = [&](const Operand& input) {
        const ValueId hidden = parts.linear(input, linear1);
        return parts.linear(
            *isGelu ? parts.add("aten::gelu", {hidden, Literal(std::string("none"))}) : parts.add(graph::op::relu, {hidden}), linear2);
    };
    ValueId result = -1;
    if (*isNormFirst) {
        const ValueId attended = sum(in[0], parts.attention(norm(in[0], norm1), *attention));
        result = sum(attended, forward(norm(attended, norm2)));
    } else {
        const ValueId attended = norm(sum(in[0], parts.attention(in[0], *attention)), norm1);
        result = norm(sum(attended, forward(attended)), norm2);
    }
    editor.replaceUses(node.results.front(), result);
    return true;
}

/// (query, key, value, width, heads, qkv, projection, mask, need_weights, average_attn_weights, mask_type)
bool takeSelfAttentionApart(graph::Editor& editor, Node& node, const Parts::Added& added) {
    const auto attention = attentionOf(node, 3, 9, 12);
    const auto& in = node.operands;
    const bool isSelf = attention && in[0].isValue() && in[0] == in[1] && in[0] == in[2];
    if (!isSelf || node.results.size() != 2 || editor.useCount(node.results[1]) > 0) return false;
    editor.replaceUses(node.results.front(), Parts(editor, node, added).attention(in[0], *attention));
    return true;
}

void takeApart(graph::Editor& editor, graph::Block& block, const Parts::Added& added) {
    for (Node& node : block.nodes) {
        for (graph::Block& inner : node.blocks)
            takeApart(editor, inner, added);
        const bool isDone = (node.op == encoderLayer && takeLayerApart(editor, node, added)) ||
                            (node.op == selfAttention && takeSelfAttentionApart(editor, node, added));
        if (isDone) editor.erase(node);
    }
}

} // namespace

void takeAttentionApart(graph::Graph& graph, const std::function<void(const Node&, const Node&)>& added) {
    bool isNeeded = false;
    graph::forEachNode(std::as_const(graph),
                       [&](const Node& node) { isNeeded = isNeeded || node.op == encoderLayer || node.op == selfAttention; });
    if (!isNeeded) return;
    graph::Editor editor(graph);
    takeApart(editor, graph.main, added);
    editor.finish();
}

} // namespace lathe::formats

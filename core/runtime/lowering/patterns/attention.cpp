#include <core/runtime/lowering/patterns/attention.h>

#include <algorithm>

#include <core/runtime/lowering/lowering_context.h>

namespace lathe::runtime {

namespace {

/// Floats of three or four dimensions, all of them the same, as kernels for whole attentions want them.
bool hasKernelForm(const LoweringContext& context, const graph::AttentionChain& chain) {
    const auto rank = [&](graph::ValueId id) -> std::size_t {
        const graph::Value& value = context.original().value(id);
        return value.shape && value.dtype == tensor::DType::Float32 ? value.shape->size() : 0;
    };
    const std::size_t all = rank(chain.query);
    if ((all != 3 && all != 4) || rank(chain.key) != all || rank(chain.value) != all) return false;
    return (!chain.mask || rank(*chain.mask) == all) &&
           std::ranges::none_of(chain.nodes, [&](const graph::Node* node) { return context.twin(node->results.front()) != nullptr; });
}

} // namespace

Outcome lowerAttention(LoweringContext& context, const graph::Node& node) {
    if (!context.fusesFloatLayers()) return Outcome::other();
    if (const auto chain = graph::attentionFrom(context.original(), context.uses(), node); chain && hasKernelForm(context, *chain)) {
        // Its work is done where the last product stands: mask and values may be computed in between.
        for (auto inner = chain->nodes.begin() + 1; inner + 1 != chain->nodes.end(); ++inner)
            context.takeIn(**inner);
        return Outcome::taken();
    }
    const auto chain = graph::attentionTo(context.original(), context.uses(), node);
    if (!chain || !hasKernelForm(context, *chain)) return Outcome::other();
    graph::Node lowered = node;
    lowered.op = op::attention;
    lowered.operands = {chain->query, chain->key, chain->value};
    if (chain->mask) lowered.operands.emplace_back(*chain->mask);
    if (chain->number) lowered.operands.emplace_back(*chain->number);
    Attention attention{chain->isKeyTransposed, chain->factor, chain->mask.has_value(), chain->number.has_value(), chain->divides, {}};
    LoweredNode known{node.op, {}, {}, false, {}, {}};
    for (const graph::Node* each : chain->nodes) {
        attention.nodes.push_back(*each);
        known.covers.push_back(each->name);
    }
    known.form = std::string(attention.hasMask ? "masked" : "unmasked") + (attention.isKeyTransposed ? "" : " rows of keys");
    known.payload = std::move(attention);
    context.emit(lowered, std::move(known));
    return Outcome::taken();
}

} // namespace lathe::runtime

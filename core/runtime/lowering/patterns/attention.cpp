#include <core/runtime/lowering/patterns/attention.h>

#include <algorithm>
#include <iterator>

#include <core/runtime/cpu.h>
#include <core/runtime/lowering/lowering_context.h>
#include <core/runtime/lowering/patterns/widened.h>

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

/// Does the chain multiply bfloat16 throughout? One node for the whole of it does when its inputs are: it rounds its weights as PyTorch's
/// does for inputs of bfloat16.
bool multipliesBfloat16(const LoweringContext& context, const graph::AttentionChain& chain) {
    return (chain.roundsWeights || chain.nodes.size() == 1) && bfloat16Behind(context, chain.query) && bfloat16Behind(context, chain.key) &&
           bfloat16Behind(context, chain.value);
}

bool isTaken(const LoweringContext& context, const graph::AttentionChain& chain) {
    return hasKernelForm(context, chain) && (!chain.roundsWeights || multipliesBfloat16(context, chain));
}

/// Lets what computes the chain in parts make floats of the halves first.
void widenFactors(LoweringContext& context, std::vector<graph::Node>& nodes) {
    std::vector<graph::Node> widen;
    const bool isOne = nodes.size() == 1;
    widen.push_back(widenFor(context, nodes.front(), 0));
    widen.push_back(widenFor(context, nodes.front(), 1));
    widen.push_back(widenFor(context, nodes.back(), isOne ? 2 : 1));
    nodes.insert(nodes.begin(), std::make_move_iterator(widen.begin()), std::make_move_iterator(widen.end()));
}

} // namespace

Outcome lowerAttention(LoweringContext& context, const graph::Node& node) {
    if (!context.fusesFloatLayers()) return Outcome::other();
    if (const auto chain = graph::attentionFrom(context.original(), context.uses(), node); chain && isTaken(context, *chain)) {
        // Its work is done where the last product stands: mask and values may be computed in between.
        for (auto inner = chain->nodes.begin() + 1; inner + 1 != chain->nodes.end(); ++inner)
            context.takeIn(**inner);
        return Outcome::taken();
    }
    const auto chain = graph::attentionTo(context.original(), context.uses(), node);
    if (!chain || !isTaken(context, *chain)) return Outcome::other();
    graph::Node lowered = node;
    lowered.op = op::attention;
    const bool isBfloat16 = multipliesBfloat16(context, *chain);
    const auto factor = [&](graph::ValueId value) { return isBfloat16 ? *bfloat16Behind(context, value) : value; };
    lowered.operands = {factor(chain->query), factor(chain->key), factor(chain->value)};
    if (chain->mask) lowered.operands.emplace_back(*chain->mask);
    if (chain->number) lowered.operands.emplace_back(*chain->number);
    Attention attention{
        chain->isKeyTransposed, chain->factor, chain->mask.has_value(), chain->number.has_value(), chain->divides, isBfloat16, {}};
    LoweredNode known{node.op, {}, {}, false, {}, {}};
    for (const graph::Node* each : chain->nodes) {
        attention.nodes.push_back(*each);
        known.covers.push_back(each->name);
    }
    if (isBfloat16) {
        widenFactors(context, attention.nodes);
        if (!cpuHasBfloat16()) known.reason = base::Message("kernel.noBfloat16", {});
        known.isSimulated = !cpuHasBfloat16();
    }
    known.form = std::string(isBfloat16 ? "bfloat16 " : "") + (attention.hasMask ? "masked" : "unmasked") +
                 (attention.isKeyTransposed ? "" : " rows of keys");
    known.payload = std::move(attention);
    context.emit(lowered, std::move(known));
    return Outcome::taken();
}

} // namespace lathe::runtime

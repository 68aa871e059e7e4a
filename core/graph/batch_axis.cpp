#include <core/graph/batch_axis.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <core/graph/operators/call.h>
#include <core/graph/operators/names.h>

namespace lathe::graph {

namespace {

std::string lowerCase(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

bool meansBatch(const std::string& name) { return name.find("batch") != std::string::npos || name == "bs" || name == "bsz"; }
bool meansTime(const std::string& name) {
    return name == "t" || name == "l" || name == "s" || name.find("seq") != std::string::npos || name.find("time") != std::string::npos ||
           name.find("len") != std::string::npos || name.find("frame") != std::string::npos || name.find("step") != std::string::npos;
}

bool isFree(const Dim& dim) { return dim.size < 0 || !dim.symbol.empty(); }

/// Names such as "past_sequence + 1" are sizes that follow from others.
bool isSymbol(const std::string& name) { return !name.empty() && name.find_first_of(" +-*/") == std::string::npos; }

/// The symbol that each input with a shape has exactly once, where there are several inputs and one such symbol.
std::string commonSymbol(const Graph& graph) {
    std::map<std::string, std::size_t> inputsWith;
    std::size_t inputs = 0;
    bool mayBeFirst = false; // a first size of 1 everywhere is a batch that was fixed
    for (const ValueId id : graph.main.inputs) {
        const auto& shape = graph.value(id).shape;
        if (!shape || shape->empty()) continue;
        ++inputs;
        mayBeFirst = mayBeFirst || isFree(shape->front()) || shape->front().size != 1;
        std::map<std::string, int> times;
        for (const Dim& dim : *shape)
            if (isSymbol(dim.symbol)) ++times[dim.symbol];
        for (const auto& [symbol, count] : times)
            if (count == 1) ++inputsWith[symbol];
    }
    std::erase_if(inputsWith, [&](const auto& each) { return each.second != inputs; });
    return inputs > 1 && mayBeFirst && inputsWith.size() == 1 ? inputsWith.begin()->first : std::string();
}

/// A value whose first two dimensions are those of the input, maybe the other way round.
struct Followed {
    ValueId id = 0;
    bool isSwapped = false;
    bool operator<(const Followed& other) const { return std::pair(id, isSwapped) < std::pair(other.id, other.isSwapped); }
};

/// What a node makes of the first two dimensions of its main operand: nothing where they do not stay.
std::optional<bool> isSwappedBehind(const Node& node, int operand, bool isSwapped) {
    const Call call(node);
    if (node.op == op::embedding) return isRole(node, operand, "indices") ? std::optional(isSwapped) : std::nullopt;
    if (call.op() == nullptr) return std::nullopt;
    if (call.op()->channels == ChannelRule::Transposes) {
        const auto from = call.integer("dim0"), to = call.integer("dim1");
        if (!from || !to || *from < 0 || *to < 0) return std::nullopt;
        const auto [low, high] = std::minmax(*from, *to);
        if (low == 0 && high == 1) return !isSwapped;
        return low > 1 ? std::optional(isSwapped) : std::nullopt;
    }
    if (call.op()->channels == ChannelRule::Permutes) {
        const auto order = call.integers("dims");
        if (!order || order->size() < 2) return std::nullopt;
        if ((*order)[0] == 1 && (*order)[1] == 0) return !isSwapped;
        return (*order)[0] == 0 && (*order)[1] == 1 ? std::optional(isSwapped) : std::nullopt;
    }
    if (isOfFamily(node.op, Family::Dropout) || isOfFamily(node.op, Family::Conversion) || isOfFamily(node.op, Family::Quantization) ||
        isLinear(node.op))
        return operand == 0 ? std::optional(isSwapped) : std::nullopt;
    switch (call.op()->channels) {
    case ChannelRule::Keeps:
    case ChannelRule::KeepsOthers:
    case ChannelRule::Broadcasts:
    case ChannelRule::Concatenates:
    case ChannelRule::Slices:
        return isSwapped;
    default:
        return node.op == op::listConstruct ? std::optional(isSwapped) : std::nullopt;
    }
}

/// Which of the first two dimensions is the batch for a recurrent layer that reads the value there; nothing where it reads no sequence and
/// no state.
std::optional<std::size_t> batchOfLayer(const Node& node, int operand) {
    const Call call(node);
    if (isRole(node, operand, "hx")) return call.op()->position("params") ? 1 : 0; // of a cell: [batch, hidden]
    if (!isRole(node, operand, "input")) return std::nullopt;
    if (!call.op()->position("batch_first")) return 0; // a cell: [batch, features]
    const auto isBatchFirst = call.flag("batch_first");
    return isBatchFirst ? std::optional<std::size_t>(*isBatchFirst ? 0 : 1) : std::nullopt;
}

/// Follows the input through what leaves its first two dimensions alone, to the first recurrent layer.
BatchAxis axisOfRecurrentLayers(const Graph& graph, const UseIndex& uses, ValueId input) {
    bool hasLayers = false;
    std::map<ValueId, std::vector<ValueId>> givenByBlocks; // a result of a node for each output of its blocks
    forEachNode(graph, [&](const Node& node) {
        hasLayers = hasLayers || isOfFamily(node.op, Family::Recurrent);
        for (const Block& block : node.blocks) {
            if (block.outputs.size() != node.results.size()) continue; // a loop
            for (std::size_t at = 0; at < block.outputs.size(); ++at)
                if (block.outputs[at].isValue()) givenByBlocks[block.outputs[at].value()].push_back(node.results[at]);
        }
    });
    if (!hasLayers) return std::nullopt;
    std::set<Followed> seen{{input, false}};
    std::vector<Followed> waiting{{input, false}};
    const auto follow = [&](ValueId id, bool isSwapped) {
        if (seen.insert({id, isSwapped}).second) waiting.push_back({id, isSwapped});
    };
    for (std::size_t at = 0; at < waiting.size(); ++at) {
        const Followed value = waiting[at];
        for (const UseIndex::Use& use : uses.uses(value.id)) {
            if (use.node == nullptr) continue;
            if (isOfFamily(use.node->op, Family::Recurrent)) {
                const auto axis = batchOfLayer(*use.node, use.operand);
                if (axis) return value.isSwapped ? 1 - *axis : *axis;
                continue;
            }
            const auto isSwapped = isSwappedBehind(*use.node, use.operand, value.isSwapped);
            for (const ValueId result : isSwapped ? use.node->results : std::vector<ValueId>())
                follow(result, *isSwapped);
        }
        if (const auto given = givenByBlocks.find(value.id); given != givenByBlocks.end()) {
            for (const ValueId result : given->second)
                follow(result, value.isSwapped);
        }
    }
    return std::nullopt;
}

} // namespace

BatchAxis namedBatchAxis(const std::vector<Dim>& shape) {
    std::vector<std::string> names;
    for (const Dim& dim : shape)
        names.push_back(isSymbol(dim.symbol) ? lowerCase(dim.symbol) : std::string());
    if (const auto found = std::ranges::find_if(names, meansBatch); found != names.end())
        return static_cast<std::size_t>(found - names.begin());
    const auto isLetter = [&](std::size_t axis) { return axis < names.size() && (names[axis] == "n" || names[axis] == "b"); };
    if (isLetter(0)) return 0;
    return isLetter(1) && meansTime(names[0]) ? BatchAxis(1) : std::nullopt;
}

BatchAxis batchAxis(const Graph& graph, const UseIndex& uses, ValueId input) {
    const auto& shape = graph.value(input).shape;
    if (shape) {
        if (const BatchAxis named = namedBatchAxis(*shape)) return named;
    }
    if (const BatchAxis layers = axisOfRecurrentLayers(graph, uses, input)) return layers;
    const std::string common = commonSymbol(graph);
    if (!shape || common.empty()) return std::nullopt;
    const auto found = std::ranges::find(*shape, common, &Dim::symbol);
    return found == shape->end() ? std::nullopt : BatchAxis(static_cast<std::size_t>(found - shape->begin()));
}

} // namespace lathe::graph

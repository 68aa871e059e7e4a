#pragma once

#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <core/graph/operators/call.h>
#include <core/transform/prune/dependency_groups.h>

namespace lathe::transform {

/// Node names by their place in execution order.
using NodeOrder = std::unordered_map<std::string_view, std::size_t>;

/// The dimension of a layer's result that its output channels are along; of convolutions with or without a batch in front.
[[nodiscard]] int outputAxis(const graph::Node& layer, std::size_t rank, std::size_t weightRank);

/// The matrices of a recurrent layer (LSTM, GRU, RNN) whose weights are all stored.
struct RecurrentWeights {
    struct Part { ///< a direction of a layer
        graph::ValueId fromInput = -1, fromState = -1;
        std::optional<graph::ValueId> inputBias, stateBias;
        bool readsInput = false; ///< else what the layer before gives
    };
    std::int64_t units = 0;
    std::size_t directions = 1;
    std::vector<Part> parts;
};
/// Nothing for other nodes, with projections, or where something is computed.
[[nodiscard]] std::optional<RecurrentWeights> recurrentWeights(const graph::Graph& graph, const graph::Node& node);

/// Follows the channels of one layer through the graph, in both directions, until every value that depends on them is known. Takes time for
/// what it visits only, so that all groups together take time that is linear in the graph. The rules of the operators stand in
/// channel_rules_*.cpp. Where channels turn out to go only together (a group of group norm, an attention head), they become one and the
/// walk starts again.
class ChannelWalk {
public:
    ChannelWalk(const graph::Graph& graph, const graph::UseIndex& uses, const NodeOrder& order, LayerNorms layerNorms, int choice)
        : m_graph(graph), m_uses(uses), m_order(order), m_layerNorms(layerNorms), m_choice(choice) {}

    [[nodiscard]] DependencyGroup walk(const graph::Node& layer);
    /// Along how many dimensions the channels could have been behind the reshape that left most of them open: so many choices there are.
    [[nodiscard]] int choices() const { return m_choices; }

private:
    using Node = graph::Node;
    using Operand = graph::Operand;
    using ValueId = graph::ValueId;

    struct Place {
        int axis;
        ChannelMap channels;
    };

    // ---- channel_walk.cpp: what all rules use
    void start(const Node& layer, const ChannelMap& units);
    bool joinMerged(ChannelMap& units);
    void forward(const graph::UseIndex::Use& use, ValueId value, const Place& place);
    void backward(ValueId value, const Place& place);
    void collectNodes();
    void obstruct(const base::Message& reason);
    void unknown(const Node& node);
    void shapesUnknown(const Node& node);
    [[nodiscard]] std::optional<std::size_t> rankOf(ValueId id) const;
    /// Sizes with symbolic dimensions as 1: only the batch may be symbolic, and it is the same on both sides of an operator.
    [[nodiscard]] std::optional<std::vector<std::int64_t>> sizesOf(ValueId id) const;
    /// The size along a dimension counted from the end; 1 where there is none.
    [[nodiscard]] std::int64_t sizeFromEnd(ValueId id, int fromEnd) const;
    void visit(ValueId value, int axis, const ChannelMap& channels);
    /// A value or a stored constant of the node.
    void couple(const Node& node, ValueId value, int axis, const ChannelMap& channels);
    void addWeight(ValueId weight, int axis, const ChannelMap& channels, const Node& node, SliceRole role);
    /// A vector with one entry for each channel, if there is one.
    void addVector(const Node& node, std::string_view role, const ChannelMap& channels);
    /// A number that counts these channels; from the end: as a negative one.
    void addLiteral(const Node& node, std::string_view role, int element, const ChannelMap& channels, bool isFromEnd = false);
    /// A size in a list: a number that counts these channels, or a value that must go on to do so; −1 follows by itself.
    void addSize(const Node& node, std::string_view role, int element, const ChannelMap& channels);
    /// The number at that place of a list, where it is one.
    [[nodiscard]] static std::optional<std::int64_t> numberAt(const Node& node, std::string_view role, std::size_t element);
    /// Both maps are of the same indices: what only one knows, the first knows then; those that differ go together. Did the first change?
    bool join(ChannelMap& into, const ChannelMap& from, const std::string& at);
    /// Blocks of so many indices go together.
    [[nodiscard]] ChannelMap inBlocks(const ChannelMap& channels, std::int64_t block, const std::string& at);

    // ---- channel_rules_layers.cpp
    void addFilters(const Node& node, const ChannelMap& channels);
    void addInputs(const Node& node, int axis, const ChannelMap& channels);
    [[nodiscard]] std::int64_t groupsOf(const Node& node) const;
    void forwardConvolution(const Node& node, const Place& place);
    void backwardConvolution(const Node& node, const Place& place);
    void normalize(const Node& node, ValueId value, const Place& place);
    void normalizeGroups(const Node& node, ValueId value, const Place& place);
    void attend(const Node& node, int operand, const Place& place);
    void multiply(const Node& node, int operand, const Place& place);
    void forwardRecurrent(const Node& node, const Place& place);
    /// From a state that the layer gets, or from one of its results: `axis` is its last.
    void recurrentUnits(const Node& node, ValueId value, const Place& place);
    /// Over dimensions that the channels are one of; false where that is an obstacle.
    bool followNorm(const Node& node, const Place& place);
    [[nodiscard]] bool followsMean(const Node& node) const;
    void backwardEmbedding(const Node& node, const Place& place);

    // ---- channel_rules_layout.cpp
    void forwardBroadcast(const Node& node, ValueId value, const Place& place);
    void backwardBroadcast(const Node& node, ValueId value, const Place& place);
    void forwardReshape(const Node& node, ValueId value, const Place& place);
    void backwardReshape(const Node& node, ValueId value, const Place& place);
    std::optional<ReshapedAxis> reshaped(ValueId from, ValueId to, const Place& place, const Node& node);
    void addShapeLiteral(const Node& node, const ReshapedAxis& reshaped);
    void forwardConcatenate(const Node& node, ValueId value, const Place& place);
    void backwardConcatenate(const Node& node, ValueId value, const Place& place);
    void stack(const Node& node, const Place& place, bool isBackward);
    void forwardExpand(const Node& node, ValueId value, const Place& place);
    void backwardExpand(const Node& node, ValueId value, const Place& place);
    void forwardTile(const Node& node, ValueId value, const Place& place);
    void backwardTile(const Node& node, ValueId value, const Place& place);
    void shufflePixels(const Node& node, ValueId value, const Place& place, bool isBackward);
    [[nodiscard]] std::optional<std::vector<int>> permutation(const Node& node) const;
    [[nodiscard]] std::optional<std::vector<int>> keptAxes(const Node& node) const;
    /// Of a node that picks by indices, for each axis of its result: the input's axis that it shows, -1: what was picked.
    [[nodiscard]] std::optional<std::vector<int>> axesBehind(const Node& node) const;
    /// Does the operator work along this dimension?
    [[nodiscard]] bool worksAlong(const Node& node, int axis) const;

    // ---- channel_rules_parts.cpp
    void forwardSplit(const Node& node, ValueId value, const Place& place);
    /// From an element of the list that `node` takes apart or picks from.
    void backwardSplit(const Node& node, ValueId value, const Place& place);
    void gate(const Node& node, ValueId value, const Place& place, bool isBackward);
    void forwardSlice(const Node& node, ValueId value, const Place& place);
    void backwardSlice(const Node& node, const Place& place);
    void select(const Node& node, const Place& place, bool isBackward);
    void forwardPad(const Node& node, ValueId value, const Place& place);
    void backwardPad(const Node& node, ValueId value, const Place& place);

    const graph::Graph& m_graph;
    const graph::UseIndex& m_uses;
    const NodeOrder& m_order;
    LayerNorms m_layerNorms;
    int m_choice;
    int m_choices = 1;
    DependencyGroup m_group;
    std::map<std::pair<ValueId, int>, std::size_t> m_knownWeights;                 ///< and axis: place in the group
    std::map<std::tuple<std::string_view, int, int>, std::size_t> m_knownLiterals; ///< node, operand, element
    std::map<ValueId, Place> m_places;
    std::vector<ValueId> m_pending;
    std::vector<std::pair<std::int32_t, std::int32_t>> m_merges; ///< channels that have to become one
    std::string m_mergedAt;
};

/// A dimension as it stands in an operand; negative ones count from the end.
[[nodiscard]] std::optional<int> normalizedAxis(const graph::Operand& operand, std::size_t rank);

} // namespace lathe::transform

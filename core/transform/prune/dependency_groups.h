#pragma once

#include <optional>
#include <string>
#include <vector>

#include <core/base/job.h>
#include <core/base/message.h>
#include <core/graph/graph.h>
#include <core/transform/prune/channel_map.h>

namespace lathe::transform {

/// What a dimension of a weight is to the group.
enum class SliceRole {
    Output, ///< what makes the channels: filters of a convolution or linear layer, gates of a recurrent one, columns of an embedding
    Input,  ///< input channels of a layer that reads the group's values
    Vector, ///< bias, batch norm, a constant that is added or multiplied
};

/// One dimension of a weight that shrinks with the group.
struct WeightSlice {
    graph::ValueId weight = -1;
    int axis = 0;
    ChannelMap channels;
    std::string node; ///< whose weight it is
    SliceRole role = SliceRole::Vector;
};

/// One dimension of an activation that shrinks with the group.
struct ValueSlice {
    graph::ValueId value = -1;
    int axis = 0;
    ChannelMap channels;
};

/// An integer literal of a node that counts channels: the features in the shape of a view, the groups of a depthwise convolution.
struct CountLiteral {
    std::string node;
    int operand = 0;
    int element = -1; ///< position in the literal list; -1: the operand is the number itself
    ChannelMap channels;
    bool isFromEnd = false;  ///< a negative number, which counts from the end
    bool isComputed = false; ///< not a number but a value, of another tensor's size perhaps: becomes the number of channels that are left
};

/// Channels that can only be removed together: if channel 3 of `layer` goes, index i goes from every slice whose channels[i] is 3.
/// G. Fang et al., DepGraph: Towards Any Structural Pruning, CVPR 2023.
struct DependencyGroup {
    std::string layer; ///< the first of `producers`, in execution order
    std::int64_t channels = 0;
    std::vector<std::string> producers; ///< layers whose output channels these are
    std::vector<std::string> affected;  ///< all nodes whose weights shrink, in execution order; producers included
    std::vector<WeightSlice> weights;
    std::vector<ValueSlice> values;
    std::vector<CountLiteral> literals;
    base::Message obstacle; ///< one sentence why the channels cannot be removed; empty when they can
};

/// Layer norms take the mean and variance of all channels, dead ones too: where channels behind one go, what is left is normalized anew and
/// no longer what it was.
enum class LayerNorms {
    Stop,   ///< they are obstacles
    Follow, ///< groups go through them, and through means over channels: the width of a transformer is one group
};

/// How many channels of its own a node makes, along the last dimension or, for convolutions, that of the channels: filters, features of an
/// embedding, units of a recurrent layer (all of its directions and layers have as many). Nothing for other nodes, and where a weight is
/// computed in the model.
[[nodiscard]] std::optional<std::int64_t> channelsMadeBy(const graph::Graph& graph, const graph::UseIndex& uses, const graph::Node& node);

/// All groups; every convolution, linear layer, embedding and recurrent layer is a producer of exactly one. Walks from each layer's output
/// channels by the ChannelRule of each operator to the layers that read them (channel_walk.h): through elementwise operators, norms,
/// pooling, views (a channel becomes a block of features), additions (which couple), concatenations (which offset), parts and attention.
/// Channels that only go together (groups of a norm or a convolution, heads) count as one. What it does not know is an obstacle, never a
/// guess. Needs value shapes. Linear in the size of the graph. Of a cancelled job: those found so far.
[[nodiscard]] std::vector<DependencyGroup> dependencyGroups(const graph::Graph& graph, const base::Job& job = {},
                                                            LayerNorms layerNorms = LayerNorms::Stop);

} // namespace lathe::transform

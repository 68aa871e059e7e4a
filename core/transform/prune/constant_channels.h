#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include <core/base/result.h>
#include <core/transform/prune/removal.h>

namespace lathe::transform {

/// Computes one node whose operands are all weights or literals.
using EvaluateNode = std::function<base::Result<std::vector<tensor::Tensor>>(const graph::Graph& graph, const graph::Node& node)>;

/// What a layer got for constant channels that it no longer reads.
struct FoldedConstants {
    std::string reader;
    std::size_t channels = 0;
    /// Does its bias say the same? Not where it is no convolution or linear layer, and where a convolution pads with zeros: at the edges it
    /// reads less of the channel than inside, and the bias is that of the inside.
    enum class How { Exact, ExceptAtEdges, Lost } how = How::Exact;
};

/// Channels that are about to go may be the same number for every input: a filter of zeros with a bias, a batch norm whose scale is zero.
/// What they add to each layer that reads them becomes part of its bias, which is made where there is none (and belongs to its group then,
/// so that it shrinks with it). Constants are followed from where they are made through everything that treats channels one by one (relu,
/// norms, pooling, flatten, additions, …) by computing each node with `evaluate`; a node that cannot be computed ends them. Constants that
/// are zero are nobody's loss and not listed. Before Removal::applyTo(). `choices` are of `groups`.
[[nodiscard]] std::vector<FoldedConstants> foldConstantChannels(graph::Graph& graph, std::vector<DependencyGroup>& groups,
                                                                std::span<const GroupChoice> choices, const EvaluateNode& evaluate);

} // namespace lathe::transform

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <core/graph/graph.h>
#include <core/graph/parameters.h>

namespace lathe::graph {

/// Does a layer name fit a pattern? `*` any run of characters, `?` one character, everything else itself; the whole name must match.
[[nodiscard]] bool matchesPattern(std::string_view pattern, std::string_view name);

/// The known name closest to a mistyped one or to what a mistyped pattern fits (edit distance at most a third of its length); "" when none
/// is close. For "did you mean" sentences.
[[nodiscard]] std::string nearestName(std::string_view wrong, const std::vector<std::string>& known);

/// A convolution, linear layer, embedding or recurrent layer with its weight, as people count layers.
struct Layer {
    std::string name; ///< Node::name
    std::string op;
    tensor::Shape weightShape;        ///< of a recurrent layer that of its first matrix
    std::int64_t parameters = 0;      ///< weight and bias elements
    std::optional<std::int64_t> macs; ///< for one sample; nothing when shapes are unknown
};
[[nodiscard]] std::vector<Layer> layers(const Graph& graph);
/// Their names alone, in the order of the model.
[[nodiscard]] std::vector<std::string> layerNames(const Graph& graph);

/// The batch that the shapes of the graph are of: the size of the first input along its batch (batchAxis, else the first dimension); 1
/// where that is free or there is none.
[[nodiscard]] std::int64_t batchOf(const Graph& graph);

/// Multiply-accumulate operations of a model for one sample.
struct MacCount {
    std::int64_t known = 0;         ///< of the nodes that can be counted
    std::int64_t unknownLayers = 0; ///< nodes that multiply and could not be counted: the whole is more than `known` when there are any
    bool operator==(const MacCount&) const = default;
};
/// Sum of macs() over all nodes divided by the batch of the first input. Of a decision the larger branch counts; what stands in a loop
/// counts as often as the loop runs, and is unknown where that is.
[[nodiscard]] MacCount macsPerSample(const Graph& graph);
/// macs() of one node for one sample.
[[nodiscard]] std::optional<std::int64_t> macsPerSample(const Graph& graph, const Node& node);

} // namespace lathe::graph

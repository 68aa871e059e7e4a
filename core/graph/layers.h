#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <core/graph/graph.h>

namespace lathe::graph {

/// Does a layer name fit a pattern? `*` any run of characters, `?` one character, everything else itself; the whole name must match.
[[nodiscard]] bool matchesPattern(std::string_view pattern, std::string_view name);

/// The known name closest to a mistyped one or to what a mistyped pattern fits (edit distance at most a third of its length); "" when none
/// is close. For "did you mean" sentences.
[[nodiscard]] std::string nearestName(std::string_view wrong, const std::vector<std::string>& known);

/// A convolution, linear layer or embedding with its weight, as people count layers.
struct Layer {
    std::string name; ///< Node::name
    std::string op;
    tensor::Shape weightShape;
    std::int64_t parameters = 0; ///< weight and bias elements
    std::int64_t macs = 0;       ///< for one sample; 0 when shapes are unknown
};
[[nodiscard]] std::vector<Layer> layers(const Graph& graph);
/// Their names alone, in the order of the model.
[[nodiscard]] std::vector<std::string> layerNames(const Graph& graph);

/// Elements of all parameters (not buffers), shared storage counted once.
[[nodiscard]] std::int64_t parameterCount(const Graph& graph);
/// Sum of macs() divided by the batch of the first input.
[[nodiscard]] std::int64_t macsPerSample(const Graph& graph);

} // namespace lathe::graph

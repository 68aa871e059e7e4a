#pragma once

#include <utility>
#include <vector>

#include <core/graph/graph.h>

namespace lathe::transform {

/// Exporters store equal constants once: the biases of two layers, zeros mostly, may be one value. While channels are removed each reader
/// has its own, which shares the bytes; afterwards those that nobody has changed are one again.
class SharedConstants {
public:
    /// Gives each reader of a vector a value of its own. Matrices that several layers read (tied weights) stay one.
    explicit SharedConstants(graph::Graph& graph);
    /// Joins what still is the same. Once.
    void join();

private:
    graph::Graph& m_graph;
    std::vector<std::pair<graph::ValueId, graph::ValueId>> m_copies; ///< and what they are of
};

} // namespace lathe::transform

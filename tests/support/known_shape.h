#pragma once

#include <cstdint>
#include <vector>

#include <core/graph/graph.h>

namespace lathe::support {

/// Says of a value that it is float32 of these sizes; returns it.
inline graph::ValueId withShape(graph::Graph& graph, graph::ValueId value, const std::vector<std::int64_t>& sizes) {
    graph.value(value).dtype = tensor::DType::Float32;
    graph.value(value).shape.emplace();
    for (const std::int64_t size : sizes)
        graph.value(value).shape->push_back({size, ""});
    return value;
}

} // namespace lathe::support

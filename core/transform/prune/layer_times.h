#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <core/base/result.h>
#include <core/graph/graph.h>

namespace lathe::transform {

/// What one call of each of these graphs takes on this machine, in milliseconds. Their inputs have shapes.
using TimeGraphs = std::function<base::Result<std::vector<double>>(const std::vector<graph::Graph>& graphs)>;

/// Adds a node of `sized` to a graph of its own: what it reads becomes an input of `alone`, its weights have no numbers. False, and `alone`
/// stays as it is, where a size is not known.
[[nodiscard]] bool addLayer(graph::Graph& alone, const graph::Graph& sized, const graph::Node& node);

/// The graph with zeros for weights that have no numbers, as addLayer() makes them.
[[nodiscard]] graph::Graph withZeros(graph::Graph alone);

/// Times of layers by their operators and sizes. Each is measured once, when it is first asked for; layers of the same sizes are the same.
class LayerTimes {
public:
    explicit LayerTimes(TimeGraphs time) : m_time(std::move(time)) {}

    /// What each of these layers alone (addLayer()) takes, in milliseconds, without what every call takes. Those that were not asked for
    /// before are measured together. Errors: those of measuring.
    [[nodiscard]] base::Result<std::vector<double>> of(const std::vector<graph::Graph>& layers);

    /// What every call takes, whatever it computes; known when layers were measured.
    [[nodiscard]] double callMs() const { return m_call.value_or(0); }

private:
    TimeGraphs m_time;
    std::optional<double> m_call; ///< of a graph that does nothing
    std::map<std::string, double> m_layers;
};

} // namespace lathe::transform

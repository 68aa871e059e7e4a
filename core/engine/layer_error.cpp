#include <core/engine/layer_error.h>

#include <cmath>
#include <set>
#include <utility>

#include <core/graph/layer_weight.h>
#include <core/quantization/shared_weight.h>

namespace lathe::engine {

namespace {

std::optional<double> figure(const Stage& stage, const std::string& layer, const char* key) {
    const auto figures = stage.layers.find(layer);
    if (figures == stage.layers.end()) return std::nullopt;
    const auto found = figures->second.find(key);
    return found == figures->second.end() ? std::nullopt : std::optional(found->second);
}

void add(std::optional<double>& part, std::optional<double> loss) {
    if (loss) part = part.value_or(0) + *loss;
}

void scale(std::optional<double>& part, double by) {
    if (part) *part *= by;
}

} // namespace

std::optional<double> sum(const measure::LossParts& parts) {
    if (!parts.pruned && !parts.weights) return std::nullopt;
    return parts.pruned.value_or(0) + parts.weights.value_or(0);
}

std::optional<double> LayerError::loss() const { return sum(parts); }

std::optional<double> LayerError::sqnrDb() const {
    const std::optional<double> lost = loss();
    if (!lost || *lost <= 0 || signal <= 0) return std::nullopt;
    return 10 * std::log10(signal / *lost);
}

LayerErrors::Squares::Squares(const graph::Graph& counted) : graph(counted), uses(counted), nodes(counted) {}

double LayerErrors::Squares::of(const std::string& layer) const {
    const graph::Node* node = nodes.find(layer);
    const auto weight = node == nullptr ? std::nullopt : graph::layerWeightOf(graph, uses, *node);
    if (!weight) return 0;
    double sum = 0;
    for (const float value : quantization::storedElements(graph, *weight).toFloats())
        sum += static_cast<double>(value) * static_cast<double>(value);
    return sum;
}

LayerErrors::LayerErrors(const graph::Graph& original, std::vector<const Stage*> stages)
    : m_stages(std::move(stages)), m_folding(m_stages.size()) {
    for (std::size_t at = 0; at < m_stages.size(); ++at) {
        if (m_stages[at]->result.op != "fuse.conv_bn") continue;
        m_folding[at].emplace(at == 0 ? original : m_stages[at - 1]->graph, m_stages[at]->graph);
    }
}

LayerError LayerErrors::of(const std::string& layer) const { return of(layer, m_stages.size()); }

LayerError LayerErrors::of(const std::string& layer, std::size_t count) const {
    LayerError error;
    bool isTouched = false;
    for (std::size_t at = 0; at < count; ++at) {
        const Stage& stage = *m_stages[at];
        if (isTouched && m_folding[at]) {
            const double before = m_folding[at]->before.of(layer), after = m_folding[at]->after.of(layer);
            if (before > 0 && after > 0) {
                error.signal *= after / before;
                scale(error.parts.pruned, after / before);
                scale(error.parts.weights, after / before);
            }
        }
        const auto loss = figure(stage, layer, "loss");
        if (!loss) continue;
        if (!isTouched) error.signal = figure(stage, layer, "signal").value_or(0);
        isTouched = true;
        add(stage.result.op.starts_with("prune.") ? error.parts.pruned : error.parts.weights, loss);
    }
    return error;
}

measure::LossParts LayerErrors::total(std::size_t count) const {
    std::set<std::string> layers;
    for (std::size_t at = 0; at < count; ++at) {
        for (const auto& [layer, figures] : m_stages[at]->layers) {
            if (figures.contains("loss")) layers.insert(layer);
        }
    }
    measure::LossParts total;
    for (const std::string& layer : layers) {
        const LayerError error = of(layer, count);
        add(total.pruned, error.parts.pruned);
        add(total.weights, error.parts.weights);
    }
    return total;
}

} // namespace lathe::engine

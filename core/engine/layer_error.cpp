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

/// Which part of the error this step makes.
std::optional<double>& partOf(const std::string& op, measure::LossParts& parts) {
    if (op.starts_with("prune.")) return parts.pruned;
    if (op.starts_with("share.")) return parts.shared;
    return op == "factorize" ? parts.factorized : parts.weights;
}

} // namespace

std::optional<double> sum(const measure::LossParts& parts) {
    std::optional<double> sum;
    for (const auto part : measure::lossParts)
        add(sum, parts.*part);
    return sum;
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
                for (const auto part : measure::lossParts)
                    if (error.parts.*part) *(error.parts.*part) *= after / before;
            }
        }
        const auto loss = figure(stage, layer, "loss");
        if (!loss) continue;
        if (!isTouched) error.signal = figure(stage, layer, "signal").value_or(0);
        isTouched = true;
        add(partOf(stage.result.op, error.parts), loss);
    }
    return error;
}

void LayerErrors::writeTo(measure::LayerFigures& figures, const std::string& layer) const {
    const LayerError error = of(layer);
    figures.loss = error.loss();
    figures.sqnrDb = error.sqnrDb();
    figures.lossParts = error.parts;
    for (const Stage* stage : m_stages) {
        if (const auto bits = figure(*stage, layer, "bits")) figures.bits = static_cast<int>(*bits);
        if (const auto numbers = figure(*stage, layer, "codebook_numbers")) figures.codebookNumbers = static_cast<std::int64_t>(*numbers);
        // A layer that would have grown has a rank too, its own, and no loss.
        if (stage->result.op != "factorize" || !figure(*stage, layer, "loss")) continue;
        if (const auto rank = figure(*stage, layer, "rank")) figures.rank = static_cast<std::int64_t>(*rank);
        figures.outputError = figure(*stage, layer, "output_error");
    }
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
        for (const auto part : measure::lossParts)
            add(total.*part, error.parts.*part);
    }
    return total;
}

} // namespace lathe::engine

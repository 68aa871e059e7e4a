#include <core/engine/batch_symbol.h>

#include <core/engine/comparison.h>
#include <core/engine/model_measurement_torch.h>

namespace lathe::engine {

namespace {

constexpr std::int64_t fewSamples = 2, moreSamples = fewSamples + 1;
constexpr std::string_view symbol = "batch";

bool annotateAt(graph::Graph& graph, const data::Dataset& dataset, std::int64_t samples) {
    return runtime::annotateShapes(graph, testBatch(dataset, {}, samples)).has_value();
}

/// A size that is `few` for two samples and `more` for three.
graph::Dim sizeInBatch(std::int64_t few, std::int64_t more) {
    const std::int64_t slope = more - few, rest = few - slope * fewSamples;
    std::string text = slope == 1 ? std::string(symbol) : std::to_string(slope) + "*" + std::string(symbol);
    if (rest != 0) text += (rest > 0 ? " + " : " - ") + std::to_string(rest > 0 ? rest : -rest);
    return {-1, text};
}

} // namespace

base::Result<> annotateWithBatchSymbol(graph::Graph& graph, const data::Dataset& dataset) {
    graph::Graph few = graph, more = graph;
    if (!annotateAt(few, dataset, fewSamples) || !annotateAt(more, dataset, moreSamples)) return annotate(graph, dataset);
    graph = std::move(few);
    for (std::size_t id = 0; id < graph.values.size(); ++id) {
        auto& shape = graph.values[id].shape;
        const auto& other = more.values[id].shape;
        if (!shape || !other || shape->size() != other->size()) continue;
        for (std::size_t axis = 0; axis < shape->size(); ++axis) {
            graph::Dim& size = (*shape)[axis];
            if (size.size >= 0 && size.size != (*other)[axis].size) size = sizeInBatch(size.size, (*other)[axis].size);
        }
    }
    return {};
}

} // namespace lathe::engine

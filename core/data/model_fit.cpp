#include <core/data/model_fit.h>

#include <string>

namespace lathe::data {

namespace {

std::string sampleText(const std::vector<graph::Dim>& shape) {
    std::string text;
    for (std::size_t at = 1; at < shape.size(); ++at) {
        const graph::Dim& dim = shape[at];
        text += (at > 1 ? "x" : "") + (dim.size >= 0 ? std::to_string(dim.size) : dim.symbol.empty() ? "?" : dim.symbol);
    }
    return text;
}

} // namespace

base::Result<> checkFit(const Dataset& dataset, const graph::Graph& graph) {
    if (graph.main.inputs.size() != 1) {
        return base::failure(base::ErrorCode::Rejected, "The model takes " + std::to_string(graph.main.inputs.size()) + " inputs, but " +
                                                            dataset.name() + " has samples for one.");
    }
    const auto& wanted = graph.value(graph.main.inputs.front()).shape;
    if (!wanted) return {};
    const tensor::Shape given = dataset.sampleShape();
    bool fits = wanted->size() == given.size() + 1;
    for (std::size_t at = 0; fits && at < given.size(); ++at) {
        const std::int64_t size = (*wanted)[at + 1].size;
        fits = size < 0 || size == given[at];
    }
    if (fits) return {};
    return base::failure(base::ErrorCode::Rejected, "The samples of " + dataset.name() + " are " + tensor::text(given) +
                                                        ", but the model takes " + sampleText(*wanted) + ".");
}

base::Error misfit(const Dataset& dataset, const base::Error& runError) {
    base::Error error = runError;
    error.code = base::ErrorCode::Rejected;
    error.message = "The samples of " + dataset.name() + " are " + tensor::text(dataset.sampleShape()) +
                    ", which the model cannot take: " + runError.message;
    if (!error.message.ends_with('.')) error.message += '.';
    return error;
}

} // namespace lathe::data

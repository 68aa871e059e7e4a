#include <core/engine/fitted_model.h>

#include <algorithm>
#include <optional>
#include <vector>

#include <core/data/model_dataset.h>
#include <core/data/model_fit.h>
#include <core/engine/model_measurement_torch.h>
#include <core/engine/symbolic_shapes.h>

namespace lathe::engine {

namespace {

using data::CallShape;

/// Of a copy of the graph; nothing when the model cannot be run so.
std::optional<graph::Graph> annotated(const graph::Graph& graph, const data::Dataset& dataset, std::int64_t samples) {
    graph::Graph copy = graph;
    if (!runtime::annotateShapes(copy, testCall(dataset, {}, samples))) return std::nullopt;
    return copy;
}

bool declaresShapes(const graph::Graph& graph) {
    return std::ranges::all_of(graph.main.inputs, [&](graph::ValueId id) { return graph.value(id).shape.has_value(); });
}

/// Do the outputs tell that there were more samples?
bool growsWithSamples(const graph::Graph& one, const graph::Graph& two) {
    bool hasShapes = false;
    for (std::size_t at = 0; at < one.main.outputs.size(); ++at) {
        if (!one.main.outputs[at].isValue()) continue;
        const auto& before = one.value(one.main.outputs[at].value()).shape;
        const auto& after = two.value(two.main.outputs[at].value()).shape;
        if (!before || !after) continue;
        hasShapes = true;
        if (before != after) return true;
    }
    return !hasShapes; // tuples and lists have none: then running says it all
}

/// Finds out how many samples the model takes. A file that says any number may still have one in the constants of the model; other forms
/// are only tried where it says nothing.
std::optional<FittedModel> tried(const graph::Graph& graph, const std::shared_ptr<const data::Dataset>& dataset) {
    if (auto one = annotated(graph, *dataset, 1)) {
        const auto two = annotated(graph, *dataset, 2);
        const CallShape shape = two && growsWithSamples(*one, *two) ? CallShape{} : CallShape{.hasBatch = true, .fixedBatch = 1};
        return FittedModel{std::move(*one), data::withCallShape(dataset, shape)};
    }
    if (declaresShapes(graph)) return std::nullopt;
    std::vector<CallShape> shapes{{.hasBatch = false, .fixedBatch = {}}};
    constexpr std::int64_t mostNumbers = std::int64_t{1} << 22; // of an input, in a trial
    for (std::int64_t batch = 2; batch <= 64 && batch * tensor::elementCount(dataset->sampleShape()) <= mostNumbers; batch *= 2)
        shapes.push_back({.hasBatch = true, .fixedBatch = batch});
    for (const CallShape& shape : shapes) {
        auto fixed = data::withCallShape(dataset, shape);
        if (auto graphOfCall = annotated(graph, *fixed, 1)) return FittedModel{std::move(*graphOfCall), std::move(fixed)};
    }
    return std::nullopt;
}

} // namespace

base::Result<FittedModel> fitToData(const graph::Graph& graph, const std::string& specification,
                                    const recipe::Preprocessing& preprocessing) {
    auto dataset = data::openFor(graph, specification, preprocessing);
    if (!dataset) return forward(dataset);
    return fitToData(graph, std::move(*dataset));
}

base::Result<FittedModel> fitToData(const graph::Graph& graph, std::shared_ptr<const data::Dataset> dataset) {
    if (dataset->callShape() == CallShape{}) {
        if (auto fitted = tried(graph, dataset)) return std::move(*fitted);
    }
    FittedModel fitted{graph, std::move(dataset)};
    if (const auto shapes = annotate(fitted.graph, *fitted.dataset); !shapes) return forward(shapes);
    return fitted;
}

void describe(graph::Graph& graph, const FittedModel& fitted) {
    graph::Graph described = fitted.graph;
    const CallShape shape = fitted.dataset->callShape();
    for (const graph::ValueId id : graph.main.inputs) {
        auto& found = described.value(id).shape;
        if (graph.value(id).shape)
            found = graph.value(id).shape;
        else if (found && !found->empty() && shape.hasBatch && !shape.fixedBatch)
            found->front().symbol = batchSymbol; // one in all these shapes, and free
    }
    graph = std::move(described);
}

base::Result<> annotate(graph::Graph& graph, const data::Dataset& dataset) {
    if (const auto fit = data::checkFit(dataset, graph); !fit) return fit;
    const auto result = runtime::annotateShapes(graph, testCall(dataset, {}, 1));
    if (result) return {};
    base::Error error = result.error();
    error.code = base::ErrorCode::Rejected;
    error.message = "Samples of shape " + dataset.sampleText() + " do not fit the model \"" + graph.name + "\": " + result.error().message;
    // Where the file does not say the shape of an input, random input has a guess.
    if (dataset.isRandom())
        error.message += ". Say the shape of the input without the batch, as in random:" + dataset.inputs().front().name + "=3x64x64.";
    return tl::unexpected(std::move(error));
}

} // namespace lathe::engine

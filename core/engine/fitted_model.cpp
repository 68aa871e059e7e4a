#include <core/engine/fitted_model.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include <core/data/model_dataset.h>
#include <core/data/model_fit.h>
#include <core/engine/model_measurement_torch.h>
#include <core/engine/symbolic_shapes.h>
#include <core/graph/batch_axis.h>
#include <core/graph/model_outputs.h>

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

/// The shapes of all tensors that the model gives; nothing for what is not known.
std::vector<std::optional<std::vector<graph::Dim>>> outputShapes(const graph::Graph& graph) {
    std::vector<std::optional<std::vector<graph::Dim>>> shapes;
    for (const graph::ModelOutput& output : graph::modelOutputs(graph, graph::UseIndex(graph)))
        shapes.push_back(output.operand.isValue() ? graph.value(output.operand.value()).shape : std::nullopt);
    return shapes;
}

/// Where samples stand in the outputs: where there is one of the graph `one` and two of `two`. First where nothing tells.
std::vector<data::BatchAxis> outputAxes(const graph::Graph& one, const graph::Graph& two) {
    const auto before = outputShapes(one), after = outputShapes(two);
    std::vector<data::BatchAxis> axes(before.size(), 0);
    for (std::size_t output = 0; output < before.size(); ++output) {
        if (!before[output] || !after[output] || before[output]->size() != after[output]->size()) continue;
        for (std::size_t axis = 0; axis < before[output]->size(); ++axis) {
            if ((*before[output])[axis].size != 1 || (*after[output])[axis].size != 2) continue;
            axes[output] = axis;
            break;
        }
    }
    return graph::unlessFirst(std::move(axes));
}

/// The same where all calls have as many samples: then only sizes tell. Of inputs that have their samples in front nothing else is
/// expected.
std::vector<data::BatchAxis> outputAxes(const graph::Graph& graph, const CallShape& shape, std::int64_t samples) {
    if (!shape.hasBatch || shape.isBatchFirst() || !shape.inputAxis(0)) return {};
    const std::size_t usual = *shape.inputAxis(0);
    const auto& input = graph.value(graph.main.inputs.front()).shape;
    std::vector<data::BatchAxis> axes;
    for (const auto& output : outputShapes(graph)) {
        const auto isBatch = [&](std::size_t axis) { return output && axis < output->size() && (*output)[axis].size == samples; };
        std::size_t found = 0;
        if (isBatch(usual) && (!isBatch(0) || (input && input->size() == output->size()))) found = usual;
        for (std::size_t axis = 1; output && !isBatch(found) && axis < output->size(); ++axis)
            found = isBatch(axis) ? axis : 0;
        axes.emplace_back(found);
    }
    return graph::unlessFirst(std::move(axes));
}

FittedModel withOutputAxes(FittedModel fitted) {
    CallShape shape = fitted.dataset->callShape();
    shape.outputAxes = outputAxes(fitted.graph, shape, fitted.dataset->callSize(1));
    fitted.dataset = data::withCallShape(fitted.dataset, shape);
    return fitted;
}

/// Shapes of one sample do not show where the batch is: whoever counts per sample (graph::batchOf) reads its name.
void nameBatch(graph::Graph& graph, const CallShape& shape) {
    for (std::size_t index = 0; index < graph.main.inputs.size() && !shape.isBatchFirst(); ++index) {
        const data::BatchAxis axis = shape.inputAxis(index);
        auto& sizes = graph.value(graph.main.inputs[index]).shape;
        if (axis && *axis > 0 && sizes && *axis < sizes->size()) (*sizes)[*axis].symbol = graph::batchSymbol;
    }
}

/// Finds out how many samples the model takes. A file that says any number may still have one in the constants of the model; other forms
/// are only tried where it says nothing.
std::optional<FittedModel> tried(const graph::Graph& graph, const std::shared_ptr<const data::Dataset>& dataset) {
    if (auto one = annotated(graph, *dataset, 1)) {
        const auto two = annotated(graph, *dataset, 2);
        CallShape shape = dataset->callShape();
        if (!two || !growsWithSamples(*one, *two)) shape.fixedBatch = 1;
        shape.outputAxes = shape.fixedBatch ? outputAxes(*one, shape, 1) : outputAxes(*one, *two);
        nameBatch(*one, shape);
        return FittedModel{std::move(*one), data::withCallShape(dataset, shape)};
    }
    if (declaresShapes(graph)) return std::nullopt;
    std::vector<CallShape> shapes{{.hasBatch = false, .fixedBatch = {}}};
    constexpr std::int64_t mostNumbers = std::int64_t{1} << 22; // of an input, in a trial
    for (std::int64_t batch = 2; batch <= 64 && batch * tensor::elementCount(dataset->sampleShape()) <= mostNumbers; batch *= 2)
        shapes.push_back({.hasBatch = true, .fixedBatch = batch, .inputAxes = dataset->callShape().inputAxes});
    for (const CallShape& shape : shapes) {
        auto fixed = data::withCallShape(dataset, shape);
        if (auto graphOfCall = annotated(graph, *fixed, 1)) return withOutputAxes({std::move(*graphOfCall), std::move(fixed)});
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
    if (dataset->callShape().hasBatch && !dataset->callShape().fixedBatch) {
        if (auto fitted = tried(graph, dataset)) return std::move(*fitted);
    }
    FittedModel fitted{graph, std::move(dataset)};
    if (const auto shapes = annotate(fitted.graph, *fitted.dataset); !shapes) return forward(shapes);
    return withOutputAxes(std::move(fitted));
}

void describe(graph::Graph& graph, const FittedModel& fitted) {
    graph::Graph described = fitted.graph;
    const CallShape shape = fitted.dataset->callShape();
    for (std::size_t index = 0; index < graph.main.inputs.size(); ++index) {
        const graph::ValueId id = graph.main.inputs[index];
        auto& found = described.value(id).shape;
        constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
        const std::size_t axis = shape.fixedBatch ? none : shape.inputAxis(index).value_or(none);
        if (graph.value(id).shape)
            found = graph.value(id).shape;
        else if (found && axis < found->size())
            (*found)[axis].symbol = graph::batchSymbol; // one in all these shapes, and free
    }
    graph = std::move(described);
}

base::Result<> annotate(graph::Graph& graph, const data::Dataset& dataset) {
    if (const auto fit = data::checkFit(dataset, graph); !fit) return fit;
    const auto result = runtime::annotateShapes(graph, testCall(dataset, {}, 1));
    if (result) return {};
    base::Error error = result.error();
    error.code = base::ErrorCode::Rejected;
    error.message = {"data.doesNotFit", {{"shape", dataset.sampleText()}, {"model", graph.name}, {"reason", result.error().message}}};
    // Where the file does not say the shape of an input, random input has a guess.
    if (dataset.isRandom()) error.message = {"data.sayShape", {{"problem", error.message}, {"input", dataset.inputs().front().name}}};
    return tl::unexpected(std::move(error));
}

} // namespace lathe::engine

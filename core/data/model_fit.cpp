#include <core/data/model_fit.h>

#include <algorithm>

#include <core/data/model_dataset.h>
#include <core/data/random_input.h>
#include <core/graph/dim_text.h>

namespace lathe::data {

namespace {

/// The dimensions of a sample in the shape of an input.
std::vector<graph::Dim> sampleDims(std::vector<graph::Dim> shape, BatchAxis batch) {
    if (batch && *batch < shape.size()) shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(*batch));
    return shape;
}

std::string sampleText(const std::vector<graph::Dim>& dims) {
    std::string text;
    for (const graph::Dim& dim : dims)
        text += (text.empty() ? "" : "x") + graph::text(dim);
    return text;
}

bool fits(const tensor::Shape& given, const graph::Value& wanted, BatchAxis batch) {
    if (!wanted.shape) return true;
    if (batch && wanted.shape->empty()) return false;
    return std::ranges::equal(sampleDims(*wanted.shape, batch), given,
                              [](const graph::Dim& dim, std::int64_t size) { return dim.size < 0 || dim.size == size; });
}

} // namespace

base::Result<std::shared_ptr<const Dataset>> openFor(const graph::Graph& graph, const std::string& specification,
                                                     const recipe::Preprocessing& preprocessing) {
    std::vector<std::string> names;
    for (const graph::ValueId id : graph.main.inputs)
        names.push_back(graph.value(id).name);
    auto dataset = isRandomInput(specification) ? openRandomInput(specification, graph) : openDataset(specification, preprocessing, names);
    if (!dataset) return dataset;
    return arrangedFor(std::move(*dataset), graph);
}

base::Result<> checkFit(const Dataset& dataset, const graph::Graph& graph) {
    const std::vector<DataInput> given = dataset.inputs();
    if (graph.main.inputs.size() != given.size()) {
        return base::failure(base::ErrorCode::Rejected, "The model takes " + std::to_string(graph.main.inputs.size()) + " inputs, but " +
                                                            dataset.name() + " has samples for " +
                                                            (given.size() == 1 ? "one" : std::to_string(given.size())) + ".");
    }
    for (std::size_t index = 0; index < given.size(); ++index) {
        const graph::Value& wanted = graph.value(graph.main.inputs[index]);
        const BatchAxis batch = dataset.callShape().inputAxis(index);
        if (fits(given[index].shape, wanted, batch)) continue;
        const std::string which = given.size() == 1 ? "" : " for \"" + wanted.name + "\"";
        return base::failure(base::ErrorCode::Rejected, "The samples of " + dataset.name() + which + " are " +
                                                            tensor::text(given[index].shape) + ", but the model takes " +
                                                            sampleText(sampleDims(*wanted.shape, batch)) + ".");
    }
    return {};
}

base::Error misfit(const Dataset& dataset, const base::Error& runError) {
    base::Error error = runError;
    error.code = base::ErrorCode::Rejected;
    error.message =
        "The samples of " + dataset.name() + " are " + dataset.sampleText() + ", which the model cannot take: " + runError.message;
    if (!error.message.ends_with('.')) error.message += '.';
    return error;
}

} // namespace lathe::data

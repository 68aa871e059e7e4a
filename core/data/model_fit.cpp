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
        if (given.size() == 1)
            return base::failure(base::ErrorCode::Rejected,
                                 {"data.hasOneInput", {{"inputs", graph.main.inputs.size()}, {"data", dataset.name()}}});
        return base::failure(
            base::ErrorCode::Rejected,
            {"data.hasOtherInputs", {{"inputs", graph.main.inputs.size()}, {"data", dataset.name()}, {"given", given.size()}}});
    }
    for (std::size_t index = 0; index < given.size(); ++index) {
        const graph::Value& wanted = graph.value(graph.main.inputs[index]);
        const BatchAxis batch = dataset.callShape().inputAxis(index);
        if (fits(given[index].shape, wanted, batch)) continue;
        const std::string shape = tensor::text(given[index].shape);
        const std::string taken = sampleText(sampleDims(*wanted.shape, batch));
        if (given.size() == 1)
            return base::failure(base::ErrorCode::Rejected,
                                 {"data.otherShape", {{"data", dataset.name()}, {"shape", shape}, {"wanted", taken}}});
        return base::failure(
            base::ErrorCode::Rejected,
            {"data.otherShapeFor", {{"data", dataset.name()}, {"input", wanted.name}, {"shape", shape}, {"wanted", taken}}});
    }
    return {};
}

base::Error misfit(const Dataset& dataset, const base::Error& runError) {
    base::Error error = runError;
    error.code = base::ErrorCode::Rejected;
    base::Message reason = runError.message;
    if (!reason.text().ends_with('.')) reason = {"error.ended", {{"problem", reason}}};
    error.message = {"data.cannotBeTaken", {{"data", dataset.name()}, {"shape", dataset.sampleText()}, {"reason", reason}}};
    return error;
}

} // namespace lathe::data

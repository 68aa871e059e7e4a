#include <core/data/model_fit.h>

#include <algorithm>
#include <numeric>

#include <core/data/random_input.h>
#include <core/graph/dim_text.h>

namespace lathe::data {

namespace {

std::string sampleText(const std::vector<graph::Dim>& shape) {
    std::string text;
    for (std::size_t at = 1; at < shape.size(); ++at) {
        const graph::Dim& dim = shape[at];
        text += (at > 1 ? "x" : "") + graph::text(dim);
    }
    return text;
}

/// A data set whose inputs come in another order.
class Arranged final : public Dataset {
public:
    Arranged(std::shared_ptr<const Dataset> dataset, std::vector<std::size_t> order)
        : m_dataset(std::move(dataset)), m_order(std::move(order)) {}

    [[nodiscard]] std::string name() const override { return m_dataset->name(); }
    [[nodiscard]] std::int64_t size(Split split) const override { return m_dataset->size(split); }
    [[nodiscard]] std::vector<DataInput> inputs() const override {
        const std::vector<DataInput> all = m_dataset->inputs();
        std::vector<DataInput> arranged;
        for (const std::size_t index : m_order)
            arranged.push_back(all[index]);
        return arranged;
    }
    [[nodiscard]] std::vector<std::string> classes() const override { return m_dataset->classes(); }
    [[nodiscard]] bool hasLabels() const override { return m_dataset->hasLabels(); }
    [[nodiscard]] bool isRandom() const override { return m_dataset->isRandom(); }
    [[nodiscard]] std::string sha256() const override { return m_dataset->sha256(); }
    [[nodiscard]] tensor::Tensor input(std::size_t index, Split split, std::int64_t begin, std::int64_t count) const override {
        return m_dataset->input(m_order[index], split, begin, count);
    }
    [[nodiscard]] tensor::Tensor gatherInput(std::size_t index, Split split, std::span<const std::int64_t> positions) const override {
        return m_dataset->gatherInput(m_order[index], split, positions);
    }
    [[nodiscard]] tensor::Tensor labels(Split split, std::int64_t begin, std::int64_t count) const override {
        return m_dataset->labels(split, begin, count);
    }

private:
    std::shared_ptr<const Dataset> m_dataset;
    std::vector<std::size_t> m_order;
};

bool fits(const DataInput& given, const graph::Value& wanted) {
    if (!wanted.shape) return true;
    if (wanted.shape->size() != given.shape.size() + 1) return false;
    for (std::size_t at = 0; at < given.shape.size(); ++at) {
        const std::int64_t size = (*wanted.shape)[at + 1].size;
        if (size >= 0 && size != given.shape[at]) return false;
    }
    return true;
}

} // namespace

std::vector<std::size_t> inputOrder(std::span<const std::string> names, const graph::Graph& graph) {
    std::vector<std::size_t> order;
    for (const graph::ValueId id : graph.main.inputs) {
        const auto found = std::ranges::find(names, graph.value(id).name);
        if (found != names.end()) order.push_back(static_cast<std::size_t>(found - names.begin()));
    }
    if (order.size() == names.size() && order.size() == graph.main.inputs.size()) return order;
    order.resize(names.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    return order;
}

std::shared_ptr<const Dataset> arrangedFor(std::shared_ptr<const Dataset> dataset, const graph::Graph& graph) {
    std::vector<std::string> names;
    for (const DataInput& input : dataset->inputs())
        names.push_back(input.name);
    std::vector<std::size_t> order = inputOrder(names, graph);
    if (std::ranges::is_sorted(order)) return dataset;
    return std::make_shared<const Arranged>(std::move(dataset), std::move(order));
}

base::Result<std::shared_ptr<const Dataset>> openFor(const graph::Graph& graph, const std::string& specification,
                                                     const recipe::Preprocessing& preprocessing) {
    if (isRandomInput(specification)) return openRandomInput(specification, graph);
    auto dataset = openDataset(specification, preprocessing);
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
        if (fits(given[index], wanted)) continue;
        const std::string which = given.size() == 1 ? "" : " for \"" + wanted.name + "\"";
        return base::failure(base::ErrorCode::Rejected, "The samples of " + dataset.name() + which + " are " +
                                                            tensor::text(given[index].shape) + ", but the model takes " +
                                                            sampleText(*wanted.shape) + ".");
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

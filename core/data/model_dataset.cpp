#include <core/data/model_dataset.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include <core/graph/batch_axis.h>
#include <core/graph/input_dtype.h>

namespace lathe::data {

namespace {

using tensor::DType;
using tensor::Tensor;

/// One input of the model: where its values are in the data, and as what the model takes them.
struct Source {
    std::size_t index = 0;
    std::optional<DType> dtype = {}; ///< nothing: as they are
    bool operator==(const Source&) const = default;
};

class ModelDataset final : public Dataset {
public:
    ModelDataset(std::shared_ptr<const Dataset> dataset, std::vector<Source> sources, CallShape shape)
        : m_dataset(std::move(dataset)), m_sources(std::move(sources)), m_shape(shape) {}

    [[nodiscard]] std::string name() const override { return m_dataset->name(); }
    [[nodiscard]] std::int64_t size(Split split) const override { return m_dataset->size(split); }
    [[nodiscard]] std::vector<DataInput> inputs() const override {
        const std::vector<DataInput> all = m_dataset->inputs();
        std::vector<DataInput> arranged;
        for (const Source& source : m_sources)
            arranged.push_back(all[source.index]);
        return arranged;
    }
    [[nodiscard]] std::vector<std::string> classes() const override { return m_dataset->classes(); }
    [[nodiscard]] bool hasLabels() const override { return m_dataset->hasLabels(); }
    [[nodiscard]] std::string labelsName() const override { return m_dataset->labelsName(); }
    [[nodiscard]] bool isRandom() const override { return m_dataset->isRandom(); }
    [[nodiscard]] std::string sha256() const override { return m_dataset->sha256(); }
    [[nodiscard]] Tensor input(std::size_t index, Split split, std::int64_t begin, std::int64_t count) const override {
        return cast(index, m_dataset->input(m_sources[index].index, split, begin, count));
    }
    [[nodiscard]] Tensor gatherInput(std::size_t index, Split split, std::span<const std::int64_t> positions) const override {
        return cast(index, m_dataset->gatherInput(m_sources[index].index, split, positions));
    }
    [[nodiscard]] Tensor labels(Split split, std::int64_t begin, std::int64_t count) const override {
        return m_dataset->labels(split, begin, count);
    }
    [[nodiscard]] CallShape callShape() const override { return m_shape; }

private:
    [[nodiscard]] Tensor cast(std::size_t index, Tensor values) const {
        const auto& dtype = m_sources[index].dtype;
        return dtype && *dtype != values.dtype() ? values.to(*dtype) : std::move(values);
    }

    std::shared_ptr<const Dataset> m_dataset;
    std::vector<Source> m_sources;
    CallShape m_shape;
};

bool isFloat(DType dtype) {
    return dtype == DType::Float16 || dtype == DType::BFloat16 || dtype == DType::Float32 || dtype == DType::Float64;
}

/// A value that has no equal in the type; nothing when there is none. Floats are rounded to shorter floats, that is no loss to speak of;
/// but a number beyond their range is.
std::optional<float> valueWithoutEqual(const Tensor& values, DType dtype) {
    if (values.dtype() == dtype || values.isNull()) return std::nullopt;
    const std::vector<float> before = values.toFloats(), after = values.to(dtype).toFloats();
    for (std::size_t at = 0; at < before.size(); ++at) {
        const bool isKept = isFloat(dtype) ? std::isfinite(after[at]) || !std::isfinite(before[at]) : before[at] == after[at];
        if (!isKept) return before[at];
    }
    return std::nullopt;
}

std::optional<DType> dtypeOf(const Dataset& dataset, std::size_t index) {
    for (const Split split : {Split::Test, Split::Train}) {
        if (dataset.size(split) > 0) return dataset.input(index, split, 0, 1).dtype();
    }
    return std::nullopt;
}

std::string numberText(float number) {
    std::string text = std::to_string(number);
    while (text.find('.') != std::string::npos && (text.back() == '0' || text.back() == '.')) {
        const bool isPoint = text.back() == '.';
        text.pop_back();
        if (isPoint) break;
    }
    return text;
}

base::Result<> checkValues(const Dataset& dataset, const Source& source, const std::string& inputName) {
    constexpr std::int64_t looked = 64;
    for (const Split split : {Split::Test, Split::Train}) {
        const std::int64_t count = std::min(looked, dataset.size(split));
        if (!source.dtype || count == 0) continue;
        const auto lost = valueWithoutEqual(dataset.input(source.index, split, 0, count), *source.dtype);
        if (!lost) continue;
        return base::failure(base::ErrorCode::Rejected, "The input \"" + inputName + "\" of the model takes " +
                                                            std::string(tensor::name(*source.dtype)) + ", but " + dataset.name() +
                                                            " has the value " + numberText(*lost) + " for it.");
    }
    return {};
}

/// Also where the shapes at hand have a size for it.
bool isFree(const graph::Dim& dim) { return dim.size < 0 || !dim.symbol.empty(); }

/// Without a dimension for the batch, and without `batch` where there is one.
bool takesSample(std::vector<graph::Dim> wanted, const tensor::Shape& sample, BatchAxis batch = {}) {
    if (batch) wanted.erase(wanted.begin() + static_cast<std::ptrdiff_t>(*batch));
    return std::ranges::equal(wanted, sample, [](const graph::Dim& dim, std::int64_t size) { return dim.size < 0 || dim.size == size; });
}

/// Which dimension of an input of this shape counts the samples, `told` being what the graph says. A free first dimension, or one of a
/// single sample, is no time or layer that could be mistaken for it: what does not fit there is refused, and not turned round.
std::size_t batchOf(const std::vector<graph::Dim>& shape, const tensor::Shape& sample, BatchAxis told) {
    if (const BatchAxis named = graph::namedBatchAxis(shape)) return *named;
    if (told && *told < shape.size() && takesSample(shape, sample, told)) return *told;
    if (shape.size() < 2 || isFree(shape.front()) || shape.front().size == 1 || !takesSample(shape, sample, 1)) return 0;
    return isFree(shape[1]) || !takesSample(shape, sample, 0) ? 1 : 0;
}

/// What one input says of the calls.
struct InputForm {
    std::string name;
    BatchAxis axis = 0;
    std::optional<std::int64_t> fixed = {}; ///< the size along `axis`
};

std::string textOf(const InputForm& form) {
    if (!form.axis) return "one sample without a batch";
    return "a batch of " + (form.fixed ? std::to_string(*form.fixed) : std::string("any number"));
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

base::Result<CallShape> callShapeFor(const graph::Graph& graph, std::span<const DataInput> inputs) {
    const graph::UseIndex uses(graph);
    std::vector<InputForm> forms;
    std::optional<InputForm> batched, single, fixed; ///< an input of each kind whose shape is known
    for (std::size_t index = 0; index < std::min(inputs.size(), graph.main.inputs.size()); ++index) {
        const graph::ValueId id = graph.main.inputs[index];
        const graph::Value& value = graph.value(id);
        InputForm form{.name = value.name};
        const BatchAxis told = graph::batchAxis(graph, uses, id);
        if (!value.shape) {
            form.axis = std::min<std::size_t>(told.value_or(0), inputs[index].shape.size());
        } else if (takesSample(*value.shape, inputs[index].shape)) {
            form.axis.reset();
            single = form;
        } else {
            form.axis = batchOf(*value.shape, inputs[index].shape, told);
            if (*form.axis < value.shape->size() && !isFree((*value.shape)[*form.axis])) form.fixed = (*value.shape)[*form.axis].size;
            batched = form;
        }
        if (form.fixed && fixed && form.fixed != fixed->fixed) {
            return base::failure(base::ErrorCode::Rejected, "The input \"" + fixed->name + "\" of the model takes " + textOf(*fixed) +
                                                                ", but \"" + form.name + "\" takes " + textOf(form) +
                                                                ": there is no way to give both samples of this data.");
        }
        if (form.fixed) fixed = form;
        forms.push_back(std::move(form));
    }
    if (single && !batched) return CallShape{.hasBatch = false, .fixedBatch = {}};
    if (single && fixed && *fixed->fixed != 1) {
        return base::failure(base::ErrorCode::Rejected, "The input \"" + fixed->name + "\" of the model takes " + textOf(*fixed) +
                                                            ", but \"" + single->name + "\" takes " + textOf(*single) +
                                                            ": there is no way to give both samples of this data.");
    }
    CallShape shape;
    if (fixed) shape.fixedBatch = fixed->fixed;
    if (single) shape.fixedBatch = 1;
    for (const InputForm& form : forms)
        shape.inputAxes.push_back(form.axis);
    shape.inputAxes = graph::unlessFirst(std::move(shape.inputAxes));
    return shape;
}

base::Result<std::shared_ptr<const Dataset>> arrangedFor(std::shared_ptr<const Dataset> dataset, const graph::Graph& graph) {
    const std::vector<DataInput> given = dataset->inputs();
    std::vector<std::string> names;
    for (const DataInput& input : given)
        names.push_back(input.name);
    const graph::UseIndex uses(graph);
    std::vector<Source> sources;
    std::vector<DataInput> arranged;
    for (const std::size_t index : inputOrder(names, graph)) {
        Source source{index, {}};
        if (sources.size() < graph.main.inputs.size()) {
            const graph::ValueId id = graph.main.inputs[sources.size()];
            source.dtype = graph::inputDType(graph, uses, id);
            if (source.dtype == dtypeOf(*dataset, index)) source.dtype.reset();
            if (const auto checked = checkValues(*dataset, source, graph.value(id).name); !checked) return base::forward(checked);
        }
        sources.push_back(source);
        arranged.push_back(given[index]);
    }
    const auto shape = callShapeFor(graph, arranged);
    if (!shape) return base::forward(shape);
    std::vector<Source> asItIs(given.size());
    for (std::size_t index = 0; index < given.size(); ++index)
        asItIs[index].index = index;
    if (sources == asItIs && *shape == dataset->callShape()) return dataset;
    return std::make_shared<const ModelDataset>(std::move(dataset), std::move(sources), *shape);
}

std::shared_ptr<const Dataset> withCallShape(std::shared_ptr<const Dataset> dataset, const CallShape& shape) {
    if (dataset->callShape() == shape) return dataset;
    std::vector<Source> sources(dataset->inputs().size());
    for (std::size_t index = 0; index < sources.size(); ++index)
        sources[index].index = index;
    return std::make_shared<const ModelDataset>(std::move(dataset), std::move(sources), shape);
}

} // namespace lathe::data

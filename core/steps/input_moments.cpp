#include <core/steps/input_moments.h>

#include <algorithm>
#include <utility>

#include <core/graph/operators/convolution.h>
#include <core/graph/operators/operator.h>

namespace lathe::steps {

using transform::InputMoment;

std::optional<transform::LayerInput> layerInput(const graph::Graph& graph, const graph::Node& node, graph::ValueId weight) {
    const tensor::Shape& shape = graph.value(weight).data.shape();
    if (!graph::isConvolution(node.op)) return transform::LayerInput{transform::weightRows(shape, 1, false)};
    const graph::Convolution layer(node);
    const auto groups = layer.groups();
    const auto stride = layer.stride(), padding = layer.padding(), dilation = layer.dilation();
    if (!groups || !stride || !padding || !dilation || !layer.transposed() || shape.size() < 3) return std::nullopt;
    if (*groups < 1 || shape[0] % *groups != 0) return std::nullopt;
    const std::vector<std::int64_t> kernel(shape.begin() + 2, shape.end());
    const auto each = [&](std::vector<std::int64_t> sizes) {
        if (sizes.size() == 1) sizes.resize(kernel.size(), sizes.front());
        return sizes;
    };
    transform::LayerInput input{transform::weightRows(shape, *groups, layer.isTransposed()), kernel, each(*stride), each(*padding),
                                each(*dilation)};
    const bool fits = input.stride.size() == kernel.size() && input.padding.size() == kernel.size() &&
                      input.dilation.size() == kernel.size() && std::ranges::all_of(input.stride, [](auto size) { return size > 0; });
    return fits ? std::optional(std::move(input)) : std::nullopt;
}

base::Result<InputMoments> observeInputs(const graph::Graph& graph, const std::vector<WeightReaders>& weights, std::int64_t samples,
                                         StepContext& context) {
    struct Shared {
        const WeightReaders* like;
        std::shared_ptr<InputMoment> moment;
    };
    std::multimap<graph::ValueId, Shared> byValue; // by the first value that is read
    std::multimap<graph::ValueId, InputMoment*> readers;
    std::vector<graph::ValueId> values;
    InputMoments moments;
    for (const WeightReaders& weight : weights) {
        if (weight.values.empty()) continue;
        auto [first, last] = byValue.equal_range(weight.values.front());
        first = std::find_if(first, last, [&](const auto& entry) {
            const WeightReaders& other = *entry.second.like;
            transform::LayerInput input = weight.input;
            input.rows.outputs = other.input.rows.outputs; // does not matter for what is read
            return other.values == weight.values && other.input == input;
        });
        if (first == last) {
            const bool isLarge = InputMoment::bytes(weight.input.rows) > mostMomentBytes;
            const auto detail = isLarge ? InputMoment::Detail::Squares : InputMoment::Detail::Moments;
            first = byValue.emplace(weight.values.front(), Shared{&weight, std::make_shared<InputMoment>(weight.input, detail)});
            for (const graph::ValueId value : weight.values) {
                if (!readers.contains(value)) values.push_back(value);
                readers.emplace(value, first->second.moment.get());
            }
        }
        moments[weight.weight] = first->second.moment;
    }
    if (values.empty()) return moments;
    const auto observed = context.observe(graph, values, samples, [&](graph::ValueId id, const tensor::Tensor& batch) {
        for (auto [entry, last] = readers.equal_range(id); entry != last; ++entry)
            entry->second->add(batch);
    });
    if (!observed) return base::forward(observed, {"while.observingInputs", {}});
    for (const auto& [value, shared] : byValue) {
        if (!shared.moment->isFinite())
            return base::failure(base::ErrorCode::Rejected, {"step.wasNotFinite", {{"value", graph.value(value).name}}});
    }
    return moments;
}

} // namespace lathe::steps

#include <core/quantization/trainable.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include <core/graph/editor.h>
#include <core/graph/operators/operator.h>
#include <core/graph/operators/quantization.h>
#include <core/quantization/qdq.h>

namespace lathe::quantization {

namespace {

using graph::Literal;
using graph::Node;
using graph::Operand;
using graph::ValueId;
using tensor::Tensor;

base::Result<> cannotBeTrained(const Node& node, const base::Message& reason) {
    return base::failure(base::ErrorCode::Unsupported, {"train.cannotTrainQuantized", {{"node", node.name}, {"reason", reason}}});
}

/// Scales and zero points of a stored weight, and which of them each element has.
struct Stored {
    Grid grid;
    GridNumbers numbers;
    std::size_t inner = 1; ///< elements that follow each other with the same scale
    [[nodiscard]] std::size_t channelOf(std::size_t element) const { return element / inner % numbers.scales.size(); }
};

std::optional<Stored> storedWeight(const graph::Graph& graph, const Node& dequantize, const Tensor& integers) {
    const auto grid = gridOf(dequantize);
    if (!grid || grid->isDynamic) return std::nullopt;
    Stored stored{*grid, {}, 1};
    std::int64_t channels = 1;
    if (grid->granularity == Granularity::Channel) {
        const auto rank = static_cast<int>(integers.shape().size());
        const int axis = grid->axis < 0 ? grid->axis + rank : grid->axis;
        if (axis < 0 || axis >= rank) return std::nullopt;
        channels = integers.shape()[static_cast<std::size_t>(axis)];
        for (int behind = axis + 1; behind < rank; ++behind)
            stored.inner *= static_cast<std::size_t>(integers.shape()[static_cast<std::size_t>(behind)]);
    }
    const auto numbers = numbersOf(graph, dequantize, channels);
    if (!numbers || channels < 1 || std::ranges::any_of(numbers->scales, [](float scale) { return !(scale > 0); })) return std::nullopt;
    stored.numbers = *numbers;
    return stored;
}

const Tensor* storedIntegers(const graph::Graph& graph, const Node& dequantize) {
    const auto input = graph::QdqCall(dequantize).value("input");
    const bool isWeight = input && graph.value(*input).kind == graph::ValueKind::Weight && !graph.value(*input).data.isNull();
    return isWeight ? &graph.value(*input).data : nullptr;
}

/// Turns a dequantize node behind a stored weight into one that rounds a float parameter.
TrainableForm::Weight makeParameter(graph::Editor& editor, Node& dequantize, const Stored& stored) {
    graph::Graph& graph = editor.graph();
    graph::Value& value = graph.value(*graph::mainInput(dequantize));
    std::vector<float> numbers = value.data.toFloats();
    for (std::size_t at = 0; at < numbers.size(); ++at) {
        const std::size_t channel = stored.channelOf(at);
        numbers[at] = (numbers[at] - static_cast<float>(stored.numbers.zeroPoints[channel])) * stored.numbers.scales[channel];
    }
    value.data = Tensor::of(value.data.shape(), numbers);
    value.dtype = tensor::DType::Float32;
    value.isParameter = true;
    const std::string name = value.name;
    const ValueId weight = *graph::mainInput(dequantize);

    const auto channels = static_cast<std::int64_t>(stored.numbers.scales.size());
    const std::vector<float> zeroPoints(stored.numbers.zeroPoints.begin(), stored.numbers.zeroPoints.end());
    const ValueId scale = editor.addWeight(name + "_step", Tensor::of({channels}, stored.numbers.scales));
    const ValueId zeroPoint = editor.addWeight(name + "_zero", Tensor::of({channels}, zeroPoints), false);
    const IntegerRange& range = stored.grid.range;
    const double perScale = static_cast<double>(numbers.size()) / static_cast<double>(channels);
    const double largest = std::max<double>(1, static_cast<double>(range.maximum));
    std::vector<Operand> operands{weight, scale, zeroPoint};
    const bool isPerChannel = stored.grid.granularity == Granularity::Channel;
    if (isPerChannel) operands.emplace_back(Literal(std::int64_t{stored.grid.axis}));
    for (Operand last :
         {Operand(Literal(range.minimum)), Operand(Literal(range.maximum)), Operand(Literal(1 / std::sqrt(perScale * largest)))})
        operands.push_back(std::move(last));
    dequantize.op = isPerChannel ? graph::op::fakeQuantizeLearnablePerChannel : graph::op::fakeQuantizeLearnable;
    editor.setOperands(dequantize, std::move(operands));
    return {name, graph.value(scale).name};
}

} // namespace

bool isQuantized(const graph::Graph& graph) {
    bool found = false;
    graph::forEachNode(graph, [&](const Node& node) { found = found || graph::isQuantize(node.op) || graph::isDequantize(node.op); });
    return found;
}

base::Result<TrainableForm> trainableForm(const graph::Graph& quantized) {
    TrainableForm form{quantized, {}};
    graph::Editor editor(form.graph);
    const graph::UseIndex uses(quantized);
    std::vector<std::pair<const Node*, Node*>> dequantizes; // as it was, and as it becomes
    graph::forEachNode(quantized, [&](const Node& node) {
        if (graph::isDequantize(node.op)) dequantizes.emplace_back(&node, editor.findNode(node.name));
    });
    for (const auto& [before, node] : dequantizes) {
        if (const Tensor* integers = storedIntegers(quantized, *before)) {
            const auto stored = storedWeight(quantized, *before, *integers);
            if (!stored) return base::forward(cannotBeTrained(*before, {"train.gridIsNotKnown", {}}));
            if (editor.useCount(*graph::mainInput(*before)) != 1)
                return base::forward(cannotBeTrained(*before, {"train.integersHaveReaders", {}}));
            form.weights.push_back(makeParameter(editor, *node, *stored));
            continue;
        }
        const auto pair = matchQdq(uses, before->results.front());
        if (!pair) return base::forward(cannotBeTrained(*before, {"train.integersComeFromNowhere", {}}));
        if (pair->grid.isDynamic) return base::forward(cannotBeTrained(*before, {"train.gridIsChosen", {}}));
        const auto grid = tensorGridOf(*pair->quantize);
        if (!grid) return base::forward(cannotBeTrained(*before, {"train.gridIsNotForWhole", {}}));
        node->op = graph::op::fakeQuantize;
        editor.setOperands(*node,
                           {pair->input, Literal(grid->scale), Literal(grid->zeroPoint), Literal(grid->minimum), Literal(grid->maximum)});
    }
    std::vector<Node*> left;
    graph::forEachNode(form.graph, [&](Node& node) {
        if (graph::isQuantize(node.op)) left.push_back(&node);
    });
    for (Node* node : left) {
        if (editor.useCount(node->results.front()) > 0) return base::forward(cannotBeTrained(*node, {"train.integersAreComputedWith", {}}));
        editor.erase(*node);
    }
    editor.finish();
    return form;
}

void storeTrained(const TrainableForm& form, const graph::Graph& trained, graph::Graph& quantized) {
    std::map<std::string, const Tensor*> numbers;
    for (const graph::Value& value : trained.values) {
        if (value.kind == graph::ValueKind::Weight) numbers.emplace(value.name, &value.data);
    }
    std::map<std::string, std::string> scaleOf;
    for (const TrainableForm::Weight& weight : form.weights)
        scaleOf.emplace(weight.name, weight.scale);

    for (graph::Value& value : quantized.values) {
        if (value.kind == graph::ValueKind::Weight && !scaleOf.contains(value.name)) value.data = *numbers.at(value.name);
    }
    graph::forEachNode(quantized, [&](Node& node) {
        const Tensor* old = graph::isDequantize(node.op) ? storedIntegers(quantized, node) : nullptr;
        if (old == nullptr) return;
        Stored stored = *storedWeight(quantized, node, *old);
        graph::Value& value = quantized.value(*graph::mainInput(node));
        stored.numbers.scales = numbers.at(scaleOf.at(value.name))->toFloats();
        std::vector<float> integers = numbers.at(value.name)->toFloats();
        const auto lowest = static_cast<float>(stored.grid.range.minimum), highest = static_cast<float>(stored.grid.range.maximum);
        for (std::size_t at = 0; at < integers.size(); ++at) { // as the operators of the trainable form round
            const std::size_t channel = stored.channelOf(at);
            const float inverse = 1.0F / stored.numbers.scales[channel];
            const float rounded = std::nearbyint(integers[at] * inverse + static_cast<float>(stored.numbers.zeroPoints[channel]));
            integers[at] = std::clamp(rounded, lowest, highest);
        }
        value.data = Tensor::of(value.data.shape(), integers).to(value.data.dtype());
        if (stored.grid.granularity != Granularity::Channel) {
            graph::setOperand(node, "scale", Literal(static_cast<double>(stored.numbers.scales.front())));
            return;
        }
        Tensor& scales = quantized.value(graph::QdqCall(node).scale().value()).data;
        scales = Tensor::of(scales.shape(), stored.numbers.scales).to(scales.dtype());
    });
}

} // namespace lathe::quantization

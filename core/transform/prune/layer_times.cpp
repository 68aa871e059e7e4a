#include <core/transform/prune/layer_times.h>

#include <algorithm>

#include <core/graph/operands.h>

namespace lathe::transform {

namespace {

/// Of this type and shape with one number in all places.
tensor::Tensor sizesOnly(tensor::DType dtype, const tensor::Shape& shape) {
    const std::vector<std::byte> number(tensor::byteSize(dtype));
    return {dtype, shape, std::vector<std::int64_t>(shape.size(), 0), tensor::Storage::copyOf(number), 0};
}

/// One number that is handed on.
graph::Graph nothingToDo() {
    graph::Graph graph;
    graph.name = "call";
    const auto input = graph.addInput("x");
    graph.value(input).shape = graph::dims({1});
    graph.value(input).dtype = tensor::DType::Float32;
    graph.main.outputs.emplace_back(input);
    return graph;
}

/// What its time depends on.
std::string sizesOf(graph::Graph layer) {
    layer.name.clear();
    for (std::size_t at = 0; at < layer.values.size(); ++at)
        layer.values[at].name = std::to_string(at);
    for (graph::Node& node : layer.main.nodes)
        node.name.clear();
    return graph::text(layer);
}

} // namespace

bool addLayer(graph::Graph& alone, const graph::Graph& sized, const graph::Node& node) {
    graph::Graph with = alone;
    graph::Node copy = node;
    copy.results.clear();
    bool isKnown = true;
    for (graph::Operand& operand : copy.operands) {
        graph::forEachValue(operand, [&](graph::ValueId& id) {
            const graph::Value& value = sized.value(id);
            const std::string name = node.name + "/" + value.name;
            if (value.kind == graph::ValueKind::Weight) {
                id = with.addWeight(name, sizesOnly(value.data.dtype(), value.data.shape()));
                return;
            }
            if (!value.shape || value.type != graph::TypeKind::Tensor) {
                isKnown = false;
                return;
            }
            tensor::Shape shape;
            for (const graph::Dim& dim : *value.shape)
                shape.push_back(dim.size < 0 ? 1 : dim.size);
            id = with.addInput(name);
            with.value(id).shape = graph::dims(shape);
            with.value(id).dtype = value.dtype.value_or(tensor::DType::Float32);
        });
    }
    if (!isKnown) return false;
    for (std::size_t result = 0; result < node.results.size(); ++result)
        copy.results.push_back(with.addResult(node.name + "_out" + (result == 0 ? "" : std::to_string(result))));
    with.main.outputs.emplace_back(copy.results.front());
    with.main.nodes.push_back(std::move(copy));
    alone = std::move(with);
    return true;
}

graph::Graph withZeros(graph::Graph alone) {
    for (graph::Value& value : alone.values) {
        if (value.kind == graph::ValueKind::Weight) value.data = tensor::Tensor::zeros(value.data.dtype(), value.data.shape());
    }
    return alone;
}

base::Result<std::vector<double>> LayerTimes::of(const std::vector<graph::Graph>& layers) {
    std::vector<std::string> sizes, added;
    std::vector<graph::Graph> measured;
    for (const graph::Graph& layer : layers) {
        sizes.push_back(sizesOf(layer));
        if (m_layers.contains(sizes.back()) || std::ranges::find(added, sizes.back()) != added.end()) continue;
        added.push_back(sizes.back());
        measured.push_back(withZeros(layer));
    }
    if (!measured.empty()) {
        if (!m_call) measured.push_back(nothingToDo());
        const auto times = m_time(measured);
        if (!times) return base::forward(times, {"while.timing", {{"what", measured.front().name}}});
        if (!m_call) m_call = times->back();
        for (std::size_t at = 0; at < added.size(); ++at)
            m_layers[added[at]] = std::max((*times)[at] - *m_call, 0.0);
    }
    std::vector<double> found;
    for (const std::string& size : sizes)
        found.push_back(m_layers.at(size));
    return found;
}

} // namespace lathe::transform

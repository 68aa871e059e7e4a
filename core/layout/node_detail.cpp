#include <core/layout/node_detail.h>

#include <algorithm>
#include <optional>
#include <vector>

#include <core/base/message.h>
#include <core/graph/dim_text.h>
#include <core/graph/layer_weight.h>
#include <core/graph/operator_name.h>
#include <core/graph/operators/convolution.h>
#include <core/graph/operators/lookup.h>
#include <core/graph/operators/pooling.h>

namespace lathe::layout {

namespace {

using graph::Graph;
using graph::Node;

void add(std::string& detail, const std::string& part) {
    detail += detailSeparator;
    detail += part;
}

std::string joined(const std::vector<std::int64_t>& numbers) {
    std::string text;
    for (const std::int64_t number : numbers) {
        text += (text.empty() ? "" : "x") + std::to_string(number);
    }
    return text;
}

bool isAll(const std::vector<std::int64_t>& numbers, std::int64_t value) {
    return std::ranges::all_of(numbers, [value](std::int64_t number) { return number == value; });
}

std::string sameOrJoined(const std::vector<std::int64_t>& numbers) {
    return isAll(numbers, numbers.front()) ? std::to_string(numbers.front()) : joined(numbers);
}

/// "5x5 · 6→16 · stride 2 · groups 3".
void addConvolution(std::string& detail, const Node& node, const tensor::Shape& weight) {
    if (weight.size() < 3) return;
    add(detail, joined({weight.begin() + 2, weight.end()}));
    const graph::Convolution layer(node);
    const std::int64_t groups = layer.groups().value_or(1);
    const bool isTransposed = layer.isTransposed();
    const std::int64_t in = isTransposed ? weight[0] : weight[1] * groups;
    const std::int64_t out = isTransposed ? weight[1] * groups : weight[0];
    add(detail, std::to_string(in) + "→" + std::to_string(out));
    if (const auto stride = layer.stride(); stride && !stride->empty() && !isAll(*stride, 1)) {
        add(detail, base::Message("node.stride", {{"stride", sameOrJoined(*stride)}}).text());
    }
    if (groups > 1 && !isTransposed) add(detail, base::Message("node.groups", {{"groups", groups}}).text());
}

} // namespace

std::string shortOp(std::string_view op) {
    const graph::Operator* known = graph::findOperator(op);
    if (known != nullptr && !known->unfused.empty()) return std::string(graph::shortName(known->unfused)) + " + relu";
    return std::string(graph::shortName(op));
}

std::string nodeDetail(const Graph& graph, const graph::UseIndex& uses, const Node& node) {
    std::string detail = shortOp(node.op);
    if (const auto weight = graph::layerWeightOf(graph, uses, node)) {
        const tensor::Shape& shape = weight->shape;
        if (graph::isConvolution(node.op)) {
            addConvolution(detail, node, shape);
        } else if (shape.size() == 2) {
            const bool isTable = !graph::isWeighted(node.op); // of an embedding, read by rows
            add(detail, std::to_string(shape[isTable ? 0 : 1]) + "→" + std::to_string(shape[isTable ? 1 : 0]));
        }
        if (weight->lookup != nullptr)
            if (const auto bits = graph::Lookup(*weight->lookup).bits())
                add(detail, base::Message("node.codebook", {{"bits", *bits}}).text());
    } else if (graph::isOfFamily(node.op, graph::Family::Pooling)) {
        const auto kernel = graph::Pooling(node).kernel().literal<std::vector<std::int64_t>>(); // adaptive ones have none
        if (kernel && !kernel->empty()) add(detail, joined(*kernel));
    } else if (graph::isQuantize(node.op) && !node.results.empty()) {
        if (const std::string dtype = dtypeText(graph.value(node.results.front())); !dtype.empty()) add(detail, dtype);
    }
    return detail;
}

std::string shapeText(const graph::Value& value) {
    if (!value.shape) return {};
    std::string text;
    for (const graph::Dim& dim : *value.shape)
        text += (text.empty() ? "" : "x") + graph::text(dim);
    return text;
}

std::string dtypeText(const graph::Value& value) { return value.dtype ? std::string(tensor::name(*value.dtype)) : std::string(); }

} // namespace lathe::layout

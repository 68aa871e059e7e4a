#include <core/engine/roofline.h>

#include <algorithm>
#include <set>

#include <core/graph/layers.h>
#include <core/graph/operands.h>
#include <core/graph/operators/call.h>
#include <core/quantization/half.h>
#include <core/quantization/qdq.h>

namespace lathe::engine {

namespace {

/// Of a value in a call of `batch` samples, when the shapes of the graph are those of `drawnBatch`.
std::optional<std::int64_t> bytesOf(const graph::Value& value, std::int64_t drawnBatch, std::int64_t batch) {
    if (value.kind == graph::ValueKind::Weight) return value.data.byteCount();
    if (value.type != graph::TypeKind::Tensor) return 0;
    if (!value.shape || !value.dtype) return std::nullopt;
    auto bytes = static_cast<std::int64_t>(tensor::byteSize(*value.dtype));
    for (std::size_t axis = 0; axis < value.shape->size(); ++axis) {
        const std::int64_t size = (*value.shape)[axis].size;
        if (axis == 0 && (size < 0 || size == drawnBatch)) {
            bytes *= batch;
        } else if (size < 0) {
            return std::nullopt;
        } else {
            bytes *= size;
        }
    }
    return bytes;
}

/// What a layer multiplies that has taken in this node, which makes floats of its rounded input; nothing when the node does something else.
std::optional<runtime::Products> productsBehind(const graph::Graph& graph, const graph::UseIndex& uses, const graph::Node& node) {
    if (const auto rounding = node.results.empty() ? std::nullopt : quantization::matchHalfRounding(uses, node.results.front()))
        return rounding->dtype == tensor::DType::BFloat16 ? std::optional(runtime::Products::Bfloat16) : std::nullopt;
    const auto grid = quantization::gridOf(node);
    const auto input = graph::mainInput(node);
    const bool isInteger =
        grid && input && node.op == quantization::qdqOperators(*grid).dequantize && graph.value(*input).kind != graph::ValueKind::Weight;
    return isInteger ? std::optional(runtime::Products::Int8) : std::nullopt;
}

} // namespace

std::optional<InstructionWork> workOf(const graph::Graph& graph, const graph::UseIndex& uses, const graph::NodeIndex& nodes,
                                      std::span<const std::string> covers, std::int64_t batch) {
    std::set<const graph::Node*> inside;
    for (const std::string& name : covers) {
        const graph::Node* node = nodes.find(name);
        // What blocks of control flow do is timed by itself.
        if (node == nullptr || !node->blocks.empty()) return std::nullopt;
        inside.insert(node);
    }
    const std::int64_t drawnBatch = graph::batchOf(graph);
    InstructionWork work;
    std::set<graph::ValueId> moved;
    for (const graph::Node* node : inside) {
        const auto macs = graph::macsPerSample(graph, *node);
        if (!macs) return std::nullopt;
        work.macs += *macs * batch;
        if (const auto products = productsBehind(graph, uses, *node)) work.products = *products;
        for (const graph::Operand& operand : node->operands) {
            graph::forEachValue(operand, [&](graph::ValueId id) {
                if (!inside.contains(uses.producer(id))) moved.insert(id);
            });
        }
        for (const graph::ValueId result : node->results) {
            const bool isRead =
                std::ranges::any_of(uses.uses(result), [&](const graph::UseIndex::Use& use) { return !inside.contains(use.node); });
            if (isRead) moved.insert(result);
        }
    }
    for (const graph::ValueId id : moved) {
        const auto bytes = bytesOf(graph.value(id), drawnBatch, batch);
        if (!bytes) return std::nullopt;
        work.bytes += *bytes;
    }
    return work;
}

} // namespace lathe::engine

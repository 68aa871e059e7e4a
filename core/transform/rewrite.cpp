#include <core/transform/rewrite.h>

#include <algorithm>
#include <cmath>

#include <core/graph/operands.h>

namespace lathe::transform {

namespace {

void eraseFrom(graph::Block& block, const std::set<std::string>& names) {
    std::erase_if(block.nodes, [&](const graph::Node& node) { return names.contains(node.name); });
    for (graph::Node& node : block.nodes) {
        for (graph::Block& inner : node.blocks)
            eraseFrom(inner, names);
    }
}

bool reads(const std::vector<graph::Operand>& operands, graph::ValueId value) {
    bool found = false;
    for (const graph::Operand& operand : operands)
        forEachValue(operand, [&](graph::ValueId id) { found = found || id == value; });
    return found;
}

bool reads(const graph::Node& node, graph::ValueId value) {
    const auto blockReads = [&](const graph::Block& block) {
        return reads(block.outputs, value) ||
               std::ranges::any_of(block.nodes, [&](const graph::Node& inner) { return reads(inner, value); });
    };
    return reads(node.operands, value) || std::ranges::any_of(node.blocks, blockReads);
}

} // namespace

std::string_view baseName(std::string_view op) {
    if (const std::size_t space = op.find("::"); space != std::string_view::npos) op.remove_prefix(space + 2);
    op = op.substr(0, op.find('.'));
    if (op.ends_with('_') && !op.ends_with("__")) op.remove_suffix(1);
    return op;
}

void setWeight(graph::Graph& graph, graph::ValueId weight, tensor::Tensor data) {
    graph::Value& value = graph.value(weight);
    value.dtype = data.dtype();
    value.shape = graph::dims(data.shape());
    value.data = std::move(data);
}

base::Result<std::vector<float>> finiteValues(const graph::Value& weight) {
    using tensor::DType;
    const DType dtype = weight.data.dtype();
    if (dtype != DType::Float32 && dtype != DType::Float64 && dtype != DType::Float16 && dtype != DType::BFloat16) {
        return base::failure(base::ErrorCode::Rejected,
                             "\"" + weight.name + "\" holds " + std::string(tensor::name(dtype)) + " and not floating-point numbers.");
    }
    std::vector<float> values = weight.data.toFloats();
    const auto bad = std::ranges::find_if(values, [](float value) { return !std::isfinite(value); });
    if (bad != values.end()) {
        return base::failure(base::ErrorCode::Rejected, "\"" + weight.name + "\" holds NaN or infinity (first at element " +
                                                            std::to_string(bad - values.begin()) + ").");
    }
    return values;
}

void eraseNodes(graph::Graph& graph, const std::set<std::string>& names) { eraseFrom(graph.main, names); }

graph::Node& insertNode(graph::Graph& graph, std::size_t position, std::string op, const std::string& name,
                        std::vector<graph::Operand> operands, int resultCount) {
    graph.addNode(std::move(op), graph.freeNodeName(name), std::move(operands), resultCount);
    auto& nodes = graph.main.nodes;
    std::rotate(nodes.begin() + static_cast<std::ptrdiff_t>(position), nodes.end() - 1, nodes.end());
    return nodes[position];
}

std::size_t firstUse(const graph::Graph& graph, graph::ValueId value) {
    const auto& nodes = graph.main.nodes;
    const auto found = std::ranges::find_if(nodes, [&](const graph::Node& node) { return reads(node, value); });
    return static_cast<std::size_t>(found - nodes.begin());
}

} // namespace lathe::transform

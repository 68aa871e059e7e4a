#include <core/formats/evaluation_mode.h>

#include <algorithm>

#include <core/graph/operators/call.h>

namespace lathe::formats {

namespace {

using graph::Literal;
using graph::Node;
using graph::Operand;

constexpr std::string_view dropRate = "dropout_p";

/// Batch norm without running statistics always takes those of the batch.
bool isFixed(const graph::Call& call) { return call.has("running_mean") && call.operand("running_mean").isNone(); }

/// num_batches_tracked += 1
bool isCounter(const graph::Graph& graph, const Node& node) {
    const auto input = graph::mainInput(node);
    return node.op.starts_with("aten::add") && input && graph.value(*input).name.ends_with("num_batches_tracked");
}

/// Attention has the rate alone; 0 is evaluation.
bool dropsAttention(const graph::Call& call) { return call.has(dropRate) && call.number(dropRate).value_or(0) > 0; }

/// "batch_norm" of "aten::batch_norm" and "aten::batch_norm_.out".
std::string shortName(const std::string& op) {
    std::string name = op.substr(op.rfind(':') + 1);
    name = name.substr(0, name.find('.'));
    while (name.ends_with('_'))
        name.pop_back();
    return name;
}

} // namespace

std::map<std::string, int> switchToEvaluation(graph::Graph& graph) {
    std::map<std::string, int> switched;
    graph::forEachNode(graph, [&](Node& node) {
        const graph::Call call(node);
        if (call.op() == nullptr) return;
        if (dropsAttention(call)) {
            graph::setOperand(node, dropRate, Operand(Literal(0.0)));
            ++switched["attention dropout"];
        }
        if (call.op()->training.empty() || isFixed(call) || call.flag(call.op()->training) != true) return;
        graph::setOperand(node, call.op()->training, Operand(Literal(false)));
        ++switched[shortName(node.op)];
    });
    const graph::UseIndex uses(graph);
    std::erase_if(graph.main.nodes, [&](const Node& node) {
        return isCounter(graph, node) && std::ranges::all_of(node.results, [&](graph::ValueId id) { return uses.uses(id).empty(); });
    });
    return switched;
}

base::Message evaluationNote(const std::map<std::string, int>& switched) {
    if (switched.empty()) return {};
    std::string names;
    for (const auto& [name, count] : switched)
        names += (names.empty() ? "" : ", ") + std::to_string(count) + " " + name;
    return {"file.runsAsInEvaluation", {{"operators", names}}};
}

} // namespace lathe::formats

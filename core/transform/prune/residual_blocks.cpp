#include <core/transform/prune/residual_blocks.h>

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>

#include <core/graph/editor.h>
#include <core/graph/operands.h>
#include <core/graph/operators/arithmetic.h>
#include <core/graph/operators/names.h>
#include <core/transform/clean/dead_code.h>

namespace lathe::transform {

namespace {

using graph::Node;
using graph::ValueId;
using Order = std::unordered_map<ValueId, std::size_t>; ///< by result: the place of its node in the main block

/// The nodes between x and f; nothing when f does not depend on x. Nothing in front of x is looked at.
std::optional<std::set<std::size_t>> between(const graph::Graph& graph, const Order& order, ValueId x, ValueId f) {
    const auto place = [&](ValueId id) {
        const auto found = order.find(id);
        return found == order.end() ? -1 : static_cast<std::ptrdiff_t>(found->second);
    };
    const std::ptrdiff_t first = place(x);
    std::set<std::size_t> visited;
    std::vector<ValueId> pending{f};
    while (!pending.empty()) {
        const ValueId id = pending.back();
        pending.pop_back();
        const std::ptrdiff_t at = place(id);
        if (at <= first || !visited.insert(static_cast<std::size_t>(at)).second) continue;
        for (const graph::Operand& operand : graph.main.nodes[static_cast<std::size_t>(at)].operands)
            graph::forEachValue(operand, [&](ValueId each) { pending.push_back(each); });
    }
    // Of those only what depends on x: a mask that the branch reads is none of it.
    std::set<ValueId> depends{x};
    std::set<std::size_t> branch;
    for (const std::size_t at : visited) {
        const Node& node = graph.main.nodes[at];
        bool reads = false;
        for (const graph::Operand& operand : node.operands)
            graph::forEachValue(operand, [&](ValueId each) { reads = reads || depends.contains(each); });
        if (!reads) continue;
        branch.insert(at);
        depends.insert(node.results.begin(), node.results.end());
    }
    return depends.contains(f) ? std::optional(branch) : std::nullopt;
}

/// "a.b" of "a.b.c" and "a.b.d.e".
std::string commonScope(const std::string& a, const std::string& b) {
    std::size_t common = 0;
    for (std::size_t at = 0; at <= std::min(a.size(), b.size()); ++at) {
        const bool endsA = at == a.size() || a[at] == '.', endsB = at == b.size() || b[at] == '.';
        if (endsA && endsB) common = at;
        if (at == a.size() || at == b.size() || a[at] != b[at]) break;
    }
    return a.substr(0, common);
}

/// The operands of a sum of two tensors.
std::optional<std::pair<ValueId, ValueId>> summands(const graph::Graph& graph, const Node& node) {
    if (node.op != graph::op::add || !graph::Addition(node).isPlain()) return std::nullopt;
    const graph::Call call(node);
    const auto a = call.value("self"), b = call.value("other");
    if (!a || !b || *a == *b) return std::nullopt;
    const auto &first = graph.value(*a), &second = graph.value(*b), &sum = graph.value(node.results.front());
    if (first.kind == graph::ValueKind::Weight || second.kind == graph::ValueKind::Weight) return std::nullopt;
    if (!first.shape || first.shape != second.shape || first.shape != sum.shape || first.dtype != second.dtype) return std::nullopt;
    return std::pair(*a, *b);
}

} // namespace

std::vector<ResidualBlock> residualBlocks(const graph::Graph& graph) {
    Order order;
    for (std::size_t at = 0; at < graph.main.nodes.size(); ++at) {
        for (const ValueId result : graph.main.nodes[at].results)
            order.emplace(result, at);
    }
    const auto placeOf = [&](ValueId id) { return order.contains(id) ? static_cast<std::ptrdiff_t>(order.at(id)) : -1; };
    std::vector<ResidualBlock> blocks;
    std::unordered_map<std::string, int> names;
    for (const Node& node : graph.main.nodes) {
        auto operands = summands(graph, node);
        if (!operands) continue;
        auto [x, f] = *operands;
        if (placeOf(x) > placeOf(f)) std::swap(x, f);
        const auto branch = between(graph, order, x, f);
        if (!branch) continue;
        ResidualBlock block{node.scope, node.name, x, node.results.front(), {}};
        std::optional<std::string> scope;
        for (const std::size_t at : *branch) {
            const Node& each = graph.main.nodes[at];
            block.branch.push_back(each.name);
            scope = scope ? commonScope(*scope, each.scope) : each.scope;
        }
        if (scope && !scope->empty()) block.name = *scope;
        if (block.name.empty()) block.name = node.name;
        const int count = ++names[block.name];
        if (count > 1) block.name += " (" + std::to_string(count) + ")";
        blocks.push_back(std::move(block));
    }
    return blocks;
}

void dropBranches(graph::Graph& graph, const std::vector<ResidualBlock>& dropped) {
    if (dropped.empty()) return;
    {
        graph::Editor editor(graph);
        for (const ResidualBlock& block : dropped) {
            // x may be the sum of a block that went before: its node reads on, whatever it is called now.
            Node& sum = *editor.findNode(block.sum);
            const graph::Addition addition(sum);
            const ValueId self = addition.left().value(), other = addition.right().value();
            const auto isBranch = [&](ValueId id) {
                const Node* producer = editor.producer(id);
                return producer != nullptr && std::ranges::find(block.branch, producer->name) != block.branch.end();
            };
            editor.replaceUses(block.result, isBranch(self) ? other : self);
        }
        editor.finish();
    }
    (void)removeDeadCode(graph);
}

} // namespace lathe::transform

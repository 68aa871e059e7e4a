#include <core/formats/view_writes.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <unordered_map>

#include <core/formats/node_names.h>
#include <core/formats/operator_schema_torch.h>
#include <core/graph/editor.h>
#include <core/graph/operands.h>
#include <core/graph/operators/call.h>

namespace lathe::formats {

namespace {

using graph::Block;
using graph::Call;
using graph::Literal;
using graph::Node;
using graph::Operand;
using graph::ValueId;

constexpr std::int64_t toTheEnd = std::numeric_limits<std::int64_t>::max();

Operand number(std::int64_t value) { return Literal(value); }

bool writes(const Node& node) {
    if (const graph::Operator* known = graph::findOperator(node.op)) return known->writesOperands();
    const c10::FunctionSchema* schema = findSchema(node.op);
    return schema != nullptr && schema->is_mutable();
}

bool writesInside(const Block& block) {
    return std::ranges::any_of(block.nodes,
                               [](const Node& node) { return writes(node) || std::ranges::any_of(node.blocks, writesInside); });
}

/// Calls `visit` for each value that the node or a block of it reads.
template<class Visit>
void forEachRead(const Node& node, const Visit& visit) {
    for (const Operand& operand : node.operands)
        graph::forEachValue(operand, visit);
    for (const Block& block : node.blocks) {
        for (const Node& inner : block.nodes)
            forEachRead(inner, visit);
        for (const Operand& output : block.outputs)
            graph::forEachValue(output, visit);
    }
}

enum class Shown {
    All,     ///< the same tensor
    Turned,  ///< all of it, in another form
    Part,    ///< some of it
    Spread,  ///< its elements several times: can be looked at, not written into
    Unclear, ///< all of it or a copy: the order of memory decides
    Unknown,
};

Shown shownBy(const Node& node) {
    static const std::set<std::string_view> all{"aten::detach", "aten::alias", "aten::lift_fresh"};
    static const std::set<std::string_view> turned{
        "aten::transpose.int", "aten::swapaxes",     "aten::t",    "aten::permute", "aten::unsqueeze",    "aten::squeeze",
        "aten::squeeze.dim",   "aten::squeeze.dims", "aten::view", "aten::view_as", "aten::unflatten.int"};
    static const std::set<std::string_view> parts{"aten::select.int", "aten::slice.Tensor", "aten::narrow", "aten::diagonal"};
    static const std::set<std::string_view> unclear{"aten::reshape", "aten::flatten.using_ints", "aten::contiguous"};
    static const std::set<std::string_view> spread{"aten::expand", "aten::expand_as", "aten::unfold", "aten::movedim.int"};
    if (all.contains(node.op)) return Shown::All;
    if (spread.contains(node.op)) return Shown::Spread;
    if (turned.contains(node.op)) return node.op == "aten::permute" && !Call(node).integers("dims") ? Shown::Unknown : Shown::Turned;
    if (unclear.contains(node.op)) return Shown::Unclear;
    if (!parts.contains(node.op)) return Shown::Unknown;
    if (node.op != "aten::narrow") return Shown::Part;
    const auto start = Call(node).integer("start"), length = Call(node).integer("length");
    return start && *start >= 0 && length ? Shown::Part : Shown::Unknown;
}

/// A value that is, or looks into, the memory of another.
struct Alias {
    ValueId parent = -1; ///< -1: has memory of its own
    ValueId root = -1;
    const Node* view = nullptr; ///< what shows it; nullptr: the same as the parent
    int element = -1;           ///< of the list that `view` makes
};

/// All values of one memory.
struct Family {
    std::vector<std::size_t> writes;                      ///< by which nodes of the block
    std::vector<std::pair<std::size_t, ValueId>> unclear; ///< made at; may or may not look into it
    bool isBlocked = false;
    std::size_t version = 0;
};

class BlockPass {
public:
    BlockPass(graph::Editor& editor, Block& block, StateChanges& changes, bool writesWeights)
        : m_editor(editor), m_graph(editor.graph()), m_block(block), m_changes(changes), m_writesWeights(writesWeights) {}

    void run() {
        for (std::size_t at = 0; at < m_block.nodes.size(); ++at)
            follow(m_block.nodes[at], at);
        for (const Operand& output : m_block.outputs)
            graph::forEachValue(output, [this](ValueId id) { m_lastRead[id] = toTheEnd; });
        bool isNeeded = false;
        for (auto& [root, family] : m_families) {
            block(root, family);
            isNeeded = isNeeded || (!family.isBlocked && !family.writes.empty());
        }
        if (!isNeeded) return;
        for (Node& node : m_block.nodes)
            rewrite(node);
        for (const Operand& output : std::vector<Operand>(m_block.outputs)) {
            graph::forEachValue(output, [this](ValueId id) {
                if (!isRewritten(id)) return;
                replaceReads(id, fresh(id, nullptr),
                             [this](const graph::Editor::Use& use) { return use.node == nullptr && use.block == &m_block; });
            });
        }
        for (Node* node : m_replaced)
            m_editor.erase(*node);
        // What a write makes of the rest of the memory may be read by nobody: a dropout on a flattened image.
        for (auto node = m_added.rbegin(); node != m_added.rend(); ++node) {
            if (m_editor.useCount((*node)->results.front()) == 0) m_editor.erase(**node);
        }
    }

private:
    // ---- who looks into whose memory

    Family* familyOf(ValueId id) {
        const auto found = m_aliases.find(id);
        if (found != m_aliases.end()) return &m_families[found->second.root];
        // What comes from outside is the model's own in the main block only.
        if (m_graph.value(id).kind == graph::ValueKind::Result || &m_block != &m_graph.main) return nullptr;
        m_aliases[id] = {-1, id, nullptr, -1};
        return &m_families[id];
    }

    void addRoot(ValueId id) {
        m_aliases[id] = {-1, id, nullptr, -1};
        m_families[id];
    }

    void addView(ValueId id, ValueId parent, const Node* view, int element = -1) {
        m_aliases[id] = {parent, m_aliases.at(parent).root, view, element};
    }

    void addUnclear(const Node& node, std::size_t at, ValueId source) {
        if (Family* family = familyOf(source)) {
            for (const ValueId result : node.results)
                family->unclear.emplace_back(at, result);
        }
    }

    void follow(const Node& node, std::size_t at) {
        forEachRead(node, [&](ValueId id) { m_lastRead[id] = static_cast<std::int64_t>(at); });
        const auto main = graph::mainInput(node);
        if (std::ranges::any_of(node.blocks, writesInside)) {
            forEachRead(node, [this](ValueId id) {
                if (Family* family = familyOf(id)) family->isBlocked = true;
            });
        }
        if (writes(node)) return followWrite(node, at);
        if (followElements(node)) return;
        const c10::FunctionSchema* schema = findSchema(node.op);
        const bool isOpaque = schema == nullptr || schema->is_vararg() || !node.blocks.empty();
        const bool isView =
            !isOpaque && std::ranges::any_of(schema->returns(), [](const c10::Argument& each) { return each.alias_info() != nullptr; });
        if (!isOpaque && !isView) {
            for (const ValueId result : node.results)
                addRoot(result);
            return;
        }
        const Shown shown = shownBy(node);
        if (shown != Shown::Unknown && main && node.results.size() == 1) {
            if (familyOf(*main) == nullptr) return;
            const bool isOfRoot = m_aliases.at(*main).parent < 0 && m_graph.value(*main).kind == graph::ValueKind::Result;
            if (shown != Shown::Unclear || isOfRoot) return addView(node.results[0], *main, shown == Shown::All ? nullptr : &node);
        }
        forEachRead(node, [&](ValueId id) { addUnclear(node, at, id); });
    }

    void followWrite(const Node& node, std::size_t at) {
        const auto main = graph::mainInput(node);
        const c10::FunctionSchema* schema = findSchema(node.op);
        for (std::size_t i = 1; schema != nullptr && i < node.operands.size() && i < schema->arguments().size(); ++i) {
            if (schema->arguments()[i].alias_info() == nullptr) continue;
            graph::forEachValue(node.operands[i], [this](ValueId id) {
                if (Family* family = familyOf(id)) family->isBlocked = true;
            });
        }
        Family* family = main ? familyOf(*main) : nullptr;
        if (family == nullptr) return;
        family->writes.push_back(at);
        if (!pureOperator(node)) family->isBlocked = true;
        for (Alias alias = m_aliases.at(*main); alias.parent >= 0; alias = m_aliases.at(alias.parent)) {
            if (alias.view != nullptr && alias.element < 0 && shownBy(*alias.view) == Shown::Spread) family->isBlocked = true;
        }
        for (const ValueId result : node.results)
            addView(result, *main, nullptr);
    }

    /// The elements of a tensor that is taken apart.
    bool followElements(const Node& node) {
        if (node.op != "prim::ListUnpack" || !node.operands[0].isValue()) return false;
        const ValueId list = node.operands[0].value();
        const Node* source = m_editor.producer(list);
        if (source == nullptr || m_editor.useCount(list) != 1) return false;
        const Call call(*source);
        if (source->op != "aten::unbind.int" && (source->op != "aten::split.Tensor" || !call.integer("split_size"))) return false;
        if (!call.integer("dim") || !source->operands[0].isValue()) return false;
        const ValueId input = source->operands[0].value();
        if (familyOf(input) == nullptr) return false;
        std::erase_if(familyOf(input)->unclear, [&](const auto& each) { return each.second == list; });
        for (std::size_t i = 0; i < node.results.size(); ++i)
            addView(node.results[i], input, source, static_cast<int>(i));
        return true;
    }

    void block(ValueId root, Family& family) {
        const bool isWeight = m_graph.value(root).kind == graph::ValueKind::Weight;
        if (isWeight && !m_writesWeights) family.isBlocked = true;
        if (family.writes.empty()) return;
        for (const auto& [at, id] : family.unclear) {
            const auto last = m_lastRead.find(id);
            const bool isReadLater = last != m_lastRead.end() && last->second > static_cast<std::int64_t>(family.writes.front());
            family.isBlocked = family.isBlocked || (isReadLater && at < family.writes.back());
        }
        if (!isWeight || family.isBlocked) return;
        m_changes.kept.erase(root);
        m_changes.dropped.insert(root);
    }

    // ---- new tensors in the place of written ones

    bool isRewritten(ValueId id) const {
        const auto found = m_aliases.find(id);
        if (found == m_aliases.end()) return false;
        const Family& family = m_families.at(found->second.root);
        return !family.isBlocked && !family.writes.empty();
    }

    template<class Wanted>
    void replaceReads(ValueId from, ValueId to, const Wanted& isWanted) {
        if (from == to) return;
        std::vector<graph::Editor::Use> uses = m_editor.uses(from);
        std::erase_if(uses, [&](const graph::Editor::Use& use) { return !isWanted(use); });
        m_editor.redirect(uses, to);
    }

    static void collect(const Node& node, std::set<const Node*>& nodes, std::set<const Block*>& blocks) {
        nodes.insert(&node);
        for (const Block& block : node.blocks) {
            blocks.insert(&block);
            for (const Node& inner : block.nodes)
                collect(inner, nodes, blocks);
        }
    }

    void rewrite(Node& node) {
        std::set<ValueId> stale;
        forEachRead(node, [&](ValueId id) {
            if (isRewritten(id)) stale.insert(id);
        });
        const auto main = graph::mainInput(node);
        const bool isWrite = main && writes(node) && isRewritten(*main);
        if (!stale.empty()) {
            std::set<const Node*> nodes;
            std::set<const Block*> blocks;
            collect(node, nodes, blocks);
            for (const ValueId id : stale)
                replaceReads(id, fresh(id, &node), [&](const graph::Editor::Use& use) {
                    return use.node != nullptr ? nodes.contains(use.node) : blocks.contains(use.block);
                });
        }
        if (!isWrite) {
            for (const ValueId result : node.results)
                current(result); // made of what was current
            return;
        }
        Family& family = m_families.at(m_aliases.at(*main).root);
        ++family.version;
        Node pure = *pureOperator(node);
        ValueId written = add(node, pure.op, std::move(pure.operands), *main);
        ValueId changed = *main;
        set(changed, written);
        for (Alias alias = m_aliases.at(changed); alias.parent >= 0; alias = m_aliases.at(changed)) {
            if (alias.view != nullptr) written = inParent(node, alias, written);
            changed = alias.parent;
            set(changed, written);
        }
        for (const ValueId result : node.results)
            set(result, current(*main).id);
        m_replaced.push_back(&node);
    }

    struct Current {
        ValueId id = -1;
        std::size_t version = 0;
    };

    void set(ValueId id, ValueId now) { m_current[id] = {now, m_families.at(m_aliases.at(id).root).version}; }

    Current& current(ValueId id) {
        const auto found = m_aliases.find(id);
        const std::size_t version = found == m_aliases.end() ? 0 : m_families.at(found->second.root).version;
        return m_current.try_emplace(id, Current{id, version}).first->second;
    }

    /// The value as it is by now; looked at anew before `reader` (at the end where there is none).
    ValueId fresh(ValueId id, const Node* reader) {
        const Alias alias = m_aliases.at(id);
        const std::size_t version = m_families.at(alias.root).version;
        Current known = current(id);
        if (alias.parent < 0 || known.version == version) return known.id;
        const ValueId parent = fresh(alias.parent, reader);
        ValueId now = parent;
        if (alias.view != nullptr) {
            std::vector<Operand> operands = alias.view->operands;
            std::string op = alias.view->op;
            if (alias.element >= 0) {
                const auto [start, end] = elementRange(alias);
                const Operand axis = Call(*alias.view).operand("dim");
                op = end < 0 ? "aten::select.int" : "aten::slice.Tensor";
                operands = end < 0 ? std::vector<Operand>{parent, axis, number(start)}
                                   : std::vector<Operand>{parent, axis, number(start), number(end), number(1)};
            }
            operands[0] = parent;
            now = addBefore(reader, *alias.view, op, std::move(operands), id);
        }
        m_current[id] = {now, version};
        return now;
    }

    /// Start and end along the dimension; no end: one index.
    static std::pair<std::int64_t, std::int64_t> elementRange(const Alias& alias) {
        const auto size = Call(*alias.view).integer("split_size");
        return size ? std::pair(alias.element * *size, (alias.element + 1) * *size)
                    : std::pair<std::int64_t, std::int64_t>(alias.element, -1);
    }

    /// What the view looks into, with `part` in the place of what it shows.
    ValueId inParent(const Node& place, const Alias& alias, ValueId part) {
        const Node& view = *alias.view;
        const Call call(view);
        const ValueId parent = current(alias.parent).id;
        const auto made = [&](const char* op, std::vector<Operand> operands) { return add(place, op, std::move(operands), alias.parent); };
        if (alias.element >= 0) {
            const auto [start, end] = elementRange(alias);
            return end < 0 ? made("aten::select_scatter", {parent, part, call.operand("dim"), number(start)})
                           : made("aten::slice_scatter", {parent, part, call.operand("dim"), number(start), number(end), number(1)});
        }
        if (view.op == "aten::select.int") return made("aten::select_scatter", {parent, part, call.operand("dim"), call.operand("index")});
        if (view.op == "aten::slice.Tensor") {
            const Operand &start = call.operand("start"), &end = call.operand("end");
            const bool isWhole = (start.isNone() || call.integer("start") == 0) && (end.isNone() || call.integer("end") == toTheEnd) &&
                                 call.integer("step") == 1;
            if (isWhole) return part;
            return made("aten::slice_scatter", {parent, part, call.operand("dim"), start, end, call.operand("step")});
        }
        if (view.op == "aten::narrow")
            return made("aten::slice_scatter", {parent, part, call.operand("dim"), call.operand("start"),
                                                number(*call.integer("start") + *call.integer("length")), number(1)});
        if (view.op == "aten::diagonal") {
            std::vector<Operand> operands = view.operands;
            operands[0] = parent;
            operands.insert(operands.begin() + 1, part);
            return made("aten::diagonal_scatter", std::move(operands));
        }
        if (view.op == "aten::transpose.int" || view.op == "aten::swapaxes" || view.op == "aten::t") {
            std::vector<Operand> operands = view.operands;
            operands[0] = part;
            return made(view.op.c_str(), std::move(operands));
        }
        if (view.op == "aten::permute") {
            const auto dims = *call.integers("dims");
            const auto rank = static_cast<std::int64_t>(dims.size());
            std::vector<std::int64_t> back(dims.size());
            for (std::int64_t i = 0; i < rank; ++i) {
                const std::int64_t from = dims[static_cast<std::size_t>(i)];
                back[static_cast<std::size_t>((from + rank) % rank)] = i;
            }
            return made("aten::permute", {part, Literal(std::move(back))});
        }
        if (view.op == "aten::unsqueeze") return made("aten::squeeze.dim", {part, call.operand("dim")});
        return made("aten::reshape_as", {part, parent});
    }

    /// The operator that makes a new tensor of what the node writes.
    std::optional<Node> pureOperator(const Node& node) const {
        Node pure;
        pure.operands = node.operands;
        if (node.op == "aten::fill_.Scalar") {
            pure.op = "aten::full_like";
            pure.operands.resize(7);
        } else if (node.op == "aten::zero_") {
            pure.op = "aten::zeros_like";
            pure.operands.resize(6);
        } else if (node.op == "aten::fill_.Tensor") {
            pure.op = "aten::copy";
            pure.operands = {node.operands[0], node.operands[1], Literal(false)};
        } else if (const auto name = pureName(node.op)) {
            pure.op = *name;
        } else {
            return std::nullopt;
        }
        return pure;
    }

    ValueId add(const Node& place, const std::string& op, std::vector<Operand> operands, ValueId as) {
        return addBefore(&place, place, op, std::move(operands), as);
    }

    /// A node where `origin` comes from, whose result is of the same kind as the value `as`.
    ValueId addBefore(const Node* place, const Node& origin, const std::string& op, std::vector<Operand> operands, ValueId as) {
        const std::string name = (origin.scope.empty() ? "" : origin.scope + ".") + shortName(op);
        Node made = m_editor.makeNode(op, name, std::move(operands));
        made.scope = origin.scope;
        made.source = origin.source;
        const ValueId result = made.results.front();
        m_graph.value(result).dtype = m_graph.value(as).dtype;
        m_graph.value(result).shape = m_graph.value(as).shape;
        m_added.push_back(place != nullptr ? &m_editor.insertBefore(*place, std::move(made)) : &m_editor.append(m_block, std::move(made)));
        return result;
    }

    graph::Editor& m_editor;
    graph::Graph& m_graph;
    Block& m_block;
    StateChanges& m_changes;
    bool m_writesWeights;
    std::unordered_map<ValueId, Alias> m_aliases;
    std::unordered_map<ValueId, Family> m_families; ///< by root
    std::unordered_map<ValueId, std::int64_t> m_lastRead;
    std::unordered_map<ValueId, Current> m_current;
    std::vector<Node*> m_replaced; ///< erased once nobody reads them
    std::vector<Node*> m_added;    ///< in the order of the data
};

void run(graph::Editor& editor, Block& block, StateChanges& changes, bool writesWeights) {
    BlockPass(editor, block, changes, writesWeights).run(); // first: it looks through the nodes that blocks had
    for (Node& node : block.nodes) {
        for (Block& inner : node.blocks)
            run(editor, inner, changes, writesWeights);
    }
}

} // namespace

void makeViewWritesPure(graph::Graph& graph, StateChanges& changes, bool writesWeights) {
    if (!writesInside(graph.main)) return;
    graph::Editor editor(graph);
    run(editor, graph.main, changes, writesWeights);
    editor.finish();
}

} // namespace lathe::formats

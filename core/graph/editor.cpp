#include <core/graph/editor.h>

#include <cassert>

#include <core/graph/operands.h>
#include <core/graph/operators/call.h>

namespace lathe::graph {

namespace {

/// Between the places of neighbours: room for nodes that are put between them.
constexpr std::int64_t gap = std::int64_t{1} << 32;

} // namespace

Editor::Editor(Graph& graph) : m_graph(graph), m_values(graph.values.size()) {
    m_entryOf.reserve(graph.main.nodes.size());
    m_entries.reserve(graph.main.nodes.size());
    m_records.reserve(graph.values.size());
    addBlock(graph.main, -1);
}

Editor::~Editor() { finish(); }

// ---- reading the graph

int Editor::addBlock(Block& block, int owner) {
    const int index = static_cast<int>(m_blocks.size());
    m_blocks.push_back({&block, owner, -1, -1, -1, false, false});
    m_blockOf.emplace(&block, index);
    for (Node& node : block.nodes) {
        const int entry = addEntry(node, index);
        BlockEntry& own = m_blocks[static_cast<std::size_t>(index)];
        m_entries[static_cast<std::size_t>(entry)].previous = own.last;
        if (own.last >= 0) {
            Entry& previous = m_entries[static_cast<std::size_t>(own.last)];
            previous.next = entry;
            m_entries[static_cast<std::size_t>(entry)].order = previous.order + gap;
        } else {
            own.first = entry;
        }
        own.last = entry;
        readBlocks(entry);
    }
    addUses(block.outputs, -1, index);
    return index;
}

int Editor::addEntry(Node& node, int block) {
    const int entry = static_cast<int>(m_entries.size());
    Entry added;
    added.node = &node;
    added.block = block;
    m_entries.push_back(added);
    m_entryOf.emplace(&node, entry);
    addUses(node.operands, entry, block);
    for (const ValueId id : node.results)
        valueEntry(id).producer = entry;
    if (m_nodesByName) m_nodesByName->insert_or_assign(node.name, &node);
    if (m_nodeNames) m_nodeNames->insert(node.name);
    return entry;
}

void Editor::readBlocks(int entry) {
    for (Block& inner : m_entries[static_cast<std::size_t>(entry)].node->blocks)
        addBlock(inner, entry);
}

void Editor::addUses(std::vector<Operand>& operands, int entry, int block) {
    for (std::size_t i = 0; i < operands.size(); ++i)
        addUses(operands[i], entry, block, static_cast<int>(i));
}

void Editor::addUses(Operand& operand, int entry, int block, int position) {
    forEachValue(operand, [&](ValueId& id) {
        int& first = entry >= 0 ? m_entries[static_cast<std::size_t>(entry)].firstUse : m_blocks[static_cast<std::size_t>(block)].firstUse;
        const int record = static_cast<int>(m_records.size());
        m_records.push_back({&id, entry, block, position, -1, -1, first});
        first = record;
        link(record, id);
    });
}

void Editor::dropUses(int& first) {
    for (; first >= 0; first = m_records[static_cast<std::size_t>(first)].nextOfOwner)
        unlink(first);
}

void Editor::link(int record, ValueId value) {
    ++m_work;
    ValueEntry& entry = valueEntry(value);
    Record& added = m_records[static_cast<std::size_t>(record)];
    added.previous = entry.last;
    added.next = -1;
    if (entry.last >= 0)
        m_records[static_cast<std::size_t>(entry.last)].next = record;
    else
        entry.first = record;
    entry.last = record;
    ++entry.count;
}

void Editor::unlink(int record) {
    ++m_work;
    const Record& removed = m_records[static_cast<std::size_t>(record)];
    ValueEntry& entry = valueEntry(*removed.place);
    (removed.previous >= 0 ? m_records[static_cast<std::size_t>(removed.previous)].next : entry.first) = removed.next;
    (removed.next >= 0 ? m_records[static_cast<std::size_t>(removed.next)].previous : entry.last) = removed.previous;
    --entry.count;
}

Editor::ValueEntry& Editor::valueEntry(ValueId id) {
    if (static_cast<std::size_t>(id) >= m_values.size()) m_values.resize(m_graph.values.size());
    return m_values[static_cast<std::size_t>(id)];
}

// ---- who makes and who reads

Node* Editor::producer(ValueId id) const {
    if (static_cast<std::size_t>(id) >= m_values.size()) return nullptr;
    const int entry = m_values[static_cast<std::size_t>(id)].producer;
    return entry < 0 ? nullptr : m_entries[static_cast<std::size_t>(entry)].node;
}

Editor::Use Editor::useOf(int record) const {
    const Record& use = m_records[static_cast<std::size_t>(record)];
    Node* node = use.entry < 0 ? nullptr : m_entries[static_cast<std::size_t>(use.entry)].node;
    return {node, m_blocks[static_cast<std::size_t>(use.block)].block, use.operand, record};
}

std::vector<Editor::Use> Editor::uses(ValueId id) const {
    std::vector<Use> found;
    if (static_cast<std::size_t>(id) >= m_values.size()) return found;
    const ValueEntry& entry = m_values[static_cast<std::size_t>(id)];
    found.reserve(entry.count);
    for (int record = entry.first; record >= 0; record = m_records[static_cast<std::size_t>(record)].next)
        found.push_back(useOf(record));
    m_work += found.size();
    return found;
}

std::size_t Editor::useCount(ValueId id) const {
    return static_cast<std::size_t>(id) < m_values.size() ? m_values[static_cast<std::size_t>(id)].count : 0;
}

bool Editor::isInMain(const Node& node) const {
    return m_blocks[static_cast<std::size_t>(m_entries[static_cast<std::size_t>(entryOf(node))].block)].owner < 0;
}

Node* Editor::firstReader(ValueId id) const {
    const Entry* found = nullptr;
    if (static_cast<std::size_t>(id) >= m_values.size()) return nullptr;
    for (int record = m_values[static_cast<std::size_t>(id)].first; record >= 0;
         record = m_records[static_cast<std::size_t>(record)].next) {
        int entry = m_records[static_cast<std::size_t>(record)].entry, block = m_records[static_cast<std::size_t>(record)].block;
        for (int owner = m_blocks[static_cast<std::size_t>(block)].owner; owner >= 0;
             owner = m_blocks[static_cast<std::size_t>(block)].owner) {
            ++m_work;
            entry = owner;
            block = m_entries[static_cast<std::size_t>(entry)].block;
        }
        ++m_work;
        if (entry < 0) continue; // an output of the model
        const Entry& reader = m_entries[static_cast<std::size_t>(entry)];
        if (found == nullptr || reader.order < found->order) found = &reader;
    }
    return found == nullptr ? nullptr : found->node;
}

// ---- names

Node* Editor::findNode(std::string_view nodeName) {
    if (!m_nodesByName) {
        m_nodesByName.emplace();
        m_nodesByName->reserve(m_entries.size());
        for (const Entry& entry : m_entries) {
            if (!entry.isErased) m_nodesByName->insert_or_assign(entry.node->name, entry.node);
        }
    }
    const auto found = m_nodesByName->find(nodeName);
    return found == m_nodesByName->end() ? nullptr : found->second;
}

base::UniqueNames& Editor::nodeNames() {
    if (!m_nodeNames) {
        m_nodeNames.emplace();
        for (const Entry& entry : m_entries) {
            if (!entry.isErased) m_nodeNames->insert(entry.node->name);
        }
    }
    return *m_nodeNames;
}

base::UniqueNames& Editor::valueNames() {
    if (!m_valueNames) {
        m_valueNames.emplace();
        for (const Value& value : m_graph.values)
            m_valueNames->insert(value.name);
    }
    return *m_valueNames;
}

// ---- new things

ValueId Editor::addWeight(const std::string& wanted, tensor::Tensor data, bool isParameter) {
    return m_graph.addWeight(valueNames().take(wanted), std::move(data), isParameter);
}

ValueId Editor::addResult(const std::string& wanted, TypeKind type) { return m_graph.addResult(valueNames().take(wanted), type); }

Node Editor::makeNode(std::string_view op, const std::string& wanted, std::vector<Operand> operands, int resultCount) {
    Node node;
    node.op = op;
    node.name = nodeNames().take(wanted);
    node.operands = std::move(operands);
    for (int i = 0; i < resultCount; ++i)
        node.results.push_back(addResult(node.name + (resultCount == 1 ? "_out" : "_out" + std::to_string(i))));
    return node;
}

Node& Editor::insertBefore(const Node& place, Node node) {
    const Entry& behind = m_entries[static_cast<std::size_t>(entryOf(place))];
    return insert(behind.block, behind.previous, std::move(node));
}

Node& Editor::insertBehind(const Node& place, Node node) {
    const int before = entryOf(place);
    return insert(m_entries[static_cast<std::size_t>(before)].block, before, std::move(node));
}

Node& Editor::insertFirst(Block& block, Node node) { return insert(m_blockOf.at(&block), -1, std::move(node)); }

Node& Editor::append(Block& block, Node node) {
    const int index = m_blockOf.at(&block);
    return insert(index, m_blocks[static_cast<std::size_t>(index)].last, std::move(node));
}

Node& Editor::insert(int block, int previous, Node node) {
    assert(!m_isFinished);
    Node& inserted = m_newNodes.emplace_back(std::move(node));
    const int entry = addEntry(inserted, block);
    place(entry, previous);
    readBlocks(entry);
    return inserted;
}

/// Behind `previous` of the same block; −1: at its start.
void Editor::place(int entry, int previous) {
    ++m_work;
    Entry& placed = m_entries[static_cast<std::size_t>(entry)];
    BlockEntry& block = m_blocks[static_cast<std::size_t>(placed.block)];
    block.isChanged = true;
    placed.previous = previous;
    placed.next = previous >= 0 ? m_entries[static_cast<std::size_t>(previous)].next : block.first;
    (placed.previous >= 0 ? m_entries[static_cast<std::size_t>(placed.previous)].next : block.first) = entry;
    (placed.next >= 0 ? m_entries[static_cast<std::size_t>(placed.next)].previous : block.last) = entry;
    if (placed.previous < 0 && placed.next < 0) {
        placed.order = 0;
    } else if (placed.previous < 0) {
        placed.order = m_entries[static_cast<std::size_t>(placed.next)].order - gap;
    } else if (placed.next < 0) {
        placed.order = m_entries[static_cast<std::size_t>(placed.previous)].order + gap;
    } else {
        const std::int64_t low = m_entries[static_cast<std::size_t>(placed.previous)].order;
        const std::int64_t high = m_entries[static_cast<std::size_t>(placed.next)].order;
        placed.order = low + (high - low) / 2;
        if (placed.order == low) renumber(placed.block);
    }
}

/// No room is left somewhere: once in some thirty insertions at the same place.
void Editor::renumber(int block) {
    std::int64_t order = 0;
    for (int entry = m_blocks[static_cast<std::size_t>(block)].first; entry >= 0; entry = m_entries[static_cast<std::size_t>(entry)].next) {
        ++m_work;
        m_entries[static_cast<std::size_t>(entry)].order = order;
        order += gap;
    }
}

// ---- changes

void Editor::setOperand(Node& node, std::size_t position, Operand operand) {
    const int entry = entryOf(node);
    // Those of this operand leave the chain of the node; the others stay in it.
    int* link = &m_entries[static_cast<std::size_t>(entry)].firstUse;
    while (*link >= 0) {
        Record& record = m_records[static_cast<std::size_t>(*link)];
        ++m_work;
        if (record.operand == static_cast<int>(position)) {
            unlink(*link);
            *link = record.nextOfOwner;
        } else {
            link = &record.nextOfOwner;
        }
    }
    node.operands[position] = std::move(operand);
    addUses(node.operands[position], entry, m_entries[static_cast<std::size_t>(entry)].block, static_cast<int>(position));
}

void Editor::setOperands(Node& node, std::vector<Operand> operands) {
    const int entry = entryOf(node);
    dropUses(m_entries[static_cast<std::size_t>(entry)].firstUse);
    node.operands = std::move(operands);
    addUses(node.operands, entry, m_entries[static_cast<std::size_t>(entry)].block);
}

void Editor::setResults(Node& node, std::vector<ValueId> results) {
    const int entry = entryOf(node);
    for (const ValueId id : node.results) {
        if (valueEntry(id).producer == entry) valueEntry(id).producer = -1;
    }
    node.results = std::move(results);
    for (const ValueId id : node.results)
        valueEntry(id).producer = entry;
}

void Editor::replaceUses(ValueId from, ValueId to) {
    if (from == to) return;
    for (int record = valueEntry(from).first; record >= 0;) {
        const int next = m_records[static_cast<std::size_t>(record)].next;
        unlink(record);
        *m_records[static_cast<std::size_t>(record)].place = to;
        link(record, to);
        record = next;
    }
}

void Editor::redirect(std::span<const Use> uses, ValueId to) {
    for (const Use& use : uses) {
        unlink(use.record);
        *m_records[static_cast<std::size_t>(use.record)].place = to;
        link(use.record, to);
    }
}

void Editor::erase(Node& node) {
    assert(!m_isFinished);
    const int index = entryOf(node);
    const Entry& erased = m_entries[static_cast<std::size_t>(index)];
    if (erased.isErased) return;
    BlockEntry& block = m_blocks[static_cast<std::size_t>(erased.block)];
    block.isChanged = true;
    (erased.previous >= 0 ? m_entries[static_cast<std::size_t>(erased.previous)].next : block.first) = erased.next;
    (erased.next >= 0 ? m_entries[static_cast<std::size_t>(erased.next)].previous : block.last) = erased.previous;
    forget(index);
}

/// A node that is no longer in the graph, with its blocks.
void Editor::forget(int entry) {
    ++m_work;
    Entry& erased = m_entries[static_cast<std::size_t>(entry)];
    erased.isErased = true;
    dropUses(erased.firstUse);
    for (const ValueId id : erased.node->results) {
        if (valueEntry(id).producer == entry) valueEntry(id).producer = -1;
    }
    if (m_nodesByName) {
        const auto found = m_nodesByName->find(erased.node->name);
        if (found != m_nodesByName->end() && found->second == erased.node) m_nodesByName->erase(found);
    }
    if (m_nodeNames) m_nodeNames->release(erased.node->name);
    for (const Block& inner : erased.node->blocks) {
        BlockEntry& block = m_blocks[static_cast<std::size_t>(m_blockOf.at(&inner))];
        block.isErased = true;
        dropUses(block.firstUse);
        for (int each = block.first; each >= 0; each = m_entries[static_cast<std::size_t>(each)].next)
            forget(each);
    }
}

void Editor::finish() {
    if (m_isFinished) return;
    m_isFinished = true;
    for (const BlockEntry& block : m_blocks) {
        if (!block.isChanged || block.isErased) continue;
        std::vector<Node> ordered;
        ordered.reserve(block.block->nodes.size());
        for (int entry = block.first; entry >= 0; entry = m_entries[static_cast<std::size_t>(entry)].next) {
            ++m_work;
            ordered.push_back(std::move(*m_entries[static_cast<std::size_t>(entry)].node));
        }
        block.block->nodes = std::move(ordered);
    }
}

void bypassNodes(Graph& graph, const std::function<bool(const Node&)>& matches) {
    Editor editor(graph);
    // From the start to the end: each use is moved once, also along a chain of such nodes.
    forEachNode(graph, [&](Node& node) {
        if (!matches(node)) return;
        editor.replaceUses(node.results.front(), *mainInput(node));
        editor.erase(node);
    });
}

} // namespace lathe::graph

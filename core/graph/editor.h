#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <core/base/unique_names.h>
#include <core/graph/graph.h>

namespace lathe::graph {

/// Changes a graph and knows all the while who makes and who reads each value, which names are free and where a node stands. Made in one
/// pass over the graph; every change takes time for what it changes, never for the size of the graph, so that a rewrite that changes every
/// node is linear.
///
/// Changes of the order of nodes are collected: until finish() (or the end of the editor) the nodes of the graph stay where they are in
/// memory, erased ones too, and new nodes live in the editor. So Node pointers and references, those that the editor hands out as well, are
/// good until then, and loops over a block's nodes may insert and erase; but whoever walks over the graph meanwhile sees the old order.
/// Operators, scopes and values' dtypes and shapes are changed directly; operands, results, names and the order of nodes only by the
/// editor. Values are never removed: compact() does that afterwards. One thread.
class Editor {
public:
    explicit Editor(Graph& graph);
    ~Editor();
    Editor(const Editor&) = delete;
    Editor& operator=(const Editor&) = delete;

    /// A place where a value is read. Good until that operand is set or its node is erased.
    struct Use {
        Node* node = nullptr;   ///< nullptr: an output of `block`
        Block* block = nullptr; ///< where the node stands, or whose output it is
        int operand = 0;        ///< position in node->operands (or in the block's outputs)
        int record = -1;        ///< for redirect()
    };

    [[nodiscard]] Graph& graph() const { return m_graph; }

    // ---- who makes and who reads

    /// nullptr for inputs and weights, and for results whose node was erased.
    [[nodiscard]] Node* producer(ValueId id) const;
    /// One for each time that the value stands in an operand or output, in no particular order.
    [[nodiscard]] std::vector<Use> uses(ValueId id) const;
    [[nodiscard]] std::size_t useCount(ValueId id) const;
    /// Does the node stand in the main block?
    [[nodiscard]] bool isInMain(const Node& node) const;
    /// The first node of the main block that reads the value, itself or in its blocks; nullptr when there is none. Takes time for each use.
    [[nodiscard]] Node* firstReader(ValueId id) const;

    // ---- names

    /// By name, those of blocks and new ones too; nullptr when there is none.
    [[nodiscard]] Node* findNode(std::string_view nodeName);

    // ---- new things. `wanted` becomes wanted_1, wanted_2, … when it is taken.

    ValueId addWeight(const std::string& wanted, tensor::Tensor data, bool isParameter = true);
    ValueId addResult(const std::string& wanted, TypeKind type = TypeKind::Tensor);
    /// A node that is still to be inserted, with `resultCount` fresh tensor results that are called after it ("fc_out", or "fc_out0", …).
    [[nodiscard]] Node makeNode(std::string_view op, const std::string& wanted, std::vector<Operand> operands, int resultCount = 1);
    /// Inserts a node right before or behind another one, or at an end of a block. Its name must be free, or come from makeNode().
    Node& insertBefore(const Node& place, Node node);
    Node& insertBehind(const Node& place, Node node);
    Node& insertFirst(Block& block, Node node);
    Node& append(Block& block, Node node);

    // ---- changes

    void setOperand(Node& node, std::size_t position, Operand operand);
    void setOperands(Node& node, std::vector<Operand> operands);
    /// The node makes these values from now on; whoever made them before must be erased or get other results.
    void setResults(Node& node, std::vector<ValueId> results);
    /// Every use of `from` reads `to`, in blocks and outputs too.
    void replaceUses(ValueId from, ValueId to);
    /// These uses read `to`.
    void redirect(std::span<const Use> uses, ValueId to);
    /// Removes the node with its blocks. What it made must not be read, or be made by another node by now.
    void erase(Node& node);

    /// Brings the nodes into their new order. The editor must not be used afterwards.
    void finish();

    /// Elementary steps so far: links made, cut and followed. For tests that hold that editing is linear.
    [[nodiscard]] std::size_t work() const { return m_work; }

private:
    struct Entry { ///< a node
        Node* node = nullptr;
        int block = -1;
        int previous = -1, next = -1; ///< in its block
        std::int64_t order = 0;       ///< rises along the block
        int firstUse = -1;            ///< of its operands
        bool isErased = false;
    };
    struct BlockEntry {
        Block* block = nullptr;
        int owner = -1; ///< entry of the node; -1: the main block
        int first = -1, last = -1;
        int firstUse = -1; ///< of its outputs
        bool isChanged = false, isErased = false;
    };
    struct Record { ///< a use
        ValueId* place = nullptr;
        int entry = -1, block = -1, operand = 0;
        int previous = -1, next = -1; ///< of the same value
        int nextOfOwner = -1;         ///< of the same node, or of the outputs of the same block
    };
    struct ValueEntry {
        int producer = -1;
        int first = -1, last = -1;
        std::size_t count = 0;
    };
    int addBlock(Block& block, int owner);
    int addEntry(Node& node, int block);
    void readBlocks(int entry);
    void addUses(std::vector<Operand>& operands, int entry, int block);
    void addUses(Operand& operand, int entry, int block, int position);
    void dropUses(int& first);
    void link(int record, ValueId value);
    void unlink(int record);
    Node& insert(int block, int previous, Node node);
    void place(int entry, int previous);
    void renumber(int block);
    void forget(int entry);
    Use useOf(int record) const;
    int entryOf(const Node& node) const { return m_entryOf.at(&node); }
    ValueEntry& valueEntry(ValueId id);
    base::UniqueNames& nodeNames();
    base::UniqueNames& valueNames();

    Graph& m_graph;
    std::vector<Entry> m_entries;
    std::vector<BlockEntry> m_blocks;
    std::vector<Record> m_records;
    std::vector<ValueEntry> m_values;
    std::unordered_map<const Node*, int> m_entryOf;
    std::unordered_map<const Block*, int> m_blockOf;
    std::deque<Node> m_newNodes;
    mutable std::size_t m_work = 0;
    bool m_isFinished = false;

    // Made when they are asked for first: many rewrites need none.
    std::optional<std::unordered_map<std::string_view, Node*>> m_nodesByName;
    std::optional<base::UniqueNames> m_nodeNames, m_valueNames;
};

/// Takes nodes that match out of the graph, in all blocks: whoever read the first result of one reads its first operand, which must be a
/// value.
void bypassNodes(Graph& graph, const std::function<bool(const Node&)>& matches);

} // namespace lathe::graph

#pragma once

#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <core/graph/graph.h>
#include <core/runtime/lowering/lower.h>
#include <core/runtime/lowering/qdq_nodes.h>

namespace lathe::runtime {

/// The bytes that a float value is the dequantized form of.
struct Twin {
    graph::ValueId bytes = -1;
    ActivationGrid grid;
};

/// What patterns share while a graph is lowered: which values are bytes by now, who reads them in the original, and the lowered graph so
/// far.
class LoweringContext {
public:
    explicit LoweringContext(const graph::Graph& original, bool fusesFloatLayers = false);

    [[nodiscard]] const graph::Graph& original() const { return m_original; }
    [[nodiscard]] const graph::UseIndex& uses() const { return m_uses; }
    /// May float layers take in what follows them?
    [[nodiscard]] bool fusesFloatLayers() const { return m_fusesFloatLayers; }

    // What is known of values of the original.

    /// The bytes behind a float value; nullptr: it is only there in float.
    [[nodiscard]] const Twin* twin(graph::ValueId floats) const;
    /// The bytes behind the integer result of a quantize node.
    [[nodiscard]] const Twin* bytesOf(graph::ValueId integers) const;
    /// Every reader of the integers is a dequantize node of the same grid, so nobody sees how they are stored.
    [[nodiscard]] bool onlyDequantized(graph::ValueId integers, const ActivationGrid& grid) const;
    /// The one grid on which all readers quantize a value; nothing when somebody needs the float.
    [[nodiscard]] std::optional<ActivationGrid> quantizedOn(graph::ValueId value) const;
    /// Follows a value through operators that commute with quantization to the grid on which it ends up.
    [[nodiscard]] std::optional<ActivationGrid> gridAhead(graph::ValueId value) const;
    /// The node of the main block that alone reads the value, as its first operand.
    [[nodiscard]] const graph::Node* onlyReader(graph::ValueId value) const;
    [[nodiscard]] const graph::Node* onlyReader(graph::ValueId value, std::string_view op) const;

    /// A later node whose work is done already; the walk leaves it out.
    void takeIn(const graph::Node& later) { m_done.insert(&later); }
    [[nodiscard]] bool isTakenIn(const graph::Node& node) const { return m_done.contains(&node); }
    /// A relu on bytes whose work the layer in front does: it has nothing to do any more, but the walk still comes by it.
    void cutInLayer(const graph::Node& relu) { m_cutInLayer.insert(&relu); }
    [[nodiscard]] bool isCutInLayer(const graph::Node& relu) const { return m_cutInLayer.contains(&relu); }

    // Writing the lowered graph.

    /// Appends a node and what is known of it. `isPure`: it goes when nobody reads its results in the end.
    graph::Node& emit(const graph::Node& node, LoweredNode known, bool isPure = false);
    /// Appends a node as it is.
    void keep(const graph::Node& node);
    [[nodiscard]] graph::ValueId addBytes(const std::string& nodeName) { return m_lowered.graph.addResult(nodeName + ".bytes"); }
    /// Another float value like this one.
    [[nodiscard]] graph::ValueId addFloats(graph::ValueId like);
    /// `integers`, a quantize node's result, are stored as these bytes.
    void setBytes(graph::ValueId integers, const Twin& bytes) { m_bytes[integers] = bytes; }
    /// `floats` is the float form of `twin`; the node that makes it, `name`, is emitted too and removed in the end if nobody reads floats.
    void addTwin(graph::ValueId floats, const Twin& twin, const std::string& name);
    /// The emitted node `name` makes these bytes; coverBy() finds it by them.
    void setMaker(graph::ValueId bytes, const std::string& name) { m_maker[bytes] = name; }
    /// The node that makes the bytes stands for the original's `name` as well.
    void coverBy(graph::ValueId bytes, const std::string& name);
    /// The name of the dequantize node that makes a float value, if one does.
    void addProducer(graph::ValueId floats, std::vector<std::string>& covers) const;
    /// The node and the dequantize node in front of it.
    [[nodiscard]] std::vector<std::string> coversWithInput(const graph::Node& node) const;

    /// An emitted layer with a float result, which a later node may become part of.
    void setFloatLayer(graph::ValueId result, const std::string& name) { m_floatLayers[result] = name; }
    /// Where in the lowered graph the layer stands that makes this float value, and what is known of it; nothing when no such layer does.
    [[nodiscard]] std::optional<std::size_t> floatLayerAt(graph::ValueId result) const;
    [[nodiscard]] const LoweredNode& knownAt(std::size_t place) const { return m_lowered.nodes.at(m_lowered.graph.main.nodes[place].name); }
    /// Takes the layer back, to be emitted again at the end.
    [[nodiscard]] std::pair<graph::Node, LoweredNode> takeFloatLayer(graph::ValueId result);

    /// What was lowered, without the pure nodes that nobody reads.
    [[nodiscard]] Lowered finish();

private:
    [[nodiscard]] bool isInMain(const graph::Node& node) const;
    void removeUnused();

    const graph::Graph& m_original;
    graph::UseIndex m_uses;
    bool m_fusesFloatLayers;
    Lowered m_lowered;
    std::unordered_map<graph::ValueId, Twin> m_twins;              ///< by float value
    std::unordered_map<graph::ValueId, Twin> m_bytes;              ///< by the integer value of a quantize node
    std::unordered_map<graph::ValueId, std::string> m_floatLayers; ///< by float result: the layer that makes it
    std::unordered_map<std::string, std::size_t> m_placeOf;        ///< of emitted nodes in the lowered graph
    std::unordered_map<graph::ValueId, std::string> m_maker;       ///< by bytes: the emitted node that makes them
    std::set<const graph::Node*> m_done;
    std::set<const graph::Node*> m_cutInLayer;
    std::set<std::string> m_pure; ///< emitted nodes that may go when nobody reads them
};

} // namespace lathe::runtime

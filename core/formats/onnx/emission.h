#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <core/base/result.h>
#include <core/formats/model_file.h>
#include <core/formats/onnx/node_names.h>
#include <core/formats/onnx/proto.h>
#include <core/graph/graph.h>

namespace lathe::formats::onnx {

/// A node of ours cannot be said in ONNX. Thrown by Emission, caught by the writer.
struct CannotEmit {
    std::string reason;
};

/// An ONNX graph while it is written. What an operator becomes stands in emit_operators.cpp.
class Emission {
public:
    Emission(const graph::Graph& graph, std::int64_t opset, ProductWeights productWeights);

    [[nodiscard]] const graph::Graph& graph() const { return m_graph; }
    [[nodiscard]] const graph::UseIndex& uses() const { return m_uses; }
    [[nodiscard]] std::int64_t opset() const { return m_opset; }
    [[nodiscard]] ProductWeights productWeights() const { return m_productWeights; }

    /// The ONNX name of an operand: of a value, of a constant made for a literal number, "" for None.
    std::string name(const graph::Operand& operand, tensor::DType dtype = tensor::DType::Float32);
    /// A list of integers as a vector: a constant where all are known, otherwise joined.
    std::string integerVector(const graph::Operand& operand);
    /// The name of a constant. Small ones that hold the same are one: scales, zero points, bounds, axes.
    std::string constant(const std::string& wanted, const tensor::Tensor& data, ElementType type);
    std::string integers(const std::vector<std::int64_t>& values);
    /// A node with one output; returns the output's name.
    std::string add(const std::string& op, const std::vector<std::string>& inputs, const std::vector<std::string>& attributes = {});
    void addTo(const std::string& output, const std::string& op, const std::vector<std::string>& inputs,
               const std::vector<std::string>& attributes = {});
    void addTo(const std::vector<std::string>& outputs, const std::string& op, const std::vector<std::string>& inputs,
               const std::vector<std::string>& attributes = {});
    /// Result `index` of the node.
    [[nodiscard]] std::string result(const graph::Node& node, std::size_t index = 0) const {
        return m_names[static_cast<std::size_t>(node.results[index])];
    }
    /// This value of ours is written as that type and needs no other initializer.
    void setWeightType(graph::ValueId id, ElementType type) { m_weightTypes[id] = type; }
    /// The value is one that is there under another name.
    void alias(graph::ValueId id, const std::string& as) { m_aliases[id] = as; }
    /// The elements of a list that a node makes: ONNX has no lists of tensors, so the parts stand for it.
    void setList(graph::ValueId id, std::vector<std::string> elements) { m_lists[id] = std::move(elements); }
    /// nullptr for what is no such list.
    [[nodiscard]] const std::vector<std::string>* list(graph::ValueId id) const {
        const auto found = m_lists.find(id);
        return found == m_lists.end() ? nullptr : &found->second;
    }
    void startNode(const graph::Node& node) {
        m_node = &node;
        m_parts = 0;
        m_isNameGiven = false;
    }

    [[nodiscard]] std::string finish(const std::string& modelName);

private:
    const graph::Graph& m_graph;
    graph::UseIndex m_uses;
    std::int64_t m_opset;
    ProductWeights m_productWeights;
    const graph::Node* m_node = nullptr;
    int m_parts = 0;
    bool m_isNameGiven = false;
    std::map<graph::ValueId, ElementType> m_weightTypes;
    std::map<graph::ValueId, std::string> m_aliases;
    std::map<graph::ValueId, std::vector<std::string>> m_lists;
    std::set<graph::ValueId> m_usedWeights;
    std::vector<std::string> m_names;               ///< of values
    std::map<std::string, std::string> m_constants; ///< names of small ones, by what they hold
    base::UniqueNames m_constantNames;
    std::vector<std::string> m_nodes, m_initializers;
};

/// Writes one node. Throws CannotEmit.
void emitNode(Emission& emission, const graph::Node& node);

} // namespace lathe::formats::onnx

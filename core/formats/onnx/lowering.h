#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <core/base/result.h>
#include <core/formats/model_file.h>
#include <core/formats/onnx/external_data.h>
#include <core/formats/onnx/node_names.h>
#include <core/formats/onnx/proto.h>
#include <core/graph/graph.h>

namespace lathe::formats::onnx {

/// Why a node cannot be expressed with ATen's operators, as a sentence. Thrown by Call and by the operators, and caught for each node by
/// Lowering, which keeps the node as it is: an exception because almost every line that lowers an operator can end this way.
struct Refusal {
    std::string reason;
};

/// The model itself is broken: ends the lowering.
struct BrokenModel {
    std::string message; ///< end of a sentence about the file
};

/// A list of integers (or one) whose elements are known one by one: shapes and indices. An element is a literal or a value of type Int, as
/// TorchScript has them (aten::size.int). Kept beside the tensor so that reshapes stay readable for transforms, also with a symbolic batch.
struct Numbers {
    std::vector<graph::Operand> elements;
    bool isScalar = false;
};

/// dtype and shape of a result, as far as known.
struct Known {
    std::optional<tensor::DType> dtype;
    std::optional<std::vector<graph::Dim>> shape;
};

/// Turns the nodes of an ONNX graph into nodes of ours, block by block. Holds what is known about names and values; what an operator
/// becomes stands in the lower_*.cpp files, which see it through Call.
class Lowering {
public:
    Lowering(const ModelProto& model, ExternalData& files);

    /// The whole model. Throws BrokenModel.
    void run();

    graph::Graph graph;
    std::vector<ImportProblem> problems;
    std::map<std::string, int> switchedToEvaluation; ///< nodes that were exported in training mode, by operator

    /// The types of values whose elements our tensors hold in a larger one (int4, uint4, uint16).
    std::map<graph::ValueId, ElementType> narrowTypes;

    /// Lowers `body` into `block`; `bind` gives its inputs values in the new scope before.
    void lowerBlock(const GraphProto& body, graph::Block& block, const std::function<void()>& bind);

    /// What `fill` appends goes to the end of `block`.
    void fillBlock(graph::Block& block, const std::function<void()>& fill);

    [[nodiscard]] std::int64_t opset() const { return m_opset; }
    /// Appends a node to the block that is being filled.
    graph::Node& append(std::string op, std::vector<graph::Operand> operands);
    [[nodiscard]] graph::Block& block() { return *m_block; }
    graph::ValueId newValue(const Known& known, graph::TypeKind type = graph::TypeKind::Tensor);
    graph::ValueId newWeight(const std::string& wanted, tensor::Tensor data, bool isParameter);

    /// The value of that name as a tensor. Throws BrokenModel when nothing defines it.
    graph::ValueId tensorOf(const std::string& name);
    [[nodiscard]] std::optional<Numbers> numbersOf(const std::string& name);
    void bind(const std::string& name, graph::ValueId id);
    void bind(const std::string& name, Numbers numbers);
    /// How often nodes and outputs of the model name the value.
    [[nodiscard]] int uses(const std::string& name) const;

private:
    struct Item {
        graph::ValueId id = -1;
        std::optional<Numbers> numbers;
        const graph::Block* block = nullptr;
    };

    void countUses(const GraphProto& graph);
    void addInputs();
    void noteNarrowType(graph::ValueId id, ElementType type);
    void addInitializers(const GraphProto& body);
    void lowerNode(const NodeProto& node);
    void keepAsIs(const NodeProto& node);
    void nameNodes(const NodeProto& source, std::size_t first);
    /// Exporters number matrices that they have transposed ("val_60", "onnx::MatMul_123"): those are called as in the module ("fc.weight").
    void nameWeight(graph::ValueId id, const std::string& layer);
    void nameOutputs();
    void addKnownTypes(const GraphProto& body);
    Item& find(const std::string& name);

    const ModelProto& m_model;
    ExternalData& m_files;
    std::int64_t m_opset = 0;
    NodeNames m_nodeNames;
    base::UniqueNames m_valueNames;
    std::vector<std::unordered_map<std::string, Item>> m_scopes;
    std::vector<std::pair<std::size_t, std::string>> m_made; ///< numbers that got a tensor: scope and name; while a node may be undone
    std::unordered_map<std::string, int> m_uses;
    graph::Block* m_block = nullptr;
};

} // namespace lathe::formats::onnx

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <core/base/result.h>
#include <core/tensor/tensor.h>

namespace lathe::graph {

/// Index into Graph::values. Ids are stable while a graph is edited; `compact()` renumbers.
using ValueId = std::int32_t;

/// What kind of thing a value is at run time.
enum class TypeKind {
    Tensor,
    Int,
    Float,
    Bool,
    String,
    None,
    IntList,
    FloatList,
    BoolList,
    TensorList,
    List,
    Tuple,
    Optional,
    Dict,
    Object,
    Any
};

/// One dimension: a number, or a symbol ("N", "s0") whose number is only known at run time.
struct Dim {
    std::int64_t size = -1; ///< negative: symbolic; with a symbol beside it, one of the sizes that a free dimension may have
    std::string symbol;
    bool operator==(const Dim&) const = default;
};

enum class ValueKind {
    Input,  ///< of the graph or of a block
    Weight, ///< parameter or buffer: `data` is set
    Result, ///< of a node
};

struct Value {
    ValueKind kind = ValueKind::Result;
    std::string name; ///< unique in the graph; of weights the qualified name "conv1.weight"
    TypeKind type = TypeKind::Tensor;
    std::optional<tensor::DType> dtype;    ///< of tensors, when known
    std::optional<std::vector<Dim>> shape; ///< of tensors, when known
    tensor::Tensor data;                   ///< of weights only
    bool isParameter = false;              ///< weights: trained (a parameter) or not (a buffer)
};

/// A constant argument. `std::monostate` is None.
using Literal = std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::int64_t>, std::vector<double>,
                             std::vector<bool>>;

/// One argument of a node, in the order of the operator's schema: a value, a constant, or a list of arguments (for example Tensor[]).
struct Operand {
    std::variant<ValueId, Literal, std::vector<Operand>> content = Literal{};

    Operand() = default;
    Operand(ValueId value) : content(value) {}                       // NOLINT: an id is an operand
    Operand(Literal literal) : content(std::move(literal)) {}        // NOLINT: a literal is an operand
    Operand(std::vector<Operand> list) : content(std::move(list)) {} // NOLINT: a list is an operand

    [[nodiscard]] bool isValue() const { return std::holds_alternative<ValueId>(content); }
    [[nodiscard]] bool isLiteral() const { return std::holds_alternative<Literal>(content); }
    [[nodiscard]] bool isNone() const { return isLiteral() && std::holds_alternative<std::monostate>(std::get<Literal>(content)); }
    /// The id; asserts isValue().
    [[nodiscard]] ValueId value() const { return std::get<ValueId>(content); }
    /// The literal as T when it is exactly a T.
    template<class T>
    [[nodiscard]] std::optional<T> literal() const {
        if (!isLiteral()) return std::nullopt;
        if (const T* value = std::get_if<T>(&std::get<Literal>(content))) return *value;
        return std::nullopt;
    }
    bool operator==(const Operand&) const = default;
};

struct SourceLocation {
    std::string file;
    int line = 0; ///< 1-based; 0: unknown
    bool operator==(const SourceLocation&) const = default;
};

struct Node;

/// A sequence of nodes in execution order with its own inputs and outputs. The main block is the model; others belong to `prim::If` (one
/// block for true, one for false) and `prim::Loop` (inputs: iteration number, carried values; outputs: continue?, carried values). A block
/// sees all values of the blocks around it.
struct Block {
    std::vector<ValueId> inputs;
    std::vector<Node> nodes;
    std::vector<Operand> outputs;
};

/// An operator call. `op` is the ATen name with overload as the dispatcher knows it ("aten::conv2d", "aten::add.Tensor"), a `prim::`
/// operator of TorchScript, a `quantized_decomposed::` QDQ operator, or one of our fused operators (`lathe::conv2d_relu`, …: see
/// operators/).
struct Node {
    std::string op;
    std::string
        name; ///< unique in the graph, shown and used to address layers in recipes: the module path ("layer1.0.conv1") where there is one
    std::string scope; ///< module path ("layer1.0"), "" for the model itself
    SourceLocation source;
    std::vector<Operand> operands;
    std::vector<ValueId> results;
    std::vector<Block> blocks;
};

/// The model: our own small IR, free of torch types. A plain value: copying copies the structure and shares the weights.
class Graph {
public:
    std::string name; ///< of the model, for people ("lenet5")
    std::vector<Value> values;
    Block main;

    ValueId addInput(std::string valueName, TypeKind type = TypeKind::Tensor);
    ValueId addWeight(std::string valueName, tensor::Tensor data, bool isParameter = true);
    /// Appends a node with `resultCount` tensor results to the main block and returns it; the reference lives until the next addNode.
    Node& addNode(std::string op, std::string nodeName, std::vector<Operand> operands, int resultCount = 1);
    /// A new result value to be listed in a node's results.
    ValueId addResult(std::string valueName, TypeKind type = TypeKind::Tensor);

    [[nodiscard]] const Value& value(ValueId id) const { return values[static_cast<std::size_t>(id)]; }
    [[nodiscard]] Value& value(ValueId id) { return values[static_cast<std::size_t>(id)]; }
    /// By name; nullptr when there is none. Linear: build an index for many.
    [[nodiscard]] const Node* findNode(std::string_view nodeName) const;
    [[nodiscard]] Node* findNode(std::string_view nodeName);
    [[nodiscard]] std::optional<ValueId> findValue(std::string_view valueName) const;
    /// `wanted`, or `wanted_1`, `wanted_2`, … : the first that no value (node) has.
    [[nodiscard]] std::string freeValueName(const std::string& wanted) const;
    [[nodiscard]] std::string freeNodeName(const std::string& wanted) const;
};

/// Who makes and who reads each value; built in one pass, outdated by any edit.
class UseIndex {
public:
    explicit UseIndex(const Graph& graph);
    struct Use {
        const Node* node; ///< nullptr: an output of a block
        int operand;      ///< position in node->operands (or in the block's outputs)
    };
    [[nodiscard]] const Node* producer(ValueId id) const { return m_producers[static_cast<std::size_t>(id)]; }
    [[nodiscard]] const std::vector<Use>& uses(ValueId id) const { return m_uses[static_cast<std::size_t>(id)]; }

private:
    std::vector<const Node*> m_producers;
    std::vector<std::vector<Use>> m_uses;
};

/// Checks every rule above: ids in range, values defined before use and once, unique names, weights with data, known `lathe::` operators
/// have the right number of operands. Called after every step in tests and debug builds. The error names the node.
[[nodiscard]] base::Result<> verify(const Graph& graph);

/// Same structure, operands, names, types and weight contents (weights may be in different storage; value ids may differ).
[[nodiscard]] bool structurallyEqual(const Graph& a, const Graph& b);

/// One line per input, weight, node and output; for tests and the log:
///   graph lenet5(x: float32[1,1,32,32])
///   weight conv1.weight: float32[6,1,5,5]
///   conv1_out: float32[1,6,28,28] = aten::conv2d(x, conv1.weight, conv1.bias, [1, 1], [0, 0], [1, 1], 1)  # conv1
///   return fc3_out
[[nodiscard]] std::string text(const Graph& graph);

/// Removes values that nothing refers to (weights of removed nodes, results of removed nodes) and renumbers ids.
void compact(Graph& graph);

/// Replaces every use of `from` by `to`, in blocks and outputs too.
void replaceUses(Graph& graph, ValueId from, ValueId to);

/// Calls `visit` for each node in execution order, nodes of blocks after the node that owns them.
void forEachNode(const Graph& graph, const std::function<void(const Node&)>& visit);
void forEachNode(Graph& graph, const std::function<void(Node&)>& visit);

/// The static shape of a tensor value; nothing when unknown or symbolic.
[[nodiscard]] std::optional<tensor::Shape> staticShape(const Value& value);
[[nodiscard]] std::vector<Dim> dims(const tensor::Shape& shape);

} // namespace lathe::graph

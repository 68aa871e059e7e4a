#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <core/graph/graph.h>

namespace lathe::graph {

enum class Family {
    Convolution,
    Linear,
    Matrix,
    Embedding,
    Normalization,
    Pooling,
    Activation,
    Dropout,
    Arithmetic,
    Comparison,
    Shape,
    Indexing,
    Reduction,
    Resize,
    Recurrent,
    Attention,
    Random,
    Conversion,
    Quantization, ///< quantize, dequantize and choosing their grids
    ControlFlow,
    Structure, ///< lists, tuples, sizes
    Lowered,   ///< only in graphs that were lowered for the runtime
};

/// What the result is when the operator gets quantized values.
enum class GridRule {
    None,    ///< nothing is known: it has to get floats
    Moves,   ///< moves or picks values: exactly the same on integers, on the same grid and within the same range
    Cuts,    ///< cuts off at zero: exactly the same on integers; the range gets smaller
    Rounds,  ///< new numbers, which PyTorch rounds to the input's grid
    Sigmoid, ///< … to the grid from 0 to 1, whatever the input's
    Tanh,    ///< … to the grid from -1 to 1
    Plain,   ///< no quantized tensor: a comparison
};

/// How an operator treats the channels of its tensors.
enum class ChannelRule {
    Unknown,
    Keeps,       ///< first operand and result have the same dimensions, every element depends on one: relu, dropout, …
    Pools,       ///< like Keeps for the channel dimension, others may change: pooling, upsampling
    KeepsOthers, ///< like Keeps for all dimensions but those that it works along: softmax, layer norm, cumsum, roll
    BatchNorm,   ///< one entry of four vectors per channel
    GroupNorm,   ///< over groups of channels
    Slopes,      ///< one entry of a vector per channel: prelu
    Broadcasts,  ///< tensors, element by element with broadcasting: add, mul, where, …
    Reshapes,    ///< view, flatten, …: same elements in another shape
    Concatenates,
    Stacks,  ///< side by side along a new dimension
    Splits,  ///< a list of parts along a dimension
    Gates,   ///< one half of a dimension by the other: glu
    Slices,  ///< from one index to another
    Selects, ///< by an index, or by tensors of indices
    Transposes,
    Permutes,
    Pads,
    Expands, ///< with the sizes of the result
    Tiles,   ///< the whole several times along each dimension
    PixelShuffles,
    PixelUnshuffles,
    Reduces, ///< mean or sum over some dimensions
    Convolves,
    Multiplies, ///< linear layers
    Attends,    ///< attention of queries, keys and values
    Mixes,      ///< products of matrices
    Recurs,     ///< LSTM, GRU: reads features
    Measures,   ///< reads sizes, not elements
};

enum class MemoryOrder {
    Usual, ///< wants and gives the usual order, as far as is known
    Keeps, ///< the result keeps the order of the input, and either is as fast
};

enum class Qdq { None, ChoosesGrid, Quantizes, Dequantizes };

/// What is known of an operator beside its schema. A row tells only what differs from this.
struct OperatorFacts {
    GridRule grid = GridRule::None;
    /// The runtime has it on bytes (quint8), so that integers flow through it from one quantized layer to the next. Planner and lowering
    /// both go by this. Of Moves and Cuts exactly; of Rounds where the result is quantized on the same grid.
    bool runsOnBytes = false;
    ChannelRule channels = ChannelRule::Unknown;
    MemoryOrder order = MemoryOrder::Usual;
    /// Is the result of this node in the usual order whatever the order of its image?
    bool (*endsChannelsLast)(const Node& node) = nullptr;
    /// Multiply-accumulates of one node, nothing when a shape is unknown; null: none.
    std::optional<std::int64_t> (*macs)(const Graph& graph, const Node& node) = nullptr;
    std::string_view training{};               ///< the operand that says whether the model is training
    bool updatesStatistics = false;            ///< while training writes running_mean and running_var, although its schema does not say so
    std::array<std::string_view, 4> weights{}; ///< operands that hold trained parameters
    bool handsOn = false;                      ///< gives the numbers of its first operand, in another order, form or type
    bool isRandom = false;                     ///< every run gives other results
    bool hasEffects = false;                   ///< does more than its schema says: prints, raises
    bool hasInPlaceForm = false;               ///< there is "aten::relu_" beside "aten::relu", with the same operands
    Qdq qdq = Qdq::None;
    std::string_view unfused{}; ///< of a layer with relu behind it: the layer
};

/// One operand, as the schema has it.
struct OperandRole {
    std::string_view name;
    std::string_view type;          ///< without alias annotation: "Tensor?", "int[2]"
    std::optional<Operand> missing; ///< what counts where a node does not give it
    char alias = 0;                 ///< the set of aliases of its memory, a letter; 0: none
    bool isWritten = false;         ///< the operator works in place on it
};

/// One row of the table.
struct Operator : OperatorFacts {
    std::string name;   ///< with namespace and overload, as in Node::op
    std::string schema; ///< as PyTorch writes it
    Family family{};
    std::vector<OperandRole> operands;
    std::vector<char> resultAliases; ///< for each result the set of aliases that its memory is of; 0: memory of its own
    bool isVariadic = false;         ///< any number of operands, which have no roles
    const Operator* pure = nullptr;  ///< of a form that works in place: the operator that makes a new tensor

    /// The position of an operand among those of a node.
    [[nodiscard]] std::optional<std::size_t> position(std::string_view role) const;
    [[nodiscard]] bool writesOperands() const;
};

/// By name with overload, in constant time; nullptr for operators that the table does not know: about those nothing may be assumed. Lives
/// as long as the process; any thread.
[[nodiscard]] const Operator* findOperator(std::string_view op);
/// Of a layer that has taken in the relu behind it the layer; of any other operator itself.
[[nodiscard]] std::string_view unfusedOperator(std::string_view op);

/// All rows, in order of their families.
[[nodiscard]] const std::vector<Operator>& operators();

/// Facts that everybody asks for, of known and unknown operators alike.

[[nodiscard]] bool isOfFamily(std::string_view op, Family family);
/// conv1d/2d/3d, transposed convolution, linear and their fused forms: nodes that carry a weight which can be quantized or pruned.
[[nodiscard]] bool isConvolution(std::string_view op);
[[nodiscard]] bool isLinear(std::string_view op);
[[nodiscard]] bool isWeighted(std::string_view op);
[[nodiscard]] bool isQuantize(std::string_view op);
[[nodiscard]] bool isDequantize(std::string_view op);
/// Finds scales and zero points while the model runs.
[[nodiscard]] bool choosesQparams(std::string_view op);
/// Moves or compares values and computes no new ones (relu, max pooling, reshapes), and the runtime has it on bytes: the same on quantized
/// integers as on the floats that they stand for, so that such nodes run on bytes between quantized layers.
[[nodiscard]] bool keepsQuantization(std::string_view op);
/// Unknown: ChannelRule::Unknown.
[[nodiscard]] ChannelRule channelRule(std::string_view op);
/// Does the operator draw random numbers, so that every run gives other results?
[[nodiscard]] bool isRandom(std::string_view op);
/// Does running the node do more than compute its results: write into an operand, print, raise? Operators that are not known count as such
/// unless their name tells otherwise, so that nothing is ever removed by mistake. A node with blocks has the effects of the nodes in them.
[[nodiscard]] bool hasSideEffects(const Node& node);

} // namespace lathe::graph

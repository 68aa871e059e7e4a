#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <core/formats/onnx/emission.h>

/// What emit_*.cpp share: the way back of the lower_*.cpp files.
namespace lathe::formats::onnx {

using graph::Node;
using graph::Operand;
using Integers = std::vector<std::int64_t>;
using Emit = void (*)(Emission&, const Node&);
struct EmitEntry {
    std::string_view op;
    Emit emit;
};

// One for each emit_*.cpp: the operators of one family.
[[nodiscard]] std::span<const EmitEntry> activationEmitters();
[[nodiscard]] std::span<const EmitEntry> arithmeticEmitters();
[[nodiscard]] std::span<const EmitEntry> arrangementEmitters();
[[nodiscard]] std::span<const EmitEntry> convolutionEmitters();
[[nodiscard]] std::span<const EmitEntry> normalizationEmitters();
[[nodiscard]] std::span<const EmitEntry> poolingEmitters();
[[nodiscard]] std::span<const EmitEntry> recurrentEmitters();
[[nodiscard]] std::span<const EmitEntry> reductionEmitters();
[[nodiscard]] std::span<const EmitEntry> resizeEmitters();
[[nodiscard]] std::span<const EmitEntry> splitEmitters();
/// Shapes, parts, comparisons, and attention.
[[nodiscard]] std::span<const EmitEntry> tensorEmitters();
/// Quantize, dequantize, and what chooses their grids.
[[nodiscard]] std::span<const EmitEntry> quantizationEmitters();
/// Linear layers and embeddings, with floats and with integers.
[[nodiscard]] std::span<const EmitEntry> layerEmitters();
/// All that read the floats of this dequantize node are written with its integers: the node is not needed.
[[nodiscard]] bool isReadAsIntegers(const Emission& emission, const Node& dequantize);

// Operands; the default where the node has none.
[[nodiscard]] std::int64_t integerAt(const Node& node, std::size_t index, std::int64_t otherwise);
[[nodiscard]] double numberAt(const Node& node, std::size_t index, double otherwise);
[[nodiscard]] bool flagAt(const Node& node, std::size_t index, bool otherwise);
/// So many integers; one number stands for all. Throws CannotEmit when they are computed or of another count.
[[nodiscard]] Integers listAt(const Node& node, std::size_t index, std::size_t count, std::int64_t otherwise);
/// The same padding at the start and the end of each dimension, as ONNX lists it.
[[nodiscard]] Integers startsAndEnds(Integers padding);
/// An attribute of integers, left out where all have the value that ONNX means without it: steps of 1, no padding, no dilation.
void addUnless(std::int64_t usual, std::vector<std::string>& attributes, std::string_view name, const Integers& values);
/// The ONNX name of an operand; "" where the node has none.
[[nodiscard]] std::string input(Emission& emission, const Node& node, std::size_t index);
/// Unknown element types are taken for float32.
[[nodiscard]] tensor::DType typeOf(const Emission& emission, const Operand& operand);

/// Nothing for literals and where nobody has said it.
[[nodiscard]] std::optional<tensor::DType> knownType(const Emission& emission, const Operand& operand);
/// That of the first result; where it is not known, that of `otherwise`.
[[nodiscard]] tensor::DType resultType(const Emission& emission, const Node& node, const Operand& otherwise);
/// The value as that type.
[[nodiscard]] std::string castTo(Emission& emission, const std::string& value, tensor::DType dtype);
/// The operand as that type: ONNX does not promote types.
[[nodiscard]] std::string asType(Emission& emission, const Operand& operand, tensor::DType dtype);

/// The node becomes one of that name with both operands, which get the type of the result.
template<const char* Op>
void promoted(Emission& emission, const Node& node) {
    const tensor::DType dtype = resultType(emission, node, node.operands[0]);
    emission.addTo(emission.result(node), Op, {asType(emission, node.operands[0], dtype), asType(emission, node.operands[1], dtype)});
}

/// Dimensions of a tensor, where they are known.
[[nodiscard]] std::optional<std::int64_t> rankOf(const Emission& emission, const Operand& operand);
/// Throws CannotEmit where the number of dimensions is not known.
[[nodiscard]] std::int64_t knownRank(const Emission& emission, const Operand& operand);
/// The size of a dimension (negative ones count from the end); nothing when it is open or unknown.
[[nodiscard]] std::optional<std::int64_t> sizeOf(const Emission& emission, const Operand& operand, std::int64_t axis);
/// The same; throws CannotEmit where it is not known.
[[nodiscard]] std::int64_t knownSize(const Emission& emission, const Operand& operand, std::int64_t axis);
/// The size of a dimension as a vector of one element, computed while the model runs where it is open.
[[nodiscard]] std::string sizeVector(Emission& emission, const Operand& operand, std::int64_t axis);
/// The size of `first` up to `last` (excluded; the number of dimensions: to the end) as a vector.
[[nodiscard]] std::string shapePart(Emission& emission, const std::string& x, std::int64_t first, std::int64_t last);
/// An integer of the graph without dimensions.
[[nodiscard]] std::string scalar(Emission& emission, const Operand& operand, tensor::DType dtype);
/// One integer as a vector of one element.
[[nodiscard]] std::string one(Emission& emission, const Operand& operand);
/// Tensors, or vectors of sizes, one behind the other.
[[nodiscard]] std::string joined(Emission& emission, const std::vector<std::string>& parts, std::int64_t axis = 0);
/// From `first` to `last` (excluded) of a dimension.
[[nodiscard]] std::string sliced(Emission& emission, const std::string& x, std::int64_t axis, std::int64_t first, std::int64_t last,
                                 std::int64_t step = 1);
/// A number as a constant.
[[nodiscard]] std::string number(Emission& emission, double value, tensor::DType dtype = tensor::DType::Float32);
[[nodiscard]] std::string wholeNumber(Emission& emission, std::int64_t value);
/// The tensors of a list: of one that is written in place, or made by a node before. Throws CannotEmit for others.
[[nodiscard]] std::vector<std::string> listOf(Emission& emission, const Operand& operand);
/// Is there an operand, and is it not None?
[[nodiscard]] bool has(const Node& node, std::size_t index);
/// Does anybody read this result?
[[nodiscard]] bool isUsed(const Emission& emission, const Node& node, std::size_t result);
/// The node becomes ReduceSum, ReduceMean, …: axes are an input since opset 18, of ReduceSum since 13. No axes: all of them.
[[nodiscard]] std::string reduced(Emission& emission, const std::string& op, const std::string& x, const Integers& axes, bool keeps);

/// The node gives its first operand back.
void sameValue(Emission& emission, const Node& node);

/// The node becomes one of that name with the first operand.
template<const char* Op>
void unary(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), Op, {input(emission, node, 0)});
}

} // namespace lathe::formats::onnx

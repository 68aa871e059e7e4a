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

/// Shapes, parts, comparisons, reductions, and attention.
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

/// The node gives its first operand back.
void sameValue(Emission& emission, const Node& node);

/// The node becomes one of that name with the first operand.
template<const char* Op>
void unary(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), Op, {input(emission, node, 0)});
}

} // namespace lathe::formats::onnx

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <core/graph/editor.h>
#include <core/graph/layer_weight.h>

namespace lathe::quantization {

/// A weight whose numbers are few: each is an index into a codebook (S. Han et al., Deep Compression, ICLR 2016, arXiv:1510.00149, §3).
/// In a graph it is a lookup node in front of its readers, with the packed indices and the codebooks as Weight values.
struct SharedWeight {
    int bits = 4;                      ///< of an index, 2 to 8
    std::vector<std::uint8_t> indices; ///< in the row-major order of the weight
    tensor::Tensor codebooks;          ///< [groups, numbers], floating-point: each of as many equal parts of the first dimension has a row
    tensor::Shape shape;               ///< of the weight
};

/// Bytes that indices and codebooks take.
[[nodiscard]] std::int64_t byteCount(const SharedWeight& shared);

/// The weight itself, in the dtype of the codebooks.
[[nodiscard]] tensor::Tensor restored(const SharedWeight& shared);

/// The indices as a lookup node has them, and its operands.
[[nodiscard]] tensor::Tensor packedIndices(const SharedWeight& shared);
[[nodiscard]] std::vector<graph::Operand> lookupOperands(graph::ValueId indices, graph::ValueId codebooks, const SharedWeight& shared);

/// What a lookup node says. Nothing when its operands are not constants that fit each other (an index without a number, …).
[[nodiscard]] std::optional<SharedWeight> sharedWeightOf(const graph::Graph& graph, const graph::Node& lookup);

/// The stored elements of a layer's weight; those that the layer reads where its numbers are shared.
[[nodiscard]] tensor::Tensor storedElements(const graph::Graph& graph, const graph::WeightInfo& weight);

/// The bits that tell one number of a layer's weight, as it is stored: of its integers' range, of an index into a codebook, or of its
/// float.
[[nodiscard]] int storedBits(const graph::Graph& graph, const graph::WeightInfo& weight);

/// Puts a lookup node before the first reader of a float weight of the main block; the weight's value becomes the packed indices, and all
/// its readers read what the node gives. The codebooks are a parameter, "conv1.weight_codebook": training changes them.
void insertLookup(graph::Editor& editor, graph::ValueId weight, const SharedWeight& shared);

} // namespace lathe::quantization

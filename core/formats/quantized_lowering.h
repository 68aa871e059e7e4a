#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <core/formats/model_file.h>
#include <core/graph/graph.h>

namespace lathe::formats {

/// Scales and zero points of a Weight value that holds integers.
struct StoredQuantization {
    std::vector<double> scales; ///< one, or one for each index along `axis`
    std::vector<std::int64_t> zeroPoints;
    std::optional<std::int64_t> axis; ///< nothing: one for the whole tensor
};

/// What was packed together with a weight. One-dimensional convolutions are packed as two-dimensional ones of height 1.
struct PackedLayer {
    std::optional<graph::ValueId> bias;
    std::vector<std::int64_t> stride, padding, outputPadding, dilation;
    std::int64_t groups = 1;
};

/// By Weight value. A layer's operator has the weight as its operand in place of the packed object.
struct QuantizedWeights {
    std::map<graph::ValueId, StoredQuantization> tensors;
    std::map<graph::ValueId, PackedLayer> layers;
};

/// Writes a model that PyTorch quantized in the IR's words, so that transforms, integer kernels and exports know it: integer weights with a
/// dequantize node, conv, linear, add, … in float between quantize and dequantize nodes of the scale and zero point that the model gives,
/// dynamic layers behind a node that chooses them. Operators that only move or compare numbers stand without such nodes, as they do between
/// integer kernels; those that round again (averages) get them. Node names must be final; the nodes of the original keep theirs, inserted
/// ones are called after the value ("conv1_out_quantize").
/// What has no counterpart is left as it is, on the numbers that the integers stand for, and added to `problems`.
/// Source: aten/src/ATen/native/quantized/cpu.
void lowerQuantizedOperators(graph::Graph& graph, const QuantizedWeights& weights, std::vector<ImportProblem>& problems);

} // namespace lathe::formats

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <core/base/message.h>
#include <core/graph/graph.h>
#include <core/quantization/grid.h>
#include <core/runtime/lowering/activation_range.h>
#include <core/runtime/lowering/convolution_geometry.h>
#include <core/runtime/lowering/qdq_nodes.h>

namespace lathe::runtime {

class LoweringContext;
struct LoweredNode;

/// The payload of int8_layer nodes: a convolution or linear layer whose weight is integer and whose input is quantized. The result is
/// activation(Σ (a − za)(w − zw) · sa·sw + bias + residual), stored as bytes or as float32.
struct Int8Layer {
    bool isConvolution = false;
    ConvolutionGeometry geometry;
    graph::ValueId weight = -1;                 ///< integer Weight value: (out, in / groups, height, width) or (out, in)
    std::vector<float> weightScales;            ///< one, or one for each output channel
    std::vector<std::int64_t> weightZeroPoints; ///< as many
    std::optional<graph::ValueId> bias;         ///< float Weight value (out)
    ActivationRange activation;
    bool addsResidual = false;              ///< a second input of the same sizes as the result is added
    std::optional<ActivationGrid> residual; ///< of its bytes; nothing: float32
    bool keepsChannelsLast = false;         ///< a float result of a convolution is read by nothing that minds the order in memory
    bool flattens = false;                  ///< linear: everything behind the first dimension of the input is one row
    std::variant<ActivationGrid, quantization::Grid> input; ///< static, or chosen while running
    std::optional<ActivationGrid> output;                   ///< nothing: float32
};

/// What the patterns of such layers share.

/// Is it a layer that has integer kernels: conv2d, linear, or one of them with relu?
[[nodiscard]] bool isInt8Candidate(const graph::Node& node);

struct ReadLayer {
    Int8Layer layer;       ///< weights, bias, geometry; input and what follows are not filled in
    base::Message refusal; ///< not empty: why it cannot be computed so
};
/// Reads a layer whose weight is made by a dequantize node.
[[nodiscard]] ReadLayer readInt8Layer(const LoweringContext& context, const graph::Node& node);
/// The dequantize node of the layer's weight; nullptr: the weight is something else.
[[nodiscard]] const graph::Node* weightDequantize(const LoweringContext& context, const graph::Node& node);

/// Emits `lowered`, whose result stands for `result`, and takes in the activation that alone reads it, and the grid on which that is
/// quantized.
void emitInt8Layer(LoweringContext& context, graph::Node lowered, Int8Layer layer, graph::ValueId result, LoweredNode known);

} // namespace lathe::runtime

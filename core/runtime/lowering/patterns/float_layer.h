#pragma once

#include <optional>
#include <vector>

#include <core/runtime/lowering/convolution_geometry.h>
#include <core/runtime/lowering/elementwise.h>
#include <core/runtime/lowering/pattern.h>

namespace lathe::runtime {

struct LoweredNode;

/// The payload of float_conv2d and float_linear nodes: a layer of constant float32 weights with the batch norm, the addition and the
/// activation behind it, in this order. Only in plans whose kernels may round differently in the last bits.
struct FloatLayer {
    bool isConvolution = false;
    ConvolutionGeometry geometry;
    graph::ValueId weight = -1;         ///< Weight value: (out, in / groups, height, width) or (out, in)
    std::optional<graph::ValueId> bias; ///< Weight value (out)
    /// (y − mean) / √(variance + epsilon) · weight + bias of each channel; Weight values.
    struct Normalization {
        std::optional<graph::ValueId> weight, bias;
        graph::ValueId mean = -1, variance = -1;
        double epsilon = 0;
    };
    std::optional<Normalization> normalization;
    bool readsBfloat16 = false; ///< the input is bfloat16, and so is every number of the weight, which is float32 all the same
    bool givesBfloat16 = false; ///< the result is rounded to it
    bool addsResidual = false;  ///< a second input of the same sizes as the result is added
    std::optional<Elementwise> function;
    std::vector<graph::Node> nodes; ///< of the original graph, in order: what it stands for
};

[[nodiscard]] Outcome lowerFloatLayer(LoweringContext& context, const graph::Node& node);

/// Emits `lowered`, whose result stands for `result`, and takes in the activation that alone reads it.
void emitFloatLayer(LoweringContext& context, graph::Node lowered, FloatLayer layer, graph::ValueId result, LoweredNode known);

} // namespace lathe::runtime

#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <variant>
#include <vector>

#include <core/graph/graph.h>
#include <core/quantization/grid.h>

namespace lathe::runtime {

using quantization::IntegerRange;

/// How an activation is stored in unsigned bytes. Signed grids are shifted by 128, which changes no value.
using ActivationGrid = quantization::TensorGrid;

/// What an activation behind a layer limits its result to: relu is 0 … ∞, relu6 0 … 6.
struct ActivationRange {
    float low = -std::numeric_limits<float>::infinity();
    float high = std::numeric_limits<float>::infinity();
    bool operator==(const ActivationRange&) const = default;
};

/// A convolution or linear layer whose weight is integer and whose input is quantized: what an integer kernel computes. The result is
/// activation(Σ (a − za)(w − zw) · sa·sw + bias + residual), stored as bytes or as float32.
struct Int8Layer {
    bool isConvolution = false;
    std::array<std::int64_t, 2> stride = {1, 1}, padding = {0, 0}, dilation = {1, 1};
    std::int64_t groups = 1;
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

} // namespace lathe::runtime

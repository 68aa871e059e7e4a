#pragma once

#include <set>
#include <string>
#include <vector>

#include <core/graph/graph.h>
#include <core/graph/operators/integers.h>

namespace lathe::transform {

/// Values that carry the same real numbers, only in other places (pooled, flattened, cut off below zero): they get the same scale and zero
/// point, so that integers flow from one layer to the next.
struct ActivationClass {
    std::vector<graph::ValueId> values; ///< in execution order
    graph::ValueId observed = -1;       ///< the one whose range counts
    std::vector<std::string> readers;   ///< the layers that are quantized and read one of them, in execution order; none for an addition's
    std::string layer;                  ///< whose settings count: the first reader, or the layer whose result it is
    graph::Curve limits = {};           ///< numbers beyond count as these: all that read the value hardly change there
};

/// What layers hand to additions. Lathe's kernels add within the layer, before the one rounding. Those of ONNX Runtime, OpenVINO and
/// PyTorch hand on integers only: a layer whose result is added as float runs in float there.
enum class Residuals { Float, Quantized };

/// Which values have to be quantized so that these layers read integers: their inputs, and what comes before an input behind relu, pooling,
/// flatten and the like. Where an input is a function of one number (silu, sigmoid, gelu, …), a sum or a product of what these layers make,
/// its operands are quantized too: it runs on bytes then, and no layer in front of it writes floats. The output of a layer that no
/// quantized layer reads is not among them: it leaves the accumulator as float, without a second rounding, unless another layer adds its
/// own result to it. With Residuals::Quantized both operands of its addition are. Nor are values that are written into after they were made
/// (writtenValues): the layer that reads one gets floats.
[[nodiscard]] std::vector<ActivationClass> planActivations(const graph::Graph& graph, const std::vector<std::string>& layers,
                                                           Residuals residuals = Residuals::Float);

} // namespace lathe::transform

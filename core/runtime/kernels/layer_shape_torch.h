#pragma once

#include <ATen/core/Tensor.h>

#include <core/runtime/kernels/int8/int8_kernel.h>
#include <core/runtime/lowering/patterns/float_layer.h>
#include <core/runtime/lowering/patterns/int8_layer.h>

namespace lathe::runtime {

/// The numbers of a layer with these weights: (out, in / groups, height, width), or (out, in) for a linear layer.
[[nodiscard]] ConvolutionShape shapeOf(const Int8Layer& layer, const at::Tensor& weight);
[[nodiscard]] ConvolutionShape shapeOf(const FloatLayer& layer, const at::Tensor& weight);

/// Throws c10::Error, with one sentence for the user, when the layer cannot take this input. All kernels ask here, so that an error reads
/// the same whichever kernel a CPU gets.
void checkInputFits(const Int8Layer& layer, const ConvolutionShape& shape, const at::Tensor& input);
void checkInputFits(const FloatLayer& layer, const ConvolutionShape& shape, const at::Tensor& input);

} // namespace lathe::runtime

#pragma once

#include <ATen/core/Tensor.h>

#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/lowering/convolution_geometry.h>
#include <core/runtime/onednn/packed_layer.h>

namespace lathe::runtime {

/// What kernels of oneDNN share.

/// How much they cost compared with others, before anybody measured.
inline constexpr double onednnCost = 1.5;

/// A float layer without anything behind it, of the weight's sizes.
[[nodiscard]] PackedLayerForm packedForm(bool isConvolution, const ConvolutionGeometry& geometry, const at::Tensor& weight);

/// How many threads a layer of so many multiply-accumulates is worth: one where it takes no longer than threads take to meet.
[[nodiscard]] int threadsFor(std::int64_t macs, bool isInt8, bool isDepthwise);

/// An addend of fewer images, or of one without a batch, as a view for each of the result's. Itself where it has its sizes; throws
/// c10::Error where it cannot be added.
[[nodiscard]] at::Tensor spread(const at::Tensor& addend, at::IntArrayRef sizes);

/// The memory of a result of these sizes that has to hold `addend` before oneDNN adds to it: the addend itself where nobody else reads it
/// any more, else a copy, spread() to them. Dense and in this order. The type has to be the result's.
[[nodiscard]] at::Tensor memoryWithAddend(Execution& execution, graph::ValueId addend, at::IntArrayRef sizes, at::MemoryFormat format);

/// The order in memory of a tensor of so many dimensions, as oneDNN's layers want it: images with channels last.
[[nodiscard]] inline at::MemoryFormat orderOf(bool isConvolution) {
    return isConvolution ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
}

} // namespace lathe::runtime

#pragma once

#include <optional>

#include <ATen/core/Tensor.h>

#include <core/graph/graph.h>
#include <core/runtime/kernels/kernel.h>
#include <core/runtime/kernels/window.h>

namespace lathe::runtime {

/// max_pool2d of floats on images with channels last; others are left to the library's operator. The same numbers.
[[nodiscard]] KernelDefinition maxPoolFloats();

/// The window of a max_pool2d node; nothing when something of it is computed in the model, or sizes are rounded up.
[[nodiscard]] std::optional<Window> constantWindow(const graph::Node& node);

/// Pools images with channels last, of floats or quint8, into `result`, which has them too; threads share the images, or the rows of one.
void maxPoolImages(const at::Tensor& images, const Window& window, at::Tensor& result);

} // namespace lathe::runtime

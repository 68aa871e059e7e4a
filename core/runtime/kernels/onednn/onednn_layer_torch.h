#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <ATen/core/List.h>
#include <ATen/core/Tensor.h>

#include <core/runtime/kernels/kernel_context_torch.h>

namespace lathe::runtime {

/// What kernels of oneDNN share. LibTorch carries the library; its operators with packed weights are those that PyTorch's compiler calls.

/// A layer whose weight is a float32 Weight value of that many dimensions, whose bias is none or a float32 Weight, on a CPU, in a plan that
/// oneDNN's kernels are offered to.
[[nodiscard]] bool isOnednnLayer(const KernelContext& context, const graph::Node& node, std::size_t weightDimensions);
[[nodiscard]] at::Tensor weightOf(const KernelContext& context, const graph::Node& node);
/// Nothing: the layer has none.
[[nodiscard]] std::optional<at::Tensor> optionalBiasOf(const KernelContext& context, const graph::Node& node);

/// The result of one call: oneDNN's names for what follows the layer ("relu" or "none").
[[nodiscard]] std::string_view followedBy(const graph::Node& node);
using NoScalars = c10::List<std::optional<at::Scalar>>;

/// How much it costs compared with the library's own operator, before anybody measured.
inline constexpr double onednnCost = 1.5;

/// The same layer by the library's operator, for inputs that oneDNN's operator does not take (no batch, other types), and for its sentences
/// about wrong shapes.
[[nodiscard]] base::Result<std::shared_ptr<Instruction>> makeFallback(const KernelContext& context, const graph::Node& node);

} // namespace lathe::runtime

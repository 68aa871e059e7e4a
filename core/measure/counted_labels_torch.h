#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace lathe::measure {

/// The places (int64) of the labels [parts] of tokens or pixels that count: those that are not negative and not `ignoredLabel`
/// (task_choice.h), which counts only where there are more classes than that.
[[nodiscard]] at::Tensor countedLabels(const at::Tensor& labels, std::int64_t classes);

} // namespace lathe::measure

#pragma once

#include <optional>
#include <vector>

#include <core/client/protocol.h>
#include <core/measure/result.h>

namespace lathe::views {

/// How long a call takes after a recipe, in microseconds, by what the last run measured: the time of each layer as a share of its MACs,
/// all operators without weights and the rest of the call as they were. Of the optimized model or the original, whichever has all these
/// layers with as many bits as they have now. Nothing when neither has, or the times were not reliable: nobody knows then.
[[nodiscard]] std::optional<double> predictedCallUs(const std::vector<client::LayerInfo>& layers, const measure::RunDocument& run);

} // namespace lathe::views

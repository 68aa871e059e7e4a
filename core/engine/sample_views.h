#pragma once

#include <core/client/protocol.h>
#include <core/data/dataset.h>

namespace lathe::engine {

/// `count` samples from `first` on (fewer at the end) of the test split, or of the training split where there is no other, as the model
/// sees them. Images and rows with more than 128 values a side (512 where there is only one side) are thinned out, of more than three
/// channels the first is shown.
[[nodiscard]] client::SamplesReply sampleViews(const data::Dataset& dataset, std::int64_t first, std::int64_t count);

} // namespace lathe::engine

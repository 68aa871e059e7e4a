#pragma once

#include <filesystem>
#include <string>

#include <core/base/job.h>
#include <core/measure/result.h>

namespace lathe::engine {

struct MeasureAgainRequest {
    std::filesystem::path history;
    std::string run;  ///< an optimized run in it; the beginning of its id is enough
    std::string data; ///< where its data is now; empty: where it was
};

/// Measures the speed of a stored run once more, model and result with the recipe, device and threads of then: latency, throughput and
/// layer times, which take the place of those in the history; quality and all else stay. Steps of the recipe whose results were kept are
/// not done again. Returns the run as it is now. Errors: InvalidArgument (an original, or a run without results); Rejected when model, data
/// or result are not those of then; those of opening both and of the recipe. Nothing is changed then.
[[nodiscard]] base::Result<measure::RunDocument> measureAgain(const MeasureAgainRequest& request, const base::Job& job);

} // namespace lathe::engine

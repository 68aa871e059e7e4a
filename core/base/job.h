#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>

#include <core/base/result.h>

namespace lathe::base {

/// Where a long job stands. Core reports facts; views choose the words.
struct Progress {
    std::string phase;                         ///< Stable identifier: "open", "finetune", "calibrate", "quality", "latency", …
    int step = 0;                              ///< 1-based number of the phase within the job, 0 when there is only one.
    int steps = 0;                             ///< How many phases the job has.
    double fraction = -1;                      ///< Of this phase, 0..1; negative when it cannot be known.
    std::optional<double> secondsLeft = {};    ///< Estimate for the whole job.
    std::map<std::string, double> values = {}; ///< Figures of the phase: "epoch", "epochs", "loss", …
};

/// Handed to every function that may take longer than 50 ms. Copyable; `progress` may be empty and is called on the job's own thread.
struct Job {
    std::stop_token stop;
    std::function<void(const Progress&)> progress;
    /// Asked to stop, trainings end behind the batch that runs and keep what they have learned, as if they had been meant to be so short;
    /// the job goes on.
    std::stop_token finish = {};

    [[nodiscard]] bool isCancelled() const { return stop.stop_requested(); }
    void report(const Progress& update) const {
        if (progress) progress(update);
    }
    /// The error to return when `isCancelled()`.
    [[nodiscard]] static tl::unexpected<Error> cancelled() { return failure(ErrorCode::Cancelled, {"error.cancelled", {}}); }
};

} // namespace lathe::base

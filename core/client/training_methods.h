#pragma once

namespace lathe::client::method {

/// Notifications to the engine about the trainings of a job, beside `finish` (requests.h) and with the same content.
inline constexpr const char* pause = "$/pauseTraining";
inline constexpr const char* resume = "$/resumeTraining";

} // namespace lathe::client::method

#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <sys/types.h>

#include <core/history/history.h>

namespace lathe::history {

/// The two rows of a comparison as the engine registers them.
[[nodiscard]] RunRow baselineRow();
[[nodiscard]] RunRow optimizedRow();

/// A document in which every figure, array, step, layer and flip is set, different for each seed.
[[nodiscard]] measure::RunDocument document(int seed = 1);

/// An export of what `measured` is about, with a check of each verdict.
[[nodiscard]] ExportedFile exportOf(const measure::RunDocument& measured, const std::string& file);

/// Begins and completes one comparison; returns {baseline id, optimized id}. Fails the test when it cannot.
std::pair<std::string, std::string> addComparison(History& history, const measure::RunDocument& measured,
                                                  RunRow optimized = optimizedRow());

/// Opens a history; ends the test program when that fails.
[[nodiscard]] History openOrDie(const std::filesystem::path& file);

/// Runs `body` in a child process, which ends with its return value. The child is a copy of this process and never returns from here.
[[nodiscard]] pid_t startProcess(const std::function<int()>& body);
/// Waits for a child: its exit status, or -1 when a signal ended it.
[[nodiscard]] int waitFor(pid_t process);

} // namespace lathe::history

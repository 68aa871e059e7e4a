#pragma once

#include <functional>

#include <app/cli/arguments.h>
#include <core/base/job.h>
#include <core/base/result.h>

namespace lathe::cli {

/// What the chosen command does once the command line is read.
using Action = std::function<base::Result<>(const base::Job&)>;

// Each adds one command to the program and, when it is the one on the command line, sets `chosen`.
void addSamplesCommand(const Command& app, Action& chosen);
void addInspectCommand(const Command& app, Action& chosen);
void addLayoutCommand(const Command& app, Action& chosen);
void addRunCommand(const Command& app, Action& chosen);
void addMeasureCommand(const Command& app, Action& chosen);
void addExportCommand(const Command& app, Action& chosen);
void addHistoryCommand(const Command& app, Action& chosen);
void addReportCommand(const Command& app, Action& chosen);
void addServeCommand(const Command& app, Action& chosen);
void addCheckExportCommand(const Command& app, Action& chosen);
void addReadModelCommand(const Command& app, Action& chosen);

/// 0 done, 1 failed, 2 usage, 3 model, data, recipe or file rejected, 4 device not available, 130 cancelled.
[[nodiscard]] int exitCode(const base::Error& error);

} // namespace lathe::cli

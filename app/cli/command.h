#pragma once

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include <core/base/job.h>
#include <core/base/result.h>

namespace lathe::cli {

/// What the chosen command does once the command line is read.
using Action = std::function<base::Result<>(const base::Job&)>;

// Each adds one command to the program and, when it is the one on the command line, sets `chosen`.
void addSamplesCommand(CLI::App& app, Action& chosen);
void addInspectCommand(CLI::App& app, Action& chosen);
void addLayoutCommand(CLI::App& app, Action& chosen);
void addRunCommand(CLI::App& app, Action& chosen);
void addMeasureCommand(CLI::App& app, Action& chosen);
void addExportCommand(CLI::App& app, Action& chosen);
void addHistoryCommand(CLI::App& app, Action& chosen);
void addReportCommand(CLI::App& app, Action& chosen);
void addServeCommand(CLI::App& app, Action& chosen);
void addCheckExportCommand(CLI::App& app, Action& chosen);
void addReadModelCommand(CLI::App& app, Action& chosen);

/// 0 done, 1 failed, 2 usage, 3 model, data, recipe or file rejected, 4 device not available, 130 cancelled.
[[nodiscard]] int exitCode(const base::Error& error);

} // namespace lathe::cli

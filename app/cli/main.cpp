#include <iostream>

#include <app/cli/command.h>
#include <app/cli/interrupt.h>
#include <app/cli/output.h>
#include <core/base/log.h>
#include <core/base/memory.h>
#include <core/base/sandbox.h>

namespace {

int fail(const lathe::base::Error& error) {
    lathe::cli::clearProgress();
    if (error.code != lathe::base::ErrorCode::Cancelled) std::cerr << "lathe-cli: " << error.text() << "\n";
    return lathe::cli::exitCode(error);
}

} // namespace

int main(int argc, char** argv) {
    using namespace lathe;
    base::keepFreedMemory();
    // Lathe never needs the network; a model that takes over the engine must not have it either.
    if (!base::denyNetwork()) base::log(base::LogLevel::Warning, "This kernel cannot take the network away from programs.");
    if (base::availableIsolation() == base::Isolation::Reduced)
        base::log(base::LogLevel::Warning, "This kernel has no Landlock or no seccomp: model files are read with reduced isolation.");
    cli::CommandLine commandLine("Makes neural networks cheaper to run: quantize, prune, fuse, compare, export.", "lathe-cli",
                                 LATHE_VERSION);
    cli::Action chosen;
    for (const auto add : {cli::addSamplesCommand, cli::addInspectCommand, cli::addLayoutCommand, cli::addRunCommand,
                           cli::addMeasureCommand, cli::addExportCommand, cli::addHistoryCommand, cli::addReportCommand,
                           cli::addServeCommand, cli::addCheckExportCommand, cli::addReadModelCommand}) {
        add(commandLine.root(), chosen);
    }
    if (const auto exitCode = commandLine.read(argc, argv)) return *exitCode;
    const base::Job job{cli::stopOnInterrupt(), cli::terminalProgress()};
    const auto result = chosen(job);
    if (!result) return fail(result.error());
    cli::clearProgress();
    return 0;
}

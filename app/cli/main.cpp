#include <iostream>

#include <app/cli/command.h>
#include <app/cli/interrupt.h>
#include <app/cli/output.h>

namespace {

constexpr int usageError = 2;

int fail(const lathe::base::Error& error) {
    lathe::cli::clearProgress();
    if (error.code != lathe::base::ErrorCode::Cancelled) std::cerr << "lathe-cli: " << error.text() << "\n";
    return lathe::cli::exitCode(error);
}

} // namespace

int main(int argc, char** argv) {
    using namespace lathe;
    CLI::App app("Makes neural networks cheaper to run: quantize, prune, fuse, compare, export.", "lathe-cli");
    app.set_version_flag("--version", LATHE_VERSION);
    app.require_subcommand(1);
    cli::Action chosen;
    for (const auto add :
         {cli::addSamplesCommand, cli::addInspectCommand, cli::addLayoutCommand, cli::addRunCommand, cli::addMeasureCommand,
          cli::addExportCommand, cli::addHistoryCommand, cli::addReportCommand, cli::addServeCommand, cli::addCheckExportCommand}) {
        add(app, chosen);
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : usageError;
    }
    const base::Job job{cli::stopOnInterrupt(), cli::terminalProgress()};
    const auto result = chosen(job);
    if (!result) return fail(result.error());
    cli::clearProgress();
    return 0;
}

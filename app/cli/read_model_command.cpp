#include <memory>

#include <app/cli/command.h>
#include <core/engine/open_model.h>

namespace lathe::cli {

void addReadModelCommand(CLI::App& app, Action& chosen) {
    const auto options = std::make_shared<engine::OpenOptions>();
    CLI::App* command = app.add_subcommand("read-model", "")->group(""); // the process that openModel starts; not for people
    command->add_option("file", options->file)->required();
    command->add_option("--weights", options->weights);
    command->add_option("--data", options->data);
    command->add_option("--memory", options->memoryBytes);
    command->add_option("--seconds", options->limitSeconds);
    command->callback([options, &chosen] {
        // At once, and not when the chosen command is run: by then there is a second thread, which the sandbox would not hold.
        const base::Result<> result = engine::readModelForParent(*options);
        chosen = [result](const base::Job&) { return result; };
    });
}

} // namespace lathe::cli

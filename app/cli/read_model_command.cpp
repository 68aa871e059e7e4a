#include <memory>

#include <app/cli/command.h>
#include <core/engine/open_model.h>

namespace lathe::cli {

void addReadModelCommand(const Command& app, Action& chosen) {
    const auto options = std::make_shared<engine::OpenOptions>();
    const Command command = app.hiddenCommand("read-model"); // the process that openModel starts; not for people
    command.option("file", options->file).required();
    command.option("--weights", options->weights);
    command.option("--data", options->data);
    command.option("--memory", options->memoryBytes);
    command.option("--seconds", options->limitSeconds);
    command.whenChosen([options, &chosen] {
        // At once, and not when the chosen command is run: by then there is a second thread, which the sandbox would not hold.
        const base::Result<> result = engine::readModelForParent(*options);
        chosen = [result](const base::Job&) { return result; };
    });
}

} // namespace lathe::cli

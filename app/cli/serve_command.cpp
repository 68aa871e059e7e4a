#include <unistd.h>

#include <app/cli/command.h>
#include <core/engine/server.h>

namespace lathe::cli {

void addServeCommand(const Command& app, Action& chosen) {
    const Command command = app.command("serve", "Be the engine of a window: JSON-RPC on standard input and output");
    command.whenChosen([&chosen] {
        chosen = [](const base::Job&) -> base::Result<> {
            // What a library prints must not get between the messages.
            const int output = ::dup(STDOUT_FILENO);
            ::dup2(STDERR_FILENO, STDOUT_FILENO);
            if (engine::serve(STDIN_FILENO, output) == 0) return {};
            return base::failure(base::ErrorCode::Failed, "The connection to the window was lost.");
        };
    });
}

} // namespace lathe::cli

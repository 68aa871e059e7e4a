#include <core/layout/dot_process.h>

#include <utility>

#include <core/base/child_process.h>

namespace lathe::layout {

using base::ErrorCode;
using base::failure;

base::Result<std::string> runDot(std::string_view graph, std::stop_token stop, double limitSeconds) {
    base::Result<base::ChildProcessResult> dot = base::runChildProcess({{"dot", "-Tplain"}, graph, std::move(stop), limitSeconds});
    if (!dot && dot.error().code == ErrorCode::NotFound) {
        return failure(ErrorCode::NotFound,
                       "The graph cannot be laid out because the program \"dot\" is not installed: install the package graphviz.");
    }
    if (!dot && dot.error().code == ErrorCode::Failed)
        return failure(ErrorCode::Failed, "The graph cannot be laid out: " + dot.error().message);
    if (!dot) return base::forward(dot);
    if (!dot->isSuccess()) {
        const std::string reason = dot->signal != 0 ? "it was ended by signal " + std::to_string(dot->signal) : dot->firstMessage;
        return failure(ErrorCode::Failed, "Graphviz could not lay the graph out: " + reason);
    }
    return std::move(dot->output);
}

} // namespace lathe::layout

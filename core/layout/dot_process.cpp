#include <core/layout/dot_process.h>

#include <utility>

#include <core/base/child_process.h>

namespace lathe::layout {

using base::ErrorCode;
using base::failure;

base::Result<std::string> runDot(std::string_view graph, std::stop_token stop, double limitSeconds) {
    base::Result<base::ChildProcessResult> dot = base::runChildProcess({{"dot", "-Tplain"}, graph, std::move(stop), limitSeconds});
    if (!dot && dot.error().code == ErrorCode::NotFound) {
        return failure(ErrorCode::NotFound, {"layout.noDot", {}});
    }
    if (!dot && dot.error().code == ErrorCode::Failed)
        return failure(ErrorCode::Failed, {"layout.failed", {{"reason", dot.error().message}}});
    if (!dot) return base::forward(dot);
    if (!dot->isSuccess()) {
        const base::Message reason =
            dot->signal != 0 ? base::Message("program.endedBySignal", {{"signal", dot->signal}}) : base::Message(dot->firstMessage);
        return failure(ErrorCode::Failed, {"layout.graphvizFailed", {{"reason", reason}}});
    }
    return std::move(dot->output);
}

} // namespace lathe::layout

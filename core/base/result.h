#pragma once

#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include <core/base/message.h>

namespace lathe::base {

/// What kind of failure it is. Programs decide by the code (exit status, what the window offers); people read the message.
enum class ErrorCode {
    Failed,            ///< Anything without a code of its own.
    InvalidArgument,   ///< The caller asked for something that cannot be (command line, request parameters).
    Rejected,          ///< A model, data set, recipe or history file that cannot be used as it is.
    NotFound,          ///< A file, layer, run or device of that name does not exist.
    Unsupported,       ///< Understood, but not something Lathe can do (yet).
    DeviceUnavailable, ///< The device asked for is not on this machine.
    Cancelled,         ///< The user asked to stop. Never shown as an error.
    Busy,              ///< Locked by another program for longer than we wait.
    NoSpace,           ///< Disk full or read-only: nothing was written.
};

/// A failure: `message` is one sentence for a person (what happened, and where it helps what to do); `context` says what was being done,
/// innermost first ("while quantizing conv1").
struct Error {
    ErrorCode code = ErrorCode::Failed;
    Message message;
    std::vector<Message> context;

    /// The message followed by its context in brackets: "… (while quantizing conv1, while running lenet5.pt)".
    [[nodiscard]] Message sentence() const;
    /// The same in English, for the command line, files and logs.
    [[nodiscard]] std::string text() const { return sentence().text(); }
};

/// What every function of core that can fail returns. Never throws across folders.
template<class T = void>
using Result = tl::expected<T, Error>;

/// `return failure(ErrorCode::NotFound, {"file.doesNotExist", {{"file", path}}});`, or an English sentence that has no code (yet).
[[nodiscard]] tl::unexpected<Error> failure(ErrorCode code, Message message);

/// Hands on the error of another result: `if (!graph) return forward(graph);`. With `context` it is added to the chain.
template<class T>
[[nodiscard]] tl::unexpected<Error> forward(const Result<T>& result) {
    return tl::unexpected<Error>(result.error());
}
template<class T>
[[nodiscard]] tl::unexpected<Error> forward(const Result<T>& result, Message context) {
    Error error = result.error();
    error.context.push_back(std::move(context));
    return tl::unexpected<Error>(std::move(error));
}

/// Stable lower-case name of a code, used in JSON: "rejected", "not_found".
[[nodiscard]] const char* name(ErrorCode code);

} // namespace lathe::base

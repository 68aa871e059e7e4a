#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <core/base/result.h>

namespace lathe::base {

struct ChildProcessOptions {
    std::vector<std::string> arguments; ///< the program (found by PATH unless it has a slash) and its arguments; no shell is involved
    std::string_view input;             ///< its standard input
    std::stop_token stop;
    double limitSeconds = 60;
    int extraDescriptor = -1; ///< of ours that it gets as descriptor 3, for answers that are too large for `output`
};

struct ChildProcessResult {
    std::string output;       ///< its standard output
    std::string firstMessage; ///< first line of its standard error
    int exitCode = 0;         ///< when signal is 0
    int signal = 0;           ///< that ended it
    [[nodiscard]] bool isSuccess() const { return exitCode == 0 && signal == 0; }
};

/// Runs a program to its end, with LC_ALL=C. It is killed on `stop`, after the limit, when it writes more than 256 MiB, and never outlives
/// the call. Blocks; safe on several threads at once. Errors: NotFound (no such program), Cancelled, Failed (limit, too much output, no
/// resources). A program that ends with an exit code is a result, not an error.
[[nodiscard]] Result<ChildProcessResult> runChildProcess(const ChildProcessOptions& options);

} // namespace lathe::base

#include <app/cli/command.h>

namespace lathe::cli {

int exitCode(const base::Error& error) {
    using base::ErrorCode;
    switch (error.code) {
    case ErrorCode::InvalidArgument:
        return 2;
    case ErrorCode::Rejected:
    case ErrorCode::NotFound:
    case ErrorCode::Unsupported:
    case ErrorCode::Busy:
    case ErrorCode::NoSpace:
        return 3;
    case ErrorCode::DeviceUnavailable:
        return 4;
    case ErrorCode::Cancelled:
        return 130;
    case ErrorCode::Failed:
        return 1;
    }
    return 1;
}

} // namespace lathe::cli

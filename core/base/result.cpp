#include <core/base/result.h>

namespace lathe::base {

std::string Error::text() const {
    if (context.empty()) return message;
    std::string joined;
    for (const std::string& part : context)
        joined += (joined.empty() ? "" : ", ") + part;
    return message + " (" + joined + ")";
}

tl::unexpected<Error> failure(ErrorCode code, std::string message) { return tl::unexpected<Error>(Error{code, std::move(message), {}}); }

const char* name(ErrorCode code) {
    switch (code) {
    case ErrorCode::Failed:
        return "failed";
    case ErrorCode::InvalidArgument:
        return "invalid_argument";
    case ErrorCode::Rejected:
        return "rejected";
    case ErrorCode::NotFound:
        return "not_found";
    case ErrorCode::Unsupported:
        return "unsupported";
    case ErrorCode::DeviceUnavailable:
        return "device_unavailable";
    case ErrorCode::Cancelled:
        return "cancelled";
    case ErrorCode::Busy:
        return "busy";
    case ErrorCode::NoSpace:
        return "no_space";
    }
    return "failed";
}

} // namespace lathe::base

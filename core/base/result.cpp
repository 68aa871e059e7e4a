#include <core/base/result.h>

namespace lathe::base {

Message Error::sentence() const {
    if (context.empty()) return message;
    Message joined = context.front();
    for (std::size_t i = 1; i < context.size(); ++i)
        joined = Message("error.contexts", {{"inner", joined}, {"outer", context[i]}});
    return {"error.inContext", {{"problem", message}, {"context", joined}}};
}

tl::unexpected<Error> failure(ErrorCode code, Message message) { return tl::unexpected<Error>(Error{code, std::move(message), {}}); }

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

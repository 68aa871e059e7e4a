#pragma once

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include <c10/util/Exception.h>

#include <core/base/result.h>

namespace lathe::formats {

/// What an exception of torch says to a person: the first line, without C++ backtrace, source locations and closing full stop.
[[nodiscard]] std::string reason(const std::exception& exception);

/// Runs `work` (which returns a Result) and turns anything that torch throws into an error "<what>: <reason>.".
template<class Work>
[[nodiscard]] auto guarded(base::ErrorCode code, const base::Message& what, Work&& work) -> decltype(work()) {
    try {
        return std::forward<Work>(work)();
    } catch (const std::bad_alloc&) {
        return base::failure(code, {"file.noMemory", {{"what", what}}});
    } catch (const std::exception& exception) {
        return base::failure(code, {"file.because", {{"what", what}, {"reason", reason(exception)}}});
    }
}

} // namespace lathe::formats

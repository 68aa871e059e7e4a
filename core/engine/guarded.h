#pragma once

#include <exception>
#include <new>
#include <utility>

#include <core/base/json.h>
#include <core/base/log.h>
#include <core/base/result.h>

namespace lathe::engine {

/// What `work` returns. An exception of a library that got through becomes an error of this one request, not the end of the engine; the
/// log has its words.
template<class Work>
[[nodiscard]] base::Result<base::Json> guarded(Work&& work) {
    try {
        return std::forward<Work>(work)();
    } catch (const std::bad_alloc&) {
        return base::failure(base::ErrorCode::Failed, {"error.noMemory", {}});
    } catch (const std::exception& problem) {
        base::log(base::LogLevel::Error, problem.what());
    } catch (...) {
        base::log(base::LogLevel::Error, "an exception without words");
    }
    return base::failure(base::ErrorCode::Failed, {"error.unexpected", {}});
}

} // namespace lathe::engine

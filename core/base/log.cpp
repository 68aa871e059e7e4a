#include <core/base/log.h>

#include <cstdlib>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace lathe::base {

namespace {

spdlog::logger& logger() {
    static const std::shared_ptr<spdlog::logger> instance = [] {
        auto made = spdlog::stderr_color_mt("lathe");
        made->set_pattern("%n: %^%l%$: %v");
        const char* wanted = std::getenv("LATHE_LOG");
        made->set_level(wanted != nullptr ? spdlog::level::from_str(wanted) : spdlog::level::warn);
        made->flush_on(spdlog::level::warn);
        return made;
    }();
    return *instance;
}

} // namespace

void log(LogLevel level, std::string_view message) {
    // As an argument, never as the format: the message may hold text of a model.
    switch (level) {
    case LogLevel::Debug:
        logger().debug("{}", message);
        return;
    case LogLevel::Info:
        logger().info("{}", message);
        return;
    case LogLevel::Warning:
        logger().warn("{}", message);
        return;
    case LogLevel::Error:
        logger().error("{}", message);
        return;
    }
}

} // namespace lathe::base

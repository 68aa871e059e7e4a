#include <core/base/log.h>

#include <gtest/gtest.h>

namespace lathe::base {
namespace {

/// What one line leaves on standard error. Without LATHE_LOG: warnings and errors.
std::string logged(LogLevel level, std::string_view message) {
    testing::internal::CaptureStderr();
    log(level, message);
    return testing::internal::GetCapturedStderr();
}

TEST(Log, OneLineForAPersonAndNoMoreThanIsWanted) {
    ::unsetenv("LATHE_LOG");
    EXPECT_EQ(logged(LogLevel::Warning, "low memory"), "lathe: warning: low memory\n");
    EXPECT_EQ(logged(LogLevel::Error, "gone"), "lathe: error: gone\n");
    EXPECT_EQ(logged(LogLevel::Info, "ready"), "");
    EXPECT_EQ(logged(LogLevel::Debug, "detail"), "");
}

TEST(Log, TextOfAModelIsNoFormat) { EXPECT_EQ(logged(LogLevel::Error, "{} %s {0:d}"), "lathe: error: {} %s {0:d}\n"); }

} // namespace
} // namespace lathe::base

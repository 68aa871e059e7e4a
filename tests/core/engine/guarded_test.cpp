#include <core/engine/guarded.h>

#include <stdexcept>

#include <gtest/gtest.h>

#include <core/base/job.h>

namespace lathe::engine {
namespace {

using base::Json;
using base::Result;

TEST(Guarded, HandsResultsAndErrorsOn) {
    EXPECT_EQ(guarded([]() -> Result<Json> { return Json(3); }).value(), Json(3));
    EXPECT_EQ(guarded([]() -> Result<Json> { return base::Job::cancelled(); }).error().code, base::ErrorCode::Cancelled);
}

TEST(Guarded, ExceptionsAreErrors) {
    const auto memory = guarded([]() -> Result<Json> { throw std::bad_alloc(); });
    EXPECT_NE(memory.error().message.text().find("memory"), std::string::npos);
    const auto other = guarded([]() -> Result<Json> { throw std::runtime_error("shape mismatch at 0x7f"); });
    EXPECT_EQ(other.error().code, base::ErrorCode::Failed);
    EXPECT_EQ(other.error().message.text().find("0x7f"), std::string::npos) << "words for programmers belong to the log";
    EXPECT_FALSE(guarded([]() -> Result<Json> { throw 3; }));
}

} // namespace
} // namespace lathe::engine

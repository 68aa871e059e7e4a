#include <core/base/result.h>

#include <gtest/gtest.h>

namespace lathe::base {
namespace {

Result<int> half(int value) {
    if (value % 2 != 0) return failure(ErrorCode::InvalidArgument, "It is odd.");
    return value / 2;
}

Result<std::string> describe(int value) {
    const Result<int> result = half(value);
    if (!result) return forward(result, "while halving");
    return std::to_string(*result);
}

TEST(Result, CarriesValueOrError) {
    EXPECT_EQ(*describe(8), "4");
    const auto odd = describe(3);
    ASSERT_FALSE(odd);
    EXPECT_EQ(odd.error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(odd.error().text(), "It is odd. (while halving)");
}

TEST(Result, TextWithoutContextIsTheMessage) { EXPECT_EQ((Error{ErrorCode::Failed, "No.", {}}).text(), "No."); }

TEST(Result, ContextIsInnermostFirst) {
    EXPECT_EQ((Error{ErrorCode::Failed, "No.", {"while b", "while a"}}).text(), "No. (while b, while a)");
}

} // namespace
} // namespace lathe::base

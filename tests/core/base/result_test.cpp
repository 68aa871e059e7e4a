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

TEST(Result, ASentenceKeepsTheCodesOfItsParts) {
    const Error error{ErrorCode::NotFound, {"recipe.noLayer", {{"layer", "fc9"}}}, {"while b", {"while.calibrating", {}}}};
    const Message sentence = error.sentence();
    EXPECT_EQ(sentence.text(), "the model has no layer \"fc9\" (while b, while calibrating)");
    EXPECT_EQ(sentence.arguments().at(0).value.code(), "recipe.noLayer");
    EXPECT_EQ(sentence.arguments().at(1).value.arguments().at(1).value.code(), "while.calibrating");
    EXPECT_EQ((Error{ErrorCode::Failed, {"error.unexpected", {}}, {}}).sentence().code(), "error.unexpected");
}

} // namespace
} // namespace lathe::base

#include <core/base/json.h>

#include <limits>

#include <gtest/gtest.h>

namespace lathe::base {
namespace {

struct Case {
    const char* name;
    std::string text;
    std::string message; ///< "" when it parses
};

class ParseJson : public testing::TestWithParam<Case> {};

TEST_P(ParseJson, SaysWhatIsWrong) {
    const auto result = parseJson(GetParam().text);
    if (GetParam().message.empty()) {
        ASSERT_TRUE(result) << result.error().text();
        return;
    }
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::Rejected);
    EXPECT_EQ(result.error().message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ParseJson,
    testing::Values(Case{"object", R"({"b": 1, "a": [true, null, "x"]})", ""},
                    Case{"nestedAsDeepAsAllowed", std::string(64, '[') + std::string(64, ']'), ""},
                    Case{"nestedTooDeep", std::string(65, '[') + std::string(65, ']'), "it is nested more than 64 levels deep"},
                    Case{"nestedWithoutEnd", std::string(200000, '['), "it is nested more than 64 levels deep"},
                    Case{"duplicateKey", R"({"a": 1, "a": 2})", "the key \"a\" stands twice in one object"},
                    Case{"sameKeyInTwoObjects", R"({"a": {"b": 1}, "b": 2})", ""},
                    Case{"hugeNumber", "[1e999]", "a number is too large (line 1, column 6)"},
                    Case{"notANumber", "[NaN]", "it is not valid JSON (line 1, column 2)"}, Case{"empty", "", "it is empty"},
                    Case{"secondLine", "{\n \"a\": }", "it is not valid JSON (line 2, column 7)"},
                    Case{"trailingText", "{} x", "it is not valid JSON (line 1, column 4)"}),
    [](const auto& entry) { return std::string(entry.param.name); });

TEST(ParseJson, KeepsTheOrderOfKeys) { EXPECT_EQ(parseJson(R"({"z":1,"a":2})")->dump(), R"({"z":1,"a":2})"); }

TEST(FiniteOrNull, HasNoNumberForWhatJsonCannotHold) {
    EXPECT_EQ(finiteOrNull(0.5), Json(0.5));
    EXPECT_TRUE(finiteOrNull(std::numeric_limits<double>::quiet_NaN()).is_null());
    EXPECT_TRUE(finiteOrNull(-std::numeric_limits<double>::infinity()).is_null());
}

} // namespace
} // namespace lathe::base

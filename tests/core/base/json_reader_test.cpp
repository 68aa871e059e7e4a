#include <core/base/json_reader.h>

#include <array>

#include <gtest/gtest.h>

namespace lathe::base {
namespace {

/// The first problem that `read` meets in `text`; "" without one.
template<class Read>
std::string problemIn(const std::string& text, Read read) {
    const Json json = Json::parse(text);
    const JsonReader in(json, "The answer");
    read(in);
    const auto finished = in.finish(true);
    if (finished) return "";
    EXPECT_EQ(finished.error().code, ErrorCode::Rejected);
    return finished.error().message.text();
}

TEST(JsonReader, ReadsWhatIsThere) {
    const Json json =
        Json::parse(R"({"name": "conv1", "bits": 8, "on": true, "loss": 0.5, "none": null, "texts": ["a", "b"], "numbers": [1, 2.5],
                                      "members": {"x": 1, "y": 2}, "unknown": [[]]})");
    const JsonReader in(json, "The answer");
    EXPECT_EQ(in["name"].text(), "conv1");
    EXPECT_EQ(in["bits"].integer(1, 8), 8);
    EXPECT_TRUE(in["on"].boolean());
    EXPECT_EQ(in["loss"].number(0, 1), 0.5);
    EXPECT_EQ(in["loss"].numberOrNull(), 0.5);
    EXPECT_EQ(in["none"].numberOrNull(), std::nullopt);
    EXPECT_EQ(in["texts"].texts(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(in["numbers"].numbers(), (std::vector<double>{1, 2.5}));
    EXPECT_EQ(in["members"].members([](const JsonReader& each) { return each.integer(); }),
              (std::map<std::string, std::int64_t>{{"x", 1}, {"y", 2}}));
    EXPECT_TRUE(in.has("name"));
    EXPECT_FALSE(in.has("none"));
    EXPECT_FALSE(in.has("nothing"));
    EXPECT_TRUE(in.isGood());
    EXPECT_EQ(in.finish(3).value(), 3);
}

TEST(JsonReader, SaysWhereAndWhatDoesNotFit) {
    struct Case {
        const char* text;
        void (*read)(const JsonReader&);
        const char* problem;
    };
    const std::vector<Case> cases{
        {"[]", [](const JsonReader& in) { (void)in["a"].text(); }, "The answer is not an object."},
        {"{}", [](const JsonReader& in) { (void)in["a"].text(); }, "The answer lacks \"a\"."},
        {R"({"a": {"b": [1, "2"]}})", [](const JsonReader& in) { (void)in["a"]["b"].integers(); },
         "The answer: \"a.b[1]\" is not a whole number."},
        {R"({"a": 1})", [](const JsonReader& in) { (void)in["a"].text(); }, "The answer: \"a\" is not a text."},
        {R"({"a": "xyz"})", [](const JsonReader& in) { (void)in["a"].text(2); }, "The answer: \"a\" is a text of more than 2 bytes."},
        {R"({"a": 1})", [](const JsonReader& in) { (void)in["a"].boolean(); }, "The answer: \"a\" is neither true nor false."},
        {R"({"a": 1.5})", [](const JsonReader& in) { (void)in["a"].integer(); }, "The answer: \"a\" is not a whole number."},
        {R"({"a": 9})", [](const JsonReader& in) { (void)in["a"].integer(1, 8); }, "The answer: \"a\" is 9, which is not between 1 and 8."},
        {R"({"a": 18446744073709551615})", [](const JsonReader& in) { (void)in["a"].integer(0, 8); },
         "The answer: \"a\" is 18446744073709551615, which is not between 0 and 8."},
        {R"({"a": "1"})", [](const JsonReader& in) { (void)in["a"].number(); }, "The answer: \"a\" is not a number."},
        {R"({"a": 2})", [](const JsonReader& in) { (void)in["a"].number(0, 1); }, "The answer: \"a\" is 2, which is out of range."},
        {R"({"a": {}})", [](const JsonReader& in) { (void)in["a"].texts(); }, "The answer: \"a\" is not a list."},
        {R"({"a": [1, 2]})", [](const JsonReader& in) { (void)in["a"].numbers(1); }, "The answer: \"a\" is a list of more than 1 entries."},
        {R"({"a": []})", [](const JsonReader& in) { (void)in["a"].object(); }, "The answer: \"a\" is not an object."},
        {R"({"a": "x"})",
         [](const JsonReader& in) {
             constexpr std::array<std::pair<std::string_view, int>, 1> names{{{"real", 1}}};
             EXPECT_EQ(in["a"].choice<int>(names), 1);
         },
         "The answer: \"a\" is \"x\", which is not one of the names that are known."},
        {R"({"a": 1})", [](const JsonReader& in) { in["a"].fail("is odd"); }, "The answer: \"a\" is odd."},
    };
    for (const Case& each : cases)
        EXPECT_EQ(problemIn(each.text, each.read), each.problem) << each.text;
}

TEST(JsonReader, TheFirstProblemCountsAndNothingIsReadBehindIt) {
    const Json json = Json::parse(R"({"a": "x", "b": 7, "c": [1, 2]})");
    const JsonReader in(json, "The answer");
    EXPECT_EQ(in["a"].integer(), 0);
    EXPECT_EQ(in["b"].integer(), 0);
    EXPECT_TRUE(in["c"].numbers().empty());
    EXPECT_FALSE(in.isGood());
    EXPECT_EQ(in.finish(1).error().message, "The answer: \"a\" is not a whole number.");
}

TEST(JsonReader, TakesOverWhatAnotherFunctionFound) {
    const Json json = Json::parse("{}");
    const JsonReader in(json, "The answer");
    EXPECT_EQ(in.take(Result<int>(4)), 4);
    EXPECT_EQ(in.take(Result<int>(failure(ErrorCode::Unsupported, "No."))), 0);
    EXPECT_EQ(in.finish(1).error().message, "No.");
}

} // namespace
} // namespace lathe::base

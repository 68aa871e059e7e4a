#include <core/steps/parameters.h>

#include <gtest/gtest.h>

#include <core/steps/prune_parameters.h>
#include <core/steps/step_spec.h>

namespace lathe::steps {
namespace {

using namespace std::string_view_literals;

enum class Size { Small, Large };
constexpr WordChoice size{"size", std::array{std::pair{"small"sv, Size::Small}, std::pair{"large"sv, Size::Large}}, Reach::Layer};
constexpr NumberChoice bits{"weights.bits", std::array{8, 4}, Reach::Layer};
constexpr FlagParameter flag{"flag", true};
constexpr NumberParameter rate{"rate", 0.5, 0, 1};
constexpr IntegerParameter count{"count", 7, 1, 9};
constexpr TextParameter words{"words", Reach::Layer};

const Step empty{"a.step", true, base::Json::object(), {}};
const Step full{"a.step",
                true,
                {{"size", "large"}, {"weights", {{"bits", 4}}}, {"flag", false}, {"rate", 0.25}, {"count", 2}, {"words", "a"}},
                {{"conv", {{"size", "small"}, {"weights", {{"bits", 8}}}, {"words", "b"}}}}};

TEST(Parameters, AreReadWithTheirDefaults) {
    EXPECT_EQ(size.of(empty), Size::Small);
    EXPECT_EQ(size.word(empty), "small");
    EXPECT_EQ(bits.of(empty), 8);
    EXPECT_TRUE(flag.of(empty));
    EXPECT_EQ(rate.of(empty), 0.5);
    EXPECT_EQ(count.of(empty), 7);
    EXPECT_EQ(words.of(empty), "");
}

TEST(Parameters, AreReadAsSetForTheStepOrALayer) {
    EXPECT_EQ(size.of(full), Size::Large);
    EXPECT_EQ(size.word(full), "large");
    EXPECT_EQ(size.of(full, "fc"), Size::Large);
    EXPECT_EQ(size.of(full, "conv"), Size::Small);
    EXPECT_EQ(bits.of(full), 4);
    EXPECT_EQ(bits.of(full, "conv"), 8);
    EXPECT_FALSE(flag.of(full));
    EXPECT_EQ(rate.of(full), 0.25);
    EXPECT_EQ(count.of(full), 2);
    EXPECT_EQ(words.of(full), "a");
    EXPECT_EQ(words.of(full, "conv"), "b");
}

TEST(Parameters, DescribeThemselves) {
    EXPECT_EQ(size.spec(), (ParameterSpec{"size", ParameterKind::Choice, "small", 0, 0, {"small", "large"}, true}));
    EXPECT_EQ(bits.spec(), (ParameterSpec{"weights.bits", ParameterKind::Choice, 8, 0, 0, {8, 4}, true}));
    EXPECT_EQ(flag.spec(), (ParameterSpec{"flag", ParameterKind::Boolean, true, 0, 0, {}, false}));
    EXPECT_EQ(rate.spec(), (ParameterSpec{"rate", ParameterKind::Number, 0.5, 0, 1, {}, false}));
    EXPECT_EQ(count.spec(), (ParameterSpec{"count", ParameterKind::Integer, 7, 1, 9, {}, false}));
    EXPECT_EQ(words.spec(), (ParameterSpec{"words", ParameterKind::Text, "", 0, 0, {}, true}));
}

TEST(Parameters, PruningInAFewWords) {
    EXPECT_EQ(pruneBrief("l2", {"prune.structured", true, {{"ratio", 0.29}}, {}}), "L2 29 %");
    EXPECT_EQ(pruneBrief("random", {"prune.structured", true, base::Json::object(), {}}), "random 50 %");
}

} // namespace
} // namespace lathe::steps

#include <core/steps/canonical.h>

#include <gtest/gtest.h>

#include <core/steps/step_table.h>

namespace lathe::steps {
namespace {

const StepSpec& spec() { return *findStepSpec("quantize.static"); }

TEST(Canonical, FindsNestedParameters) {
    const base::Json json{{"weights", {{"bits", 4}}}, {"samples", 10}};
    ASSERT_NE(findNested(json, "weights.bits"), nullptr);
    EXPECT_EQ(*findNested(json, "weights.bits"), 4);
    EXPECT_EQ(*findNested(json, "samples"), 10);
    EXPECT_EQ(findNested(json, "weights.scheme"), nullptr);
    EXPECT_EQ(findNested(json, "samples.bits"), nullptr);
    EXPECT_EQ(findNested(base::Json(), "weights.bits"), nullptr);
}

TEST(Canonical, OrderOfSettingDoesNotMatter) {
    const base::Json first{{"samples", 10}, {"weights", {{"scheme", "affine"}, {"bits", 4}}}};
    const base::Json second{{"weights", {{"bits", 4}, {"scheme", "affine"}}}, {"samples", 10}};
    EXPECT_EQ(canonical(spec(), first, Defaults::Keep).dump(), canonical(spec(), second, Defaults::Keep).dump());
    EXPECT_EQ(canonical(spec(), first, Defaults::Keep).dump(), R"({"weights":{"bits":4,"scheme":"affine"},"samples":10})");
}

TEST(Canonical, DropsDefaultsOnlyWhenAsked) {
    const base::Json json{{"samples", 512}, {"weights", {{"bits", 8}}}};
    EXPECT_TRUE(canonical(spec(), json, Defaults::Drop).empty());
    EXPECT_EQ(canonical(spec(), json, Defaults::Keep).size(), 2U);
}

} // namespace
} // namespace lathe::steps

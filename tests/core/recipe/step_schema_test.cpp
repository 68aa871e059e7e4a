#include <core/recipe/step_schema.h>

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace lathe::recipe {
namespace {

TEST(StepSchema, OffersEveryStepOnceInTheOrderOfTheWindow) {
    std::vector<std::string> ops;
    for (const StepSpec& spec : stepSpecs())
        ops.push_back(spec.op);
    EXPECT_EQ(ops, (std::vector<std::string>{"fuse.conv_bn", "fuse.conv_relu", "fuse.linear_relu", "clean.fold_constants",
                                             "clean.dead_code", "prune.unstructured", "prune.structured", "finetune", "quantize.static",
                                             "quantize.dynamic", "quantize.weight_only"}));
}

TEST(StepSchema, EveryDefaultIsAllowedByItsOwnParameter) {
    for (const StepSpec& step : stepSpecs()) {
        std::set<std::string> keys;
        for (const ParameterSpec& parameter : step.parameters) {
            SCOPED_TRACE(step.op + " " + parameter.key);
            EXPECT_TRUE(keys.insert(parameter.key).second);
            switch (parameter.kind) {
            case ParameterKind::Boolean:
                EXPECT_TRUE(parameter.defaultValue.is_boolean());
                break;
            case ParameterKind::Integer:
            case ParameterKind::Number:
                EXPECT_LT(parameter.minimum, parameter.maximum);
                EXPECT_GE(parameter.defaultValue.get<double>(), parameter.minimum);
                EXPECT_LE(parameter.defaultValue.get<double>(), parameter.maximum);
                break;
            case ParameterKind::Choice:
                EXPECT_NE(std::ranges::find(parameter.choices, parameter.defaultValue), parameter.choices.end());
                break;
            case ParameterKind::Text:
                EXPECT_TRUE(parameter.defaultValue.is_string());
                break;
            }
        }
    }
}

TEST(StepSchema, FindsStepsAndParametersByName) {
    const StepSpec* step = findStepSpec("quantize.static");
    ASSERT_NE(step, nullptr);
    ASSERT_NE(findParameter(*step, "weights.bits"), nullptr);
    EXPECT_EQ(findParameter(*step, "weights"), nullptr);
    EXPECT_EQ(findStepSpec("quantize"), nullptr);
}

} // namespace
} // namespace lathe::recipe

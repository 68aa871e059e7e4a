#include <core/steps/step_table.h>

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include <core/steps/step_definition.h>

namespace lathe::steps {
namespace {

TEST(StepTable, OffersEveryStepOnceInTheOrderOfTheWindow) {
    std::vector<std::string> ops;
    for (const StepSpec& spec : stepSpecs())
        ops.push_back(spec.op);
    EXPECT_EQ(ops, (std::vector<std::string>{"fuse.conv_bn", "fuse.conv_relu", "fuse.linear_relu", "clean.fold_constants",
                                             "clean.dead_code", "prune.unstructured", "prune.structured", "prune.blocks", "factorize",
                                             "share.tied", "share.codebook", "recover.batch_norm", "recover.bias", "finetune",
                                             "quantize.static", "quantize.dynamic", "quantize.weight_only", "quantize.half"}));
}

TEST(StepTable, EveryDefaultIsAllowedByItsOwnParameter) {
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

TEST(StepTable, FindsStepsAndParametersByName) {
    const StepSpec* step = findStepSpec("quantize.static");
    ASSERT_NE(step, nullptr);
    ASSERT_NE(findParameter(*step, "weights.bits"), nullptr);
    EXPECT_EQ(findParameter(*step, "weights"), nullptr);
    EXPECT_EQ(findStepSpec("quantize"), nullptr);
}

TEST(StepTable, EveryDefinitionIsWhole) {
    for (const StepDefinition& definition : stepDefinitions()) {
        SCOPED_TRACE(definition.spec.op);
        ASSERT_NE(definition.apply, nullptr);
        ASSERT_NE(definition.brief, nullptr);
        EXPECT_FALSE(definition.brief({definition.spec.op, true, base::Json::object(), {}}).empty());
        EXPECT_EQ(definition.nothingChanged.empty(), !definition.rewritesGraph);
        EXPECT_EQ(findStepDefinition(definition.spec.op), &definition);
    }
    EXPECT_EQ(findStepDefinition("quantize"), nullptr);
}

TEST(StepTable, AnotherEnginesStepsAreAdopted) {
    const std::vector<StepSpec> own = stepSpecs();
    const StepSpec* before = findStepSpec("finetune");
    std::vector<StepSpec> theirs = own;
    theirs.push_back({"fuse.everything", {{"strength", ParameterKind::Integer, 3, 0, 9, {}, false}}});
    adoptStepSpecs(theirs);
    EXPECT_EQ((Step{"fuse.everything", true, base::Json::object(), {}}.parameter("strength")), 3);
    EXPECT_EQ(before->op, "finetune"); // still there for who looks at it
    adoptStepSpecs(own);
    EXPECT_EQ(findStepSpec("fuse.everything"), nullptr);
}

} // namespace
} // namespace lathe::steps

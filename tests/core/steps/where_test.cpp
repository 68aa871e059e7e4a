#include <core/steps/where.h>

#include <algorithm>

#include <gtest/gtest.h>

#include <core/steps/step.h>
#include <core/steps/step_table.h>

namespace lathe::steps {
namespace {

const std::vector<std::string> resnet{"conv1",          "layer1.0.conv1", "layer1.0.conv2", "layer2.0.conv1",
                                      "layer2.0.conv2", "layer2.1.conv1", "layer2.1.conv2", "fc"};

std::vector<std::string> chosen(const Where& where) {
    const Where rule = bound(where, resnet);
    std::vector<std::string> layers;
    for (const std::string& layer : resnet) {
        if (fits(rule, layer)) layers.push_back(layer);
    }
    return layers;
}

std::string errorOf(const Where& where) {
    const auto checked = check(where, resnet);
    return checked ? "accepted" : checked.error().message.text();
}

TEST(Where, ChoosesLayers) {
    EXPECT_EQ(chosen({}), resnet);
    EXPECT_EQ(chosen({"*"}), resnet);
    EXPECT_EQ(chosen({"!first", "!last"}), std::vector<std::string>(resnet.begin() + 1, resnet.end() - 1));
    EXPECT_EQ(chosen({"layer2.*.conv1"}), (std::vector<std::string>{"layer2.0.conv1", "layer2.1.conv1"}));
    EXPECT_EQ(chosen({"layer1.*", "last"}), (std::vector<std::string>{"layer1.0.conv1", "layer1.0.conv2", "fc"}));
    EXPECT_EQ(chosen({"layer?.0.*", "!*.conv2"}), (std::vector<std::string>{"layer1.0.conv1", "layer2.0.conv1"}));
    // In their order: what comes later counts.
    EXPECT_EQ(chosen({"!layer*", "layer2.1.conv2"}), (std::vector<std::string>{"conv1", "layer2.1.conv2", "fc"}));
}

TEST(Where, WordsAreNamesOnlyWhenBound) {
    EXPECT_EQ(bound(Where{"!first", "last", "conv?"}, resnet), (Where{"!conv1", "fc", "conv?"}));
    EXPECT_EQ(bound(Where{"!first"}, {}), (Where{"!first"}));
    EXPECT_EQ(bound(bound(Where{"!first"}, resnet), resnet), (Where{"!conv1"}));
    // A name that looks like a negation is no negation.
    EXPECT_EQ(bound(Where{"first", "!first"}, {"!odd"}), (Where{"?odd", "!?odd"}));
}

TEST(Where, SaysWhyNothingFits) {
    EXPECT_EQ(errorOf({"!first", "layer1.*"}), "accepted");
    EXPECT_EQ(errorOf({"layr2.*"}), R"(no layer fits "layr2.*"; nearest: "layer2.0.conv1")");
    EXPECT_EQ(errorOf({"*", "!fc3"}), R"(no layer fits "fc3"; nearest: "fc")");
    EXPECT_EQ(errorOf({"encoder.*"}), R"(no layer fits "encoder.*")");
    EXPECT_EQ(errorOf({"fc", "!last"}), R"("where" leaves every layer out)");
}

TEST(Where, LeavesLayersOutOfEachKindOfStep) {
    EXPECT_EQ(std::ranges::count_if(stepSpecs(), takesWhere), 11);
    for (const StepSpec& spec : stepSpecs()) {
        if (!takesWhere(spec)) continue;
        SCOPED_TRACE(spec.op);
        Step step{spec.op, true, base::Json::object(), {}};
        step.where = {"!first", "!last"};
        const Step rule = bound(step, resnet);
        EXPECT_TRUE(rule.leavesOut("conv1"));
        EXPECT_TRUE(rule.leavesOut("fc"));
        EXPECT_FALSE(rule.leavesOut("layer1.0.conv1"));
        // What is said of a layer itself counts more.
        const bool prunes = findParameter(spec, "skip") != nullptr;
        Step exception = rule;
        exception.layers = {{"fc", prunes ? base::Json{{"skip", false}} : base::Json{{"keep", "quantized"}}},
                            {"layer1.0.conv1", prunes ? base::Json{{"skip", true}} : base::Json{{"keep", "float"}}}};
        EXPECT_FALSE(exception.leavesOut("fc"));
        EXPECT_TRUE(exception.leavesOut("layer1.0.conv1"));
        EXPECT_TRUE(exception.leavesOut("conv1"));
    }
}

} // namespace
} // namespace lathe::steps

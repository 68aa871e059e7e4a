#include <core/formats/weights/match_names.h>

#include <gtest/gtest.h>

namespace lathe::formats {
namespace {

using Names = std::vector<std::string>;

TEST(MatchNames, WhatIsEqualBelongsTogetherWithoutAWord) {
    const MatchedNames matched = matchNames({"b", "a.weight"}, {"a.weight", "b", "c"});
    EXPECT_EQ(matched.names, (Names{"b", "a.weight"}));
    EXPECT_TRUE(matched.note.empty());
}

TEST(MatchNames, WordsOfWrappersAreLeftOutOnBothSides) {
    const Names plain{"conv.weight", "fc.bias"};
    for (const Names& prefixes : {Names{"module."},
                                  {"model."},
                                  {"_orig_mod."},
                                  {"module.model."},
                                  {"model.module."},
                                  {"_orig_mod.module."},
                                  {"module._orig_mod."},
                                  {"model._orig_mod."},
                                  {"model.model."},
                                  {"_fsdp_wrapped_module."}}) {
        const std::string& prefix = prefixes.front();
        const Names wrapped{prefix + plain[0], prefix + plain[1]};
        EXPECT_EQ(matchNames(plain, wrapped).names, wrapped) << prefix;
        EXPECT_EQ(matchNames(wrapped, plain).names, plain) << prefix;
        EXPECT_FALSE(matchNames(plain, wrapped).note.empty());
    }
    // A part of the model was wrapped: nn.DataParallel(model.features), torch.compile(model.encoder).
    EXPECT_EQ(matchNames({"features.0.weight", "encoder.fc.weight"}, {"features.module.0.weight", "encoder._orig_mod.fc.weight"}).names,
              (Names{"features.module.0.weight", "encoder._orig_mod.fc.weight"}));
    // Both are wrapped, each in its way.
    EXPECT_EQ(matchNames({"model.conv.weight"}, {"module.conv.weight"}).names, (Names{"module.conv.weight"}));
}

/// A Lightning checkpoint holds more than the model.
TEST(MatchNames, OtherNamesInTheFileAreNoHindrance) {
    EXPECT_EQ(matchNames({"conv.weight", "fc.bias"}, {"model.conv.weight", "model.fc.bias", "loss.weight"}).names,
              (Names{"model.conv.weight", "model.fc.bias"}));
}

TEST(MatchNames, WhatAllNamesBeginWithIsLeftOut) {
    EXPECT_EQ(matchNames({"0.weight", "0.bias"}, {"net.encoder.0.weight", "net.encoder.0.bias"}).names,
              (Names{"net.encoder.0.weight", "net.encoder.0.bias"}));
    EXPECT_EQ(matchNames({"wrapper.0.weight", "wrapper.0.bias"}, {"0.weight", "0.bias"}).names, (Names{"0.weight", "0.bias"}));
}

TEST(MatchNames, OneOfTwoIsNotGuessed) {
    EXPECT_EQ(matchNames({"weight"}, {"0.weight", "2.weight"}).names, (Names{""}));
    EXPECT_EQ(matchNames({"fc.weight"}, {"module.fc.weight", "_orig_mod.fc.weight"}).names, (Names{""}));
    EXPECT_EQ(matchNames({"model.fc.weight", "fc.weight"}, {"fc.weight"}).names, (Names{"", "fc.weight"})) << "taken already";
    EXPECT_EQ(matchNames({"fc.weight"}, {"conv.weight"}).names, (Names{""}));
    EXPECT_EQ(matchNames({"fc.weight", "fc.bias"}, {"0.weight", "0.bias"}).names, (Names{"", ""}));
    EXPECT_EQ(matchNames({}, {"conv.weight"}).names, Names{});
    EXPECT_EQ(matchNames({"a"}, {}).names, (Names{""}));
}

} // namespace
} // namespace lathe::formats

#include <core/base/message_json.h>

#include <gtest/gtest.h>

namespace lathe::base {
namespace {

const std::string kept = "\"fc3\" keeps its 10 channels: \"fc3_out\" is an output of the model.";

TEST(MessageJson, CodesStandBesideTheSentences) {
    Json json = Json::object();
    writeMessages(json, "notes", {"Of a file.", kept});
    EXPECT_EQ(json["notes"], (Json{"Of a file.", kept}));
    EXPECT_TRUE(json["notes_codes"][0].is_null());
    const Json& code = json["notes_codes"][1];
    EXPECT_EQ(code["code"], "prune.keepsChannels");
    EXPECT_EQ(code["arguments"]["layer"], "fc3");
    EXPECT_EQ(code["arguments"]["channels"], "10");
    EXPECT_EQ(code["arguments"]["reason"]["code"], "prune.isOutput");
    EXPECT_EQ(code["arguments"]["reason"]["arguments"]["node"], "fc3_out");
}

TEST(MessageJson, WithoutCodesThereIsNothingToSayBeside) {
    Json json = Json::object();
    writeMessages(json, "notes", {"Of a file."});
    EXPECT_FALSE(json.contains("notes_codes"));
    EXPECT_TRUE(codeJson("Of a file.").is_null());
}

TEST(MessageJson, Texts) {
    EXPECT_EQ(texts({"Of a file.", {"prune.noChannel", {}}}), (std::vector<std::string>{"Of a file.", "No channel was removed."}));
}

} // namespace
} // namespace lathe::base

#include <core/base/message_json.h>

#include <gtest/gtest.h>

namespace lathe::base {
namespace {

const std::string kept = "\"fc3\" keeps its 10 channels: \"fc3_out\" is an output of the model.";

Message keptMessage() {
    const Message reason("prune.isOutput", {{"node", "fc3_out"}});
    return {"prune.keepsChannels", {{"layer", "fc3"}, {"channels", 10}, {"reason", reason}}};
}

/// What is read of `json`, or the problem.
std::vector<Message> read(const Json& json) {
    const JsonReader in(json, "It");
    std::vector<Message> messages = readMessages(in, "notes");
    const auto finished = in.finish(0);
    return finished ? messages : std::vector<Message>{finished.error().message};
}

TEST(MessageJson, CodesStandBesideTheSentences) {
    Json json = Json::object();
    writeMessages(json, "notes", {"Of a file.", keptMessage()});
    EXPECT_EQ(json["notes"], (Json{"Of a file.", kept}));
    EXPECT_TRUE(json["notes_codes"][0].is_null());
    const Json& code = json["notes_codes"][1];
    EXPECT_EQ(code["code"], "prune.keepsChannels");
    EXPECT_EQ(code["arguments"]["layer"], "fc3");
    EXPECT_EQ(code["arguments"]["channels"], "10");
    EXPECT_EQ(code["arguments"]["reason"]["code"], "prune.isOutput");
    EXPECT_EQ(code["arguments"]["reason"]["arguments"]["node"], "fc3_out");
}

TEST(MessageJson, MessagesComeBackWithTheirCodes) {
    Json json = Json::object();
    writeMessages(json, "notes", {"Of a file.", keptMessage()});
    const std::vector<Message> back = read(json);
    ASSERT_EQ(back.size(), 2U);
    EXPECT_EQ(back[0].code(), "");
    EXPECT_EQ(back[1].code(), "prune.keepsChannels");
    EXPECT_EQ(back[1], keptMessage());
    writeMessage(json, "error", keptMessage());
    const JsonReader in(json, "It");
    EXPECT_EQ(readMessage(in, "error").code(), "prune.keepsChannels");
    writeMessage(json, "plain", "Of a file.");
    EXPECT_FALSE(json.contains("plain_code"));
    EXPECT_EQ(readMessage(in, "plain"), "Of a file.");
}

TEST(MessageJson, WithoutCodesThereIsNothingToSayBeside) {
    Json json = Json::object();
    writeMessages(json, "notes", {"Of a file."});
    EXPECT_FALSE(json.contains("notes_codes"));
    EXPECT_TRUE(codeJson("Of a file.").is_null());
    EXPECT_EQ(read({{"notes", {kept}}}), std::vector<Message>{kept}) << "as older programs wrote it";
}

TEST(MessageJson, ACodeThatIsNotKnownLeavesTheSentence) {
    const Json code = {{"code", "some.newOne"}, {"arguments", {{"layer", "fc"}}}};
    const std::vector<Message> back = read({{"notes", {"Newer."}}, {"notes_codes", {code}}});
    ASSERT_EQ(back.size(), 1U);
    EXPECT_EQ(back[0].code(), "");
    EXPECT_EQ(back[0].text(), "Newer.");
}

TEST(MessageJson, RefusesCodesThatAreNone) {
    const auto problem = [](const Json& codes) { return read({{"notes", {"A."}}, {"notes_codes", codes}}).front().text(); };
    EXPECT_EQ(problem(Json::array()), "It: \"notes_codes\" has not one entry for each sentence.");
    EXPECT_EQ(problem({nullptr, nullptr}), "It: \"notes_codes\" has not one entry for each sentence.");
    EXPECT_EQ(problem({7}), "It: \"notes_codes[0]\" is not an object.");
    EXPECT_EQ(problem({{{"code", "prune.skipped"}, {"arguments", {{"layer", 7}}}}}),
              "It: \"notes_codes[0].arguments.layer\" is not an object.");
    Json deep = "fc";
    for (int i = 0; i < 40; ++i)
        deep = {{"code", "prune.skipped"}, {"arguments", {{"layer", deep}}}};
    EXPECT_NE(problem(Json::array({deep})).find("holds reasons within reasons without end"), std::string::npos);
}

TEST(MessageJson, Texts) {
    EXPECT_EQ(texts({"Of a file.", {"prune.noChannel", {}}}), (std::vector<std::string>{"Of a file.", "No channel was removed."}));
}

} // namespace
} // namespace lathe::base

#include <core/base/message.h>

#include <set>
#include <sstream>

#include <gtest/gtest.h>

namespace lathe::base {
namespace {

/// The sentence with each argument called by a number.
Message example(const MessageSentence& sentence) {
    std::vector<Message::Argument> arguments;
    (void)filled(sentence.english, [&](std::string_view name) {
        arguments.emplace_back(std::string(name), static_cast<int>(arguments.size()) + 1);
        return std::string();
    });
    return Message(sentence.code, std::move(arguments));
}

TEST(Message, SaysItsSentenceWithItsArguments) {
    EXPECT_EQ(Message("quantize.keptInFloat", {{"layer", "fc3"}}).text(), "\"fc3\" is kept in float.");
    const Message reason("prune.roundedUp", {{"multiple", 8}});
    EXPECT_EQ(Message("prune.keepsSomeChannels", {{"layer", "conv1"}, {"kept", 16}, {"channels", 20}, {"reason", reason}}).text(),
              "\"conv1\" keeps 16 of 20 channels: their number is rounded up to a multiple of 8.");
    EXPECT_EQ(Message("Something else.").text(), "Something else.");
    EXPECT_TRUE(Message().empty());
}

TEST(Message, ANameMayHoldWhatPlacesAreMadeOf) {
    EXPECT_EQ(Message("prune.coupledWithRatio", {{"layer", "{ratio}"}, {"ratio", "{layer}"}}).text(),
              "it is coupled with \"{ratio}\", whose ratio is {layer}");
    EXPECT_EQ(filled("a {b", [](std::string_view) { return std::string("x"); }), "a {b");
}

TEST(Message, EveryRowIsFoundByItsSentence) {
    std::set<std::string_view> codes;
    for (const MessageSentence& sentence : messageSentences()) {
        EXPECT_TRUE(codes.insert(sentence.code).second) << sentence.code;
        EXPECT_STREQ(sentenceOf(sentence.code), sentence.english);
        const Message message = example(sentence);
        const Message found = messageOf(message.text());
        EXPECT_EQ(found.code(), isFrame(sentence.english) ? "" : sentence.code) << message.text();
        EXPECT_EQ(found, message);
    }
    EXPECT_EQ(sentenceOf("no.suchCode"), nullptr);
}

TEST(Message, AFrameIsNotLookedFor) {
    EXPECT_TRUE(isFrame("{problem} ({context})"));
    EXPECT_TRUE(isFrame("test")) << "a layer may be called so";
    EXPECT_FALSE(isFrame("Cancelled."));
    EXPECT_FALSE(isFrame("\"{layer}\" is skipped."));
    EXPECT_EQ(messageOf("a: b").code(), "");
    EXPECT_EQ(messageOf("\"test\" is skipped.").arguments().front().value.code(), "");
}

TEST(Message, StreamsInEnglish) {
    std::ostringstream out;
    out << Message("prune.skipped", {{"layer", "fc"}});
    EXPECT_EQ(out.str(), "\"fc\" is skipped.");
}

TEST(Message, AReasonWithinASentenceIsAMessageToo) {
    const Message message = messageOf("\"fc\" keeps its 10 channels: no layer can do without any.");
    ASSERT_EQ(message.code(), "prune.keepsChannels");
    ASSERT_EQ(message.arguments().size(), 3U);
    EXPECT_EQ(message.arguments()[0].value.text(), "fc");
    EXPECT_EQ(message.arguments()[2].value.code(), "prune.needsOneChannel");
}

TEST(Message, OtherSentencesStayAsTheyAre) {
    for (const std::string text : {"", "Something else.", "x \"conv1\" is skipped. y", "\"\" is skipped.", "The size  is at least 2."}) {
        EXPECT_EQ(messageOf(text).code(), "") << text;
        EXPECT_EQ(messageOf(text).text(), text);
    }
    EXPECT_EQ(messageOf("The size N is at least 2 and at most 64.").code(), "file.sizeBetween");
    EXPECT_EQ(messageOf("\"" + std::string(3000, 'x') + "\" is skipped.").code(), "") << "too long to be looked for";
}

} // namespace
} // namespace lathe::base

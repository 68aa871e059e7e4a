#include <core/client/message_codec.h>

#include <gtest/gtest.h>

namespace lathe::client {

namespace {

using Texts = std::vector<std::string>;

Texts fed(MessageReader& reader, std::string_view bytes) {
    const auto texts = reader.feed(bytes);
    EXPECT_TRUE(texts) << texts.error().text();
    return texts.value_or(Texts{});
}

TEST(MessageCodec, LengthIsInBytes) {
    EXPECT_EQ(frame("{}"), "Content-Length: 2\r\n\r\n{}");
    EXPECT_EQ(frame("\"θ\""), "Content-Length: 4\r\n\r\n\"θ\"");
    EXPECT_EQ(frame(""), "Content-Length: 0\r\n\r\n");
}

TEST(MessageCodec, AnyChopping) {
    const Texts messages = {"{\"a\":1}", "", "\"θ\r\n\r\nContent-Length: 5\"", std::string(5000, 'x')};
    std::string stream;
    for (const std::string& message : messages)
        stream += frame(message);
    for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{1000}, stream.size()}) {
        MessageReader reader;
        Texts read;
        for (std::size_t begin = 0; begin < stream.size(); begin += step) {
            for (const std::string& text : fed(reader, std::string_view(stream).substr(begin, step)))
                read.push_back(text);
        }
        EXPECT_EQ(read, messages) << step;
        EXPECT_FALSE(reader.isInsideMessage());
    }
}

TEST(MessageCodec, KnowsWhenItWasCutOff) {
    MessageReader reader;
    EXPECT_FALSE(reader.isInsideMessage());
    EXPECT_TRUE(fed(reader, "Content-Le").empty());
    EXPECT_TRUE(reader.isInsideMessage());
    EXPECT_TRUE(fed(reader, "ngth: 3\r\n\r\n").empty());
    EXPECT_TRUE(reader.isInsideMessage());
    EXPECT_EQ(fed(reader, "abc"), Texts{"abc"});
    EXPECT_FALSE(reader.isInsideMessage());
}

TEST(MessageCodec, OtherHeadersAndSpelling) {
    MessageReader reader;
    EXPECT_EQ(fed(reader, "content-length:2\r\nContent-Type: application/json\r\n\r\n{}"), Texts{"{}"});
}

TEST(MessageCodec, MalformedHeaders) {
    for (const std::string& header :
         {std::string("\r\n\r\n"), std::string("hello\r\n\r\n"), std::string("Content-Type: x\r\n\r\n"),
          std::string("Content-Length: \r\n\r\n"), std::string("Content-Length: -1\r\n\r\n"), std::string("Content-Length: +1\r\n\r\n"),
          std::string("Content-Length: 0x10\r\n\r\n"), std::string("Content-Length: 12a\r\n\r\n"),
          std::string("Content-Length: 99999999999999999999999\r\n\r\n"), std::string("Content-Length: 1\r\nContent-Length: 2\r\n\r\n"),
          "Content-Length: " + std::to_string(maxMessageBytes + 1) + "\r\n\r\n", std::string(100'000, 'x')}) {
        MessageReader reader;
        const auto texts = reader.feed(header);
        ASSERT_FALSE(texts) << header.substr(0, 60);
        EXPECT_EQ(texts.error().code, base::ErrorCode::Rejected);
        const auto later = reader.feed(frame("{}"));
        ASSERT_FALSE(later) << "there is no way back";
        EXPECT_EQ(later.error().message, texts.error().message);
    }
}

TEST(MessageCodec, TheLargestLengthIsAccepted) {
    MessageReader reader;
    EXPECT_TRUE(fed(reader, "Content-Length: " + std::to_string(maxMessageBytes) + "\r\n\r\n").empty());
}

} // namespace

} // namespace lathe::client

#include <core/client/rpc.h>

#include <gtest/gtest.h>

namespace lathe::client {

namespace {

RpcMessage parsed(const std::string& text) {
    const auto message = parseMessage(text);
    EXPECT_TRUE(message) << text;
    return message.value_or(RpcMessage{});
}

TEST(Rpc, RequestsAndNotifications) {
    const RpcMessage request = parsed(requestText(7, "open", {{"file", "a.pt"}}));
    EXPECT_EQ(request.kind, RpcMessage::Kind::Request);
    EXPECT_EQ(request.id, 7);
    EXPECT_EQ(request.method, "open");
    EXPECT_EQ(request.content["file"], "a.pt");
    const RpcMessage notification = parsed(notificationText("progress", {{"id", 7}}));
    EXPECT_EQ(notification.kind, RpcMessage::Kind::Notification);
    EXPECT_FALSE(notification.id);
}

TEST(Rpc, ResultsOfAnyType) {
    for (const base::Json& result : {base::Json::object(), base::Json(nullptr), base::Json(3), base::Json::array({1})}) {
        const RpcMessage message = parsed(resultText(0, result));
        EXPECT_EQ(message.kind, RpcMessage::Kind::Result);
        EXPECT_EQ(message.id, 0);
        EXPECT_EQ(message.content, result);
    }
}

TEST(Rpc, ErrorsKeepCodeAndContext) {
    using base::ErrorCode;
    for (const ErrorCode code :
         {ErrorCode::Failed, ErrorCode::InvalidArgument, ErrorCode::Rejected, ErrorCode::NotFound, ErrorCode::Unsupported,
          ErrorCode::DeviceUnavailable, ErrorCode::Cancelled, ErrorCode::Busy, ErrorCode::NoSpace}) {
        const RpcMessage message = parsed(errorText(3, {rpc_code::failed, {code, "No.", {"while testing", "while running"}}}));
        EXPECT_EQ(message.kind, RpcMessage::Kind::Error);
        EXPECT_EQ(message.error.code, rpc_code::failed);
        EXPECT_EQ(message.error.error.code, code);
        EXPECT_EQ(message.error.error.message, "No.");
        EXPECT_EQ(message.error.error.context, (std::vector<base::Message>{"while testing", "while running"}));
    }
    EXPECT_FALSE(parsed(errorText(std::nullopt, {rpc_code::parseError, {}})).id);
}

TEST(Rpc, ErrorsKeepTheCodesOfTheirSentences) {
    const base::Error error{base::ErrorCode::NotFound, {"recipe.noLayer", {{"layer", "fc9"}}}, {{"while.calibrating", {}}, "somewhere"}};
    const RpcMessage message = parsed(errorText(3, {rpc_code::failed, error}));
    EXPECT_EQ(message.error.error.message.code(), "recipe.noLayer");
    EXPECT_EQ(message.error.error.context[0].code(), "while.calibrating");
    EXPECT_EQ(message.error.error.context[1].code(), "");
    EXPECT_EQ(message.error.error.text(), "the model has no layer \"fc9\" (while calibrating, somewhere)");
}

TEST(Rpc, MissingParametersAreNone) { EXPECT_EQ(parsed(R"({"jsonrpc":"2.0","id":1,"method":"hello"})").content, base::Json::object()); }

TEST(Rpc, NamesThatAreNotUtf8CanBeSent) {
    EXPECT_EQ(parsed(requestText(1, "open", {{"file", "\xFF.pt"}})).content["file"], "\xEF\xBF\xBD.pt");
}

TEST(Rpc, WhatIsNotJson) {
    for (const std::string& text : {std::string(), std::string("{"), std::string("{\"a\":1,\"a\":2}"), std::string(1000, '[')}) {
        const auto message = parseMessage(text);
        ASSERT_FALSE(message) << text.substr(0, 20);
        EXPECT_EQ(message.error().code, rpc_code::parseError);
    }
}

TEST(Rpc, WhatIsNoMessage) {
    for (const char* text : {"[]", "7", "{}", R"({"jsonrpc":"1.0","id":1,"method":"a"})", R"({"jsonrpc":"2.0","id":"x","method":"a"})",
                             R"({"jsonrpc":"2.0","id":1.5,"method":"a"})", R"({"jsonrpc":"2.0","id":1,"method":5})",
                             R"({"jsonrpc":"2.0","id":1,"method":"a","params":[1]})", R"({"jsonrpc":"2.0","id":1})",
                             R"({"jsonrpc":"2.0","result":{}})", R"({"jsonrpc":"2.0","id":1,"error":"no"})"}) {
        const auto message = parseMessage(text);
        ASSERT_FALSE(message) << text;
        EXPECT_EQ(message.error().code, rpc_code::invalidRequest) << text;
        EXPECT_FALSE(message.error().error.message.empty());
    }
}

} // namespace

} // namespace lathe::client

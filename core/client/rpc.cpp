#include <core/client/rpc.h>

#include <array>

#include <core/base/json_reader.h>
#include <core/base/message_json.h>

namespace lathe::client {

namespace {

using base::ErrorCode;
using base::Json;
using base::JsonReader;

std::string write(const Json& json) {
    // Names inside a model file need not be valid UTF-8.
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ErrorCode codeFromName(std::string_view name) {
    constexpr std::array all = {ErrorCode::Failed,      ErrorCode::InvalidArgument,   ErrorCode::Rejected,  ErrorCode::NotFound,
                                ErrorCode::Unsupported, ErrorCode::DeviceUnavailable, ErrorCode::Cancelled, ErrorCode::Busy,
                                ErrorCode::NoSpace};
    for (const ErrorCode code : all) {
        if (name == base::name(code)) return code;
    }
    return ErrorCode::Failed;
}

RpcError readError(const JsonReader& in) {
    RpcError error;
    error.code = static_cast<int>(in["code"].integer(-99999, 99999));
    const std::string sentence = in["message"].text();
    error.error.message = sentence;
    if (in.has("data")) {
        const JsonReader data = in["data"];
        if (data.has("code")) error.error.code = codeFromName(data["code"].text());
        if (data.has("message_code")) error.error.message = base::messageFromJson(sentence, data["message_code"]);
        if (data.has("context")) error.error.context = base::readMessages(data, "context", 100);
    }
    return error;
}

RpcMessage readMessage(const JsonReader& in) {
    RpcMessage message;
    if (in["jsonrpc"].text() != "2.0") in.fail("is not JSON-RPC 2.0");
    if (in.has("id")) message.id = in["id"].integer();
    if (in.has("method")) {
        message.kind = message.id ? RpcMessage::Kind::Request : RpcMessage::Kind::Notification;
        message.method = in["method"].text(200);
        message.content = in.has("params") ? in["params"].object() : Json::object();
    } else if (in.has("error")) {
        message.kind = RpcMessage::Kind::Error;
        message.error = readError(in["error"]);
    } else {
        message.kind = RpcMessage::Kind::Result;
        message.content = in["result"].json();
        if (!message.id) in.fail("is an answer without an id");
    }
    return message;
}

} // namespace

std::string requestText(std::int64_t id, std::string_view method, const Json& parameters) {
    return write({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", parameters}});
}

std::string notificationText(std::string_view method, const Json& parameters) {
    return write({{"jsonrpc", "2.0"}, {"method", method}, {"params", parameters}});
}

std::string resultText(std::int64_t id, const Json& result) { return write({{"jsonrpc", "2.0"}, {"id", id}, {"result", result}}); }

std::string errorText(std::optional<std::int64_t> id, const RpcError& error) {
    Json data = {{"code", base::name(error.error.code)}};
    if (Json code = base::codeJson(error.error.message); !code.is_null()) data["message_code"] = std::move(code);
    base::writeMessages(data, "context", error.error.context);
    return write({{"jsonrpc", "2.0"},
                  {"id", id ? Json(*id) : Json(nullptr)},
                  {"error", {{"code", error.code}, {"message", error.error.message.text()}, {"data", std::move(data)}}}});
}

tl::expected<RpcMessage, RpcError> parseMessage(std::string_view text) {
    const base::Result<Json> json = base::parseJson(text);
    if (!json) return tl::unexpected(RpcError{rpc_code::parseError, json.error()});
    const JsonReader in(*json, "The message");
    RpcMessage message = readMessage(in);
    if (base::Result<RpcMessage> read = in.finish(std::move(message))) {
        return std::move(*read);
    } else {
        return tl::unexpected(RpcError{rpc_code::invalidRequest, read.error()});
    }
}

} // namespace lathe::client

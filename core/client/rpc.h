#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <core/base/json.h>
#include <core/base/result.h>

namespace lathe::client {

/// Error numbers of JSON-RPC 2.0, section 5.1; -32000 is everything that went wrong while a request was carried out.
namespace rpc_code {
inline constexpr int parseError = -32700;
inline constexpr int invalidRequest = -32600;
inline constexpr int methodNotFound = -32601;
inline constexpr int invalidParameters = -32602;
inline constexpr int failed = -32000;
} // namespace rpc_code

struct RpcError {
    int code = rpc_code::failed;
    base::Error error; ///< message for a person, code and context
};

/// One message of JSON-RPC 2.0. Ids are whole numbers that the client counts up.
struct RpcMessage {
    enum class Kind { Request, Notification, Result, Error } kind = Kind::Notification;
    std::optional<std::int64_t> id; ///< of requests and their answers; none in an error that answers a text without an id
    std::string method;             ///< of requests and notifications
    base::Json content;             ///< parameters (an object), or the result
    RpcError error;                 ///< of Kind::Error
};

/// JSON texts, ready for frame().
[[nodiscard]] std::string requestText(std::int64_t id, std::string_view method, const base::Json& parameters);
[[nodiscard]] std::string notificationText(std::string_view method, const base::Json& parameters);
[[nodiscard]] std::string resultText(std::int64_t id, const base::Json& result);
[[nodiscard]] std::string errorText(std::optional<std::int64_t> id, const RpcError& error);

/// Reads a text of either side. Treats it as hostile; missing parameters become {}. On failure the RpcError is what a server answers:
/// parseError for text that is not JSON, invalidRequest for JSON that is not a message.
[[nodiscard]] tl::expected<RpcMessage, RpcError> parseMessage(std::string_view text);

} // namespace lathe::client

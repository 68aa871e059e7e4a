#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <core/base/result.h>

namespace lathe::client {

/// The largest message that is sent or accepted, in bytes.
inline constexpr std::size_t maxMessageBytes = std::size_t{64} << 20;

/// A JSON text as it goes through the pipe: "Content-Length: N\r\n\r\n" and the text (the base protocol of language servers, as in the
/// Language Server Protocol 3.17).
[[nodiscard]] std::string frame(std::string_view json);

/// Cuts the bytes of a pipe into messages, however they are chopped. Not thread-safe.
class MessageReader {
public:
    /// Takes the next bytes and returns the JSON texts that are complete now, in order. Error (Rejected): a header that is not one, a
    /// length that is missing, malformed or over `maxMessageBytes`. There is no way to find the next message after that: the stream has to
    /// be closed, and every later call returns the same error.
    [[nodiscard]] base::Result<std::vector<std::string>> feed(std::string_view bytes);

    /// Has a message begun that is not complete? At the end of the stream this means that it was cut off.
    [[nodiscard]] bool isInsideMessage() const { return m_hasHeader || !m_buffer.empty(); }

private:
    [[nodiscard]] base::Result<> readHeader(std::string_view header);

    std::string m_buffer;     ///< header bytes or, while m_hasHeader, the message's bytes
    std::size_t m_length = 0; ///< of the message, once its header is there
    bool m_hasHeader = false;
    std::string m_problem; ///< why the stream cannot be read any further
};

} // namespace lathe::client

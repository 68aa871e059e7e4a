#include <core/client/message_codec.h>

#include <charconv>
#include <utility>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/trim.hpp>

namespace lathe::client {

namespace {

constexpr std::string_view headerEnd = "\r\n\r\n";
constexpr std::size_t maxHeaderBytes = 4096;

} // namespace

std::string frame(std::string_view json) {
    std::string message = "Content-Length: " + std::to_string(json.size()) + std::string(headerEnd);
    message += json;
    return message;
}

base::Result<std::vector<std::string>> MessageReader::feed(std::string_view bytes) {
    if (!m_problem.empty()) return base::failure(base::ErrorCode::Rejected, m_problem);
    m_buffer += bytes;
    std::vector<std::string> messages;
    std::size_t begin = 0; // of what is not consumed yet
    for (;;) {
        if (!m_hasHeader) {
            const std::size_t end = m_buffer.find(headerEnd, begin);
            const std::size_t length = (end == std::string::npos ? m_buffer.size() : end) - begin;
            if (length > maxHeaderBytes) {
                m_problem = "A message's header is longer than " + std::to_string(maxHeaderBytes) + " bytes.";
                return base::failure(base::ErrorCode::Rejected, m_problem);
            }
            if (end == std::string::npos) break;
            if (auto read = readHeader(std::string_view(m_buffer).substr(begin, length)); !read) {
                m_problem = read.error().message.text();
                return base::forward(read);
            }
            begin = end + headerEnd.size();
            m_hasHeader = true;
        }
        if (m_buffer.size() - begin < m_length) break;
        messages.push_back(m_buffer.substr(begin, m_length));
        begin += m_length;
        m_hasHeader = false;
    }
    m_buffer.erase(0, begin);
    return messages;
}

base::Result<> MessageReader::readHeader(std::string_view header) {
    std::size_t lengths = 0;
    while (!header.empty()) {
        const std::size_t end = header.find("\r\n");
        const std::string_view line = header.substr(0, end);
        header = end == std::string_view::npos ? std::string_view() : header.substr(end + 2);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) {
            return base::failure(base::ErrorCode::Rejected, "A message begins with something that is not a header \"Content-Length: N\".");
        }
        // Others ("Content-Type") may be there and do not matter.
        if (!boost::algorithm::iequals(line.substr(0, colon), "Content-Length")) continue;
        ++lengths;
        const std::string digits = boost::algorithm::trim_copy(std::string(line.substr(colon + 1)));
        const auto [rest, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), m_length);
        if (problem != std::errc() || rest != digits.data() + digits.size() || m_length > maxMessageBytes) {
            return base::failure(base::ErrorCode::Rejected, "A message's Content-Length is \"" + digits.substr(0, 40) +
                                                                "\", which is not a number up to " + std::to_string(maxMessageBytes) + ".");
        }
    }
    if (lengths != 1) return base::failure(base::ErrorCode::Rejected, "A message's header needs exactly one Content-Length.");
    return {};
}

} // namespace lathe::client

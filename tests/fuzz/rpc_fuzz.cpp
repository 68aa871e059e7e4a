// Both ends of the pipe take bytes as hostile: however they are cut, the same messages come out, and each is read or refused.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <core/client/message_codec.h>
#include <core/client/protocol.h>
#include <core/client/requests.h>
#include <core/client/rpc.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lathe;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    client::MessageReader whole, pieces;
    const auto messages = whole.feed(bytes);
    std::vector<std::string> collected;
    bool isGood = true;
    for (std::size_t at = 0; at < bytes.size() && isGood; at += 7) {
        const auto more = pieces.feed(bytes.substr(at, 7));
        isGood = more.has_value();
        if (more) collected.insert(collected.end(), more->begin(), more->end());
    }
    if (messages && (!isGood || collected != *messages)) std::abort();
    for (const std::string& text : collected) {
        const auto message = client::parseMessage(text);
        if (!message) {
            if (message.error().error.message.empty()) std::abort();
            continue;
        }
        (void)client::openRequestFromJson(message->content);
        (void)client::runRequestFromJson(message->content);
        (void)client::openReplyFromJson(message->content);
        (void)client::helloReplyFromJson(message->content);
        (void)client::previewReplyFromJson(message->content);
    }
    return 0;
}

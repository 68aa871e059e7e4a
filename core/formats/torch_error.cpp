#include <core/formats/torch_error_torch.h>

namespace lathe::formats {

std::string reason(const std::exception& exception) {
    const auto* torchError = dynamic_cast<const c10::Error*>(&exception);
    std::string_view text = torchError != nullptr ? torchError->what_without_backtrace() : exception.what();
    // "[enforce fail at file.cc:12] condition. what happened" of older checks, and blank first lines of parse errors.
    if (text.starts_with("[enforce fail")) {
        if (const auto end = text.find("] "); end != std::string_view::npos) text.remove_prefix(end + 2);
    }
    while (!text.empty() && (text.front() == '\n' || text.front() == ' ' || text.front() == '.'))
        text.remove_prefix(1);
    text = text.substr(0, text.find('\n'));
    while (!text.empty() && (text.back() == '.' || text.back() == ' ' || text.back() == ':'))
        text.remove_suffix(1);
    constexpr std::size_t longest = 240;
    if (text.empty()) return "no reason is given";
    return text.size() <= longest ? std::string(text) : std::string(text.substr(0, longest)) + "…";
}

} // namespace lathe::formats

#include <core/formats/onnx/external_data.h>

#include <charconv>
#include <optional>
#include <string>

namespace lathe::formats::onnx {

namespace {

tl::unexpected<base::Error> rejected(std::string message) { return base::failure(base::ErrorCode::Rejected, std::move(message)); }

std::optional<std::int64_t> number(const std::string& text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

} // namespace

base::Result<MappedBytes> ExternalData::bytesOf(const TensorProto& tensor, std::int64_t byteCount) {
    std::string location;
    std::int64_t offset = 0;
    std::int64_t length = byteCount;
    for (const auto& [key, value] : tensor.externalData) {
        if (key == "location") {
            location = value;
        } else if (key == "offset" || key == "length") {
            const auto parsed = number(value);
            if (!parsed || *parsed < 0) return rejected("has the " + key + " \"" + value + "\" in its file, which is no size.");
            (key == "offset" ? offset : length) = *parsed;
        } else if (key != "checksum") {
            return rejected("says \"" + key + "\" about its file, which is not known.");
        }
    }
    if (location.empty()) return rejected("has its data in a file without a name.");
    const auto file = m_files.open(location);
    if (!file) return rejected("has its data in \"" + location + "\", " + file.error().message.text());
    const auto size = static_cast<std::int64_t>(file->bytes.size());
    if (offset > size || length > size - offset)
        return rejected("has its data in bytes " + std::to_string(offset) + " to " + std::to_string(offset) + " + " +
                        std::to_string(length) + " of \"" + location + "\", which has only " + std::to_string(size) + ".");
    if (length != byteCount)
        return rejected("needs " + std::to_string(byteCount) + " bytes but names " + std::to_string(length) + " in \"" + location + "\".");
    return MappedBytes{file->bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length)), file->owner};
}

} // namespace lathe::formats::onnx

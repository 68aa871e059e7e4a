#include <core/data/idx_reader.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <zlib.h>

#include <core/data/byte_order.h>

namespace lathe::data {

namespace {

using base::ErrorCode;
using base::failure;
using tensor::DType;

// Deflate cannot shrink data further than this (zlib's technical notes), so a bigger claim is false whatever the file holds.
constexpr std::uint64_t maxDeflateRatio = 1032;

std::optional<DType> dtypeOfIdx(unsigned char code) {
    switch (code) {
    case 0x08:
        return DType::UInt8;
    case 0x09:
        return DType::Int8;
    case 0x0B:
        return DType::Int16;
    case 0x0C:
        return DType::Int32;
    case 0x0D:
        return DType::Float32;
    case 0x0E:
        return DType::Float64;
    default:
        return std::nullopt;
    }
}

/// Bytes of a plain or gzip file one after another. zlib reads both; for plain files it only copies.
class ByteSource {
public:
    explicit ByteSource(const std::filesystem::path& file) : m_file(gzopen(file.c_str(), "rb"), &gzclose) {
        if (m_file) gzbuffer(m_file.get(), 1U << 17);
    }
    [[nodiscard]] bool isOpen() const { return m_file != nullptr; }
    [[nodiscard]] bool isGzip() const { return gzdirect(m_file.get()) == 0; }
    /// How many bytes were read: fewer than asked for at the end of the file or where it is damaged.
    std::size_t read(std::span<std::byte> into) {
        std::size_t done = 0;
        while (done < into.size()) {
            const auto wanted = static_cast<unsigned>(std::min<std::size_t>(into.size() - done, std::numeric_limits<int>::max()));
            const int count = gzread(m_file.get(), into.data() + done, wanted);
            if (count <= 0) break;
            done += static_cast<std::size_t>(count);
        }
        return done;
    }
    /// Did decompression fail (checksum, invalid code), other than by the end of the file?
    [[nodiscard]] bool isDamaged() const {
        int code = Z_OK;
        gzerror(m_file.get(), &code);
        return code == Z_DATA_ERROR || code == Z_STREAM_ERROR || code == Z_ERRNO;
    }
    [[nodiscard]] bool endsEarly() const {
        int code = Z_OK;
        gzerror(m_file.get(), &code);
        return code == Z_BUF_ERROR;
    }

private:
    std::unique_ptr<gzFile_s, int (*)(gzFile)> m_file;
};

} // namespace

base::Result<tensor::Tensor> readIdx(const std::filesystem::path& file) {
    const std::string path = file.string();
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return failure(ErrorCode::NotFound, {"data.noFile", {{"file", path}}});
    if (!std::filesystem::is_regular_file(file, error)) return failure(ErrorCode::Rejected, {"data.isNoFile", {{"file", path}}});
    const std::uintmax_t fileBytes = std::filesystem::file_size(file, error);
    if (fileBytes == 0) return failure(ErrorCode::Rejected, {"data.isEmpty", {{"file", path}}});

    ByteSource source(file);
    if (!source.isOpen()) return failure(ErrorCode::Failed, {"data.cannotBeRead", {{"file", path}}});
    const auto rejected = [&path](const base::Message& problem) {
        return failure(ErrorCode::Rejected, {"data.fileProblem", {{"file", path}, {"problem", problem}}});
    };
    const auto truncated = [&] { return rejected({source.isDamaged() ? "data.isDamagedGzip" : "data.isTruncated", {}}); };

    std::array<std::byte, 4> magic{};
    if (source.read(magic) < magic.size()) return truncated();
    const std::optional<DType> dtype = dtypeOfIdx(std::to_integer<unsigned char>(magic[2]));
    if (magic[0] != std::byte{0} || magic[1] != std::byte{0} || !dtype || magic[3] == std::byte{0}) {
        return rejected({"data.isNoIdx", {}});
    }
    std::vector<std::byte> dimensions(std::to_integer<std::size_t>(magic[3]) * 4);
    if (source.read(dimensions) < dimensions.size()) return truncated();
    tensor::Shape shape;
    for (std::size_t at = 0; at < dimensions.size(); at += 4) {
        std::int64_t size = 0;
        for (std::size_t byte = 0; byte < 4; ++byte) {
            size = size * 256 + std::to_integer<std::int64_t>(dimensions[at + byte]);
        }
        shape.push_back(size);
    }

    const base::Result<std::int64_t> count = tensor::checkedElementCount(shape);
    const std::uint64_t elementBytes = tensor::byteSize(*dtype);
    const std::uint64_t possible = source.isGzip() ? fileBytes * maxDeflateRatio : fileBytes;
    if (!count || static_cast<std::uint64_t>(*count) > possible / elementBytes) {
        return rejected({"data.headerSaysMore", {{"shape", tensor::text(shape)}, {"bytes", fileBytes}}});
    }
    const auto content = std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(*count) * elementBytes);
    const std::size_t done = source.read(*content);
    if (done < content->size()) {
        if (source.isDamaged()) return truncated();
        return rejected({"data.fewerBytesFollow", {{"shape", tensor::text(shape)}, {"size", elementBytes}, {"bytes", done}}});
    }
    std::array<std::byte, 1> more{};
    if (source.read(more) > 0) {
        return rejected({"data.goesOn", {{"shape", tensor::text(shape)}}});
    }
    // Only reading past the end makes zlib compare the checksum.
    if (source.isDamaged()) return rejected({"data.isDamagedGzip", {}});
    if (source.endsEarly()) return rejected({"data.gzipEndsEarly", {}});

    reverseElements(*content, elementBytes);
    return tensor::Tensor(*dtype, std::move(shape), tensor::Storage::adopt(std::span<const std::byte>(*content), content));
}

} // namespace lathe::data

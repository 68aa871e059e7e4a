#include <core/formats/zip_directory.h>

#include <algorithm>
#include <cstring>

namespace lathe::formats {

namespace {

constexpr std::uint32_t endSignature = 0x06054b50, end64LocatorSignature = 0x07064b50, end64Signature = 0x06064b50,
                        centralSignature = 0x02014b50, localSignature = 0x04034b50;
constexpr std::uint64_t endBytes = 22, end64LocatorBytes = 20, end64Bytes = 56, centralBytes = 46, localBytes = 30;
constexpr std::uint64_t maxCommentBytes = 0xffff;
constexpr std::uint32_t in64 = 0xffffffff; ///< the number is in the zip64 field
constexpr std::uint16_t zip64Tag = 1;

/// Little-endian numbers at places that may lie outside the file: then there is none.
class Bytes {
public:
    explicit Bytes(std::span<const std::byte> bytes) : m_bytes(bytes) {}

    template<class T>
    std::optional<T> at(std::uint64_t offset) const {
        if (offset > m_bytes.size() || m_bytes.size() - offset < sizeof(T)) return std::nullopt;
        T value{};
        std::memcpy(&value, m_bytes.data() + offset, sizeof(T));
        return value;
    }
    std::uint64_t size() const { return m_bytes.size(); }

private:
    std::span<const std::byte> m_bytes;
};

struct Directory {
    std::uint64_t offset = 0, entries = 0;
};

std::optional<Directory> findDirectory(const Bytes& file) {
    if (file.size() < endBytes) return std::nullopt;
    const std::uint64_t last = file.size() - endBytes;
    const std::uint64_t first = last > maxCommentBytes ? last - maxCommentBytes : 0;
    for (std::uint64_t end = last + 1; end-- > first;) {
        if (file.at<std::uint32_t>(end) != endSignature) continue;
        const std::uint32_t offset = *file.at<std::uint32_t>(end + 16);
        const std::uint16_t entries = *file.at<std::uint16_t>(end + 10);
        if (end < end64LocatorBytes || file.at<std::uint32_t>(end - end64LocatorBytes) != end64LocatorSignature)
            return Directory{offset, entries};
        const std::uint64_t end64 = *file.at<std::uint64_t>(end - end64LocatorBytes + 8);
        if (file.at<std::uint32_t>(end64) != end64Signature || end64 > file.size() - end64Bytes) return std::nullopt;
        return Directory{*file.at<std::uint64_t>(end64 + 48), *file.at<std::uint64_t>(end64 + 32)};
    }
    return std::nullopt;
}

/// The local header's offset when it is in the zip64 field: behind those of the two sizes that are there as well.
std::optional<std::uint64_t> offset64(const Bytes& file, std::uint64_t header, std::uint64_t extra, std::uint64_t extraBytes) {
    for (std::uint64_t at = extra; at + 4 <= extra + extraBytes;) {
        const auto tag = file.at<std::uint16_t>(at), size = file.at<std::uint16_t>(at + 2);
        if (!tag || !size) return std::nullopt;
        if (*tag == zip64Tag) {
            std::uint64_t number = at + 4;
            if (file.at<std::uint32_t>(header + 24) == in64) number += 8;
            if (file.at<std::uint32_t>(header + 20) == in64) number += 8;
            return number + 8 <= at + 4 + *size ? file.at<std::uint64_t>(number) : std::nullopt;
        }
        at += 4 + *size;
    }
    return std::nullopt;
}

} // namespace

std::optional<std::vector<std::uint64_t>> entryOffsets(std::span<const std::byte> bytes) {
    const Bytes file(bytes);
    const auto directory = findDirectory(file);
    if (!directory || directory->entries > file.size() / centralBytes) return std::nullopt;
    std::vector<std::uint64_t> offsets;
    offsets.reserve(directory->entries);
    std::uint64_t header = directory->offset;
    for (std::uint64_t entry = 0; entry < directory->entries; ++entry) {
        const auto nameBytes = file.at<std::uint16_t>(header + 28), extraBytes = file.at<std::uint16_t>(header + 30),
                   commentBytes = file.at<std::uint16_t>(header + 32);
        const auto offset32 = file.at<std::uint32_t>(header + 42);
        if (file.at<std::uint32_t>(header) != centralSignature || !nameBytes || !extraBytes || !commentBytes || !offset32)
            return std::nullopt;
        const auto local = *offset32 == in64 ? offset64(file, header, header + centralBytes + *nameBytes, *extraBytes)
                                             : std::optional<std::uint64_t>(*offset32);
        if (!local || *local > file.size() || file.at<std::uint32_t>(*local) != localSignature) return std::nullopt;
        const auto localNameBytes = file.at<std::uint16_t>(*local + 26), localExtraBytes = file.at<std::uint16_t>(*local + 28);
        if (!localNameBytes || !localExtraBytes) return std::nullopt;
        const std::uint64_t begin = *local + localBytes + *localNameBytes + *localExtraBytes;
        if (begin > file.size()) return std::nullopt;
        offsets.push_back(begin);
        header += centralBytes + *nameBytes + *extraBytes + *commentBytes;
        if (header > file.size()) return std::nullopt;
    }
    return offsets;
}

} // namespace lathe::formats

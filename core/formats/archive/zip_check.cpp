#include <core/formats/archive/zip_check.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <set>

#include <zlib.h>

namespace lathe::formats {

namespace {

using namespace std::string_view_literals;

/// Compressed entries of a model are source code, its source map, pickles, and weights that are short or mostly zero; other weights are
/// stored as they are (archive_record.h keeps what we write below these).
constexpr std::uint64_t maxUnpackedBytes = std::uint64_t{256} << 20;
constexpr std::uint64_t maxRatio = 100;
constexpr std::uint64_t freeOfRatioBytes = std::uint64_t{1} << 20; ///< repetitive code of this size is still code
constexpr std::uint64_t maxEntries = 32'768;

constexpr auto localSignature = "PK\x03\x04"sv;
constexpr auto centralSignature = "PK\x01\x02"sv;
constexpr auto endSignature = "PK\x05\x06"sv;
constexpr auto end64Signature = "PK\x06\x06"sv;
constexpr auto locator64Signature = "PK\x06\x07"sv;
constexpr std::size_t localBytes = 30, centralBytes = 46, endBytes = 22, end64Bytes = 56, locator64Bytes = 20;
constexpr std::uint32_t in64 = 0xFFFFFFFF; ///< "the number is in the ZIP64 field"

constexpr std::uint16_t flagEncrypted = 1, flagSizesBehind = 1 << 3, flagStronglyEncrypted = 1 << 6;
constexpr std::uint16_t methodStored = 0, methodDeflated = 8;

tl::unexpected<base::Error> rejected(std::string message) { return base::failure(base::ErrorCode::Rejected, std::move(message)); }

tl::unexpected<base::Error> damaged() { return rejected("is damaged: the directory of the archive contradicts its content."); }

/// A name as it can be shown: what is not plain text becomes '?', and the middle of a long name is left out.
std::string shown(std::string_view name) {
    constexpr std::size_t longest = 80;
    std::string text(name.substr(0, longest));
    std::ranges::replace_if(
        text, [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, '?');
    if (name.size() > longest) text += "…";
    return "\"" + text + "\"";
}

template<class Number>
Number at(std::string_view bytes, std::size_t offset) {
    Number number = 0;
    std::memcpy(&number, bytes.data() + offset, sizeof number);
    return number;
}

/// One entry as the directory describes it.
struct CentralEntry {
    ZipEntry entry;
    std::uint16_t flags = 0, method = 0;
    std::uint64_t headerOffset = 0;
};

/// Puts the numbers of the ZIP64 extra field (4.5.3) in place of those that did not fit into 32 bits. False when they are missing.
bool takeZip64(std::string_view extra, std::initializer_list<std::uint64_t*> numbers) {
    constexpr std::uint16_t zip64 = 1;
    std::optional<std::string_view> field;
    while (extra.size() >= 4) {
        const auto size = at<std::uint16_t>(extra, 2);
        if (size > extra.size() - 4) return false;
        if (at<std::uint16_t>(extra, 0) == zip64) {
            if (field) return false;
            field = extra.substr(4, size);
        }
        extra.remove_prefix(4 + std::size_t{size});
    }
    for (std::uint64_t* number : numbers) {
        if (*number != in64) continue;
        if (!field || field->size() < 8) return false;
        *number = at<std::uint64_t>(*field, 0);
        field->remove_prefix(8);
    }
    return true;
}

/// Is it UTF-8 (RFC 3629: shortest form, no surrogates), and nothing that changes how the text around it is shown?
bool isPlainText(std::string_view name) {
    while (!name.empty()) {
        const auto first = static_cast<unsigned char>(name.front());
        const int length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
        if (length == 0 || name.size() < static_cast<std::size_t>(length)) return false;
        std::uint32_t code = length == 1 ? first : first & (0x7FU >> length);
        for (int i = 1; i < length; ++i) {
            const auto next = static_cast<unsigned char>(name[static_cast<std::size_t>(i)]);
            if (next >> 6 != 2) return false;
            code = code << 6 | (next & 0x3F);
        }
        constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
        if (code < smallest[length] || (code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF) return false;
        const bool isControl = code < 0x20 || (code >= 0x7F && code < 0xA0);
        const bool isDirection =
            (code >= 0x200E && code <= 0x200F) || (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
        const bool isLineBreak = code == 0x2028 || code == 0x2029;
        if (isControl || isDirection || isLineBreak) return false;
        name.remove_prefix(static_cast<std::size_t>(length));
    }
    return true;
}

bool leadsOutside(std::string_view name) {
    if (name.starts_with('/') || name.find('\\') != std::string_view::npos || (name.size() > 1 && name[1] == ':')) return true;
    for (;;) {
        const auto slash = name.find('/');
        if (name.substr(0, slash) == "..") return true;
        if (slash == std::string_view::npos) return false;
        name.remove_prefix(slash + 1);
    }
}

base::Result<> checkName(std::string_view name) {
    if (name.empty() || !isPlainText(name))
        return rejected("has an entry whose name " + shown(name) + " holds characters that are no text, such as line breaks.");
    if (leadsOutside(name)) return rejected("has an entry " + shown(name) + " that leads out of the archive.");
    return {};
}

struct Directory {
    std::uint64_t offset = 0, bytes = 0, entries = 0;
};

/// Where the directory is. Nothing may stand behind it, so that no other reader can find another one.
base::Result<Directory> findDirectory(std::string_view archive) {
    if (!hasZipDirectory(archive)) return rejected("is cut off: the end of the archive is missing.");
    std::size_t end = archive.size() - endBytes;
    const std::string_view record = archive.substr(end);
    Directory directory{at<std::uint32_t>(record, 16), at<std::uint32_t>(record, 12), at<std::uint16_t>(record, 10)};
    if (at<std::uint16_t>(record, 4) != at<std::uint16_t>(record, 6) || at<std::uint16_t>(record, 8) != directory.entries) return damaged();

    const bool hasLocator = end >= locator64Bytes && archive.substr(end - locator64Bytes).starts_with(locator64Signature);
    const bool needsLocator = directory.offset == in64 || directory.bytes == in64 || directory.entries == 0xFFFF;
    if (hasLocator) {
        const std::size_t locator = end - locator64Bytes;
        const auto recordOffset = at<std::uint64_t>(archive, locator + 8);
        if (locator < end64Bytes || recordOffset != locator - end64Bytes || !archive.substr(recordOffset).starts_with(end64Signature))
            return damaged();
        end = static_cast<std::size_t>(recordOffset);
        const std::string_view record64 = archive.substr(end, end64Bytes);
        const Directory large{at<std::uint64_t>(record64, 48), at<std::uint64_t>(record64, 40), at<std::uint64_t>(record64, 32)};
        const bool isSame = (directory.offset == in64 || directory.offset == large.offset) &&
                            (directory.bytes == in64 || directory.bytes == large.bytes) &&
                            (directory.entries == 0xFFFF || directory.entries == large.entries);
        if (!isSame || at<std::uint64_t>(record64, 24) != large.entries) return damaged();
        directory = large;
    } else if (needsLocator) {
        return damaged();
    }
    if (directory.offset > end || directory.bytes != end - directory.offset) return damaged();
    if (directory.entries > maxEntries || directory.entries > directory.bytes / centralBytes) {
        if (directory.entries <= maxEntries) return damaged();
        return rejected("holds " + std::to_string(directory.entries) + " entries; no model needs more than " + std::to_string(maxEntries) +
                        ".");
    }
    return directory;
}

base::Result<CentralEntry> readCentral(std::string_view& rest) {
    if (rest.size() < centralBytes || !rest.starts_with(centralSignature)) return damaged();
    const std::size_t nameBytes = at<std::uint16_t>(rest, 28), extraBytes = at<std::uint16_t>(rest, 30);
    const std::size_t commentBytes = at<std::uint16_t>(rest, 32);
    if (nameBytes + extraBytes + commentBytes > rest.size() - centralBytes) return damaged();
    CentralEntry central;
    ZipEntry& entry = central.entry;
    entry.name = rest.substr(centralBytes, nameBytes);
    if (const auto name = checkName(entry.name); !name) return forward(name);
    central.flags = at<std::uint16_t>(rest, 8);
    central.method = at<std::uint16_t>(rest, 10);
    entry.crc = at<std::uint32_t>(rest, 16);
    entry.packedBytes = at<std::uint32_t>(rest, 20);
    entry.bytes = at<std::uint32_t>(rest, 24);
    central.headerOffset = at<std::uint32_t>(rest, 42);
    const std::string_view extra = rest.substr(centralBytes + nameBytes, extraBytes);
    if (!takeZip64(extra, {&entry.bytes, &entry.packedBytes, &central.headerOffset})) return damaged();

    if ((central.flags & (flagEncrypted | flagStronglyEncrypted)) != 0) return rejected("is an encrypted zip archive.");
    constexpr std::uint8_t madeByUnix = 3;
    constexpr std::uint32_t typeMask = 0170000, symbolicLink = 0120000;
    if (static_cast<std::uint8_t>(rest[5]) == madeByUnix && (at<std::uint32_t>(rest, 38) >> 16 & typeMask) == symbolicLink)
        return rejected("has an entry " + shown(entry.name) + " that is a symbolic link.");
    if (central.method != methodStored && central.method != methodDeflated)
        return rejected("has an entry " + shown(entry.name) + " that is packed by method " + std::to_string(central.method) +
                        ", which no model uses.");
    entry.isDeflated = central.method == methodDeflated;
    if (!entry.isDeflated && entry.packedBytes != entry.bytes) return damaged();
    rest.remove_prefix(centralBytes + nameBytes + extraBytes + commentBytes);
    return central;
}

/// The header before the data says the same as the directory; other readers believe one or the other.
base::Result<> checkLocal(std::string_view archive, std::uint64_t end, CentralEntry& central) {
    ZipEntry& entry = central.entry;
    const auto contradicts = [&] {
        return rejected("is damaged: the directory and the header of " + shown(entry.name) + " contradict each other.");
    };
    if (central.headerOffset > end || end - central.headerOffset < localBytes) return contradicts();
    const std::string_view header = archive.substr(central.headerOffset, end - central.headerOffset);
    if (!header.starts_with(localSignature)) return contradicts();
    const std::size_t nameBytes = at<std::uint16_t>(header, 26), extraBytes = at<std::uint16_t>(header, 28);
    const std::size_t headerBytes = localBytes + nameBytes + extraBytes;
    if (headerBytes > header.size() || header.substr(localBytes, nameBytes) != entry.name) return contradicts();
    const auto flags = at<std::uint16_t>(header, 6);
    if (flags != central.flags || at<std::uint16_t>(header, 8) != central.method) return contradicts();
    std::uint64_t packed = at<std::uint32_t>(header, 18), bytes = at<std::uint32_t>(header, 22);
    const auto crc = at<std::uint32_t>(header, 14);
    if (!takeZip64(header.substr(localBytes + nameBytes, extraBytes), {&bytes, &packed})) return contradicts();
    const bool areBehind = (flags & flagSizesBehind) != 0; // then zeros may stand here
    const auto agrees = [areBehind](std::uint64_t here, std::uint64_t there) { return here == there || (areBehind && here == 0); };
    if (!agrees(packed, entry.packedBytes) || !agrees(bytes, entry.bytes) || !agrees(crc, entry.crc)) return contradicts();
    if (entry.packedBytes > header.size() - headerBytes) return contradicts();
    entry.dataOffset = central.headerOffset + headerBytes;
    return {};
}

base::Result<> checkAmounts(const std::vector<CentralEntry>& entries) {
    std::uint64_t unpacked = 0;
    for (const CentralEntry& central : entries) {
        const ZipEntry& entry = central.entry;
        if (entry.bytes > std::uint64_t{std::numeric_limits<std::int64_t>::max()} / 4)
            return rejected("has an entry " + shown(entry.name) + " that claims to hold " + std::to_string(entry.bytes) + " bytes.");
        if (!entry.isDeflated) continue;
        unpacked += entry.bytes;
        if (unpacked > maxUnpackedBytes) return rejected("would unpack to more than 256 MB, which no model needs.");
    }
    for (const CentralEntry& central : entries) {
        const ZipEntry& entry = central.entry;
        if (entry.isDeflated && entry.bytes > freeOfRatioBytes && entry.bytes / maxRatio > entry.packedBytes)
            return rejected("is a zip bomb: " + shown(entry.name) + " unpacks to more than " + std::to_string(maxRatio) +
                            " times its size.");
    }
    return {};
}

base::Result<> checkNamesDiffer(const std::vector<CentralEntry>& entries) {
    std::set<std::string> names;
    for (const CentralEntry& central : entries) {
        // LibTorch finds entries without regard to case.
        std::string name = central.entry.name;
        std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        if (!names.insert(std::move(name)).second) return rejected("holds the entry " + shown(central.entry.name) + " twice.");
    }
    return {};
}

base::Result<> checkNoOverlap(const std::vector<CentralEntry>& entries) {
    std::vector<const CentralEntry*> byOffset;
    for (const CentralEntry& central : entries)
        byOffset.push_back(&central);
    std::ranges::sort(byOffset, {}, &CentralEntry::headerOffset);
    std::uint64_t end = 0;
    for (const CentralEntry* central : byOffset) {
        if (central->headerOffset < end) return rejected("has the overlapping entry " + shown(central->entry.name) + ".");
        end = central->entry.dataOffset + central->entry.packedBytes;
    }
    return {};
}

std::uint32_t checksum(std::string_view bytes) {
    return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

} // namespace

bool hasZipDirectory(std::string_view archive) {
    // A comment behind the record would be a place for a second one.
    return archive.size() >= endBytes && archive.substr(archive.size() - endBytes).starts_with(endSignature) &&
           at<std::uint16_t>(archive, archive.size() - 2) == 0;
}

base::Result<std::vector<ZipEntry>> checkZip(std::string_view archive) {
    const auto directory = findDirectory(archive);
    if (!directory) return forward(directory);
    std::string_view rest = archive.substr(directory->offset, directory->bytes);
    std::vector<CentralEntry> entries;
    for (std::uint64_t i = 0; i < directory->entries; ++i) {
        auto central = readCentral(rest);
        if (!central) return forward(central);
        entries.push_back(std::move(*central));
    }
    if (!rest.empty()) return damaged();
    if (const auto result = checkNamesDiffer(entries); !result) return forward(result);
    if (const auto result = checkAmounts(entries); !result) return forward(result);
    for (CentralEntry& central : entries) {
        if (const auto result = checkLocal(archive, directory->offset, central); !result) return forward(result);
    }
    if (const auto result = checkNoOverlap(entries); !result) return forward(result);

    std::vector<ZipEntry> checked;
    for (CentralEntry& central : entries) {
        const ZipEntry& entry = central.entry;
        if (entry.isDeflated) {
            if (const auto content = unpack(archive, entry); !content) return forward(content);
        } else if (checksum(archive.substr(entry.dataOffset, entry.packedBytes)) != entry.crc) {
            return rejected("is damaged: the checksum of " + shown(entry.name) + " does not fit its content.");
        }
        checked.push_back(std::move(central.entry));
    }
    return checked;
}

base::Result<std::string> unpack(std::string_view archive, const ZipEntry& entry) {
    const std::string_view packed = archive.substr(entry.dataOffset, entry.packedBytes);
    if (!entry.isDeflated) return std::string(packed);
    const auto wrong = [&] { return rejected("is damaged: the checksum of " + shown(entry.name) + " does not fit its content."); };
    std::string content(static_cast<std::size_t>(entry.bytes) + 1, '\0'); // one more shows content that goes on
    z_stream stream{};
    if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return base::failure(base::ErrorCode::Failed, "cannot be unpacked: there is no memory.");
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(content.data());
    stream.avail_out = static_cast<uInt>(content.size());
    const int end = ::inflate(&stream, Z_FINISH);
    const bool isWhole = end == Z_STREAM_END && stream.avail_in == 0 && stream.total_out == entry.bytes;
    ::inflateEnd(&stream);
    if (!isWhole) return wrong();
    content.resize(static_cast<std::size_t>(entry.bytes));
    if (checksum(content) != entry.crc) return wrong();
    return content;
}

} // namespace lathe::formats

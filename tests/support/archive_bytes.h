#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <zlib.h>

namespace lathe::support {

/// A file in an archive, and what is to be wrong with it.
struct ArchiveEntry {
    std::string name, content;
    bool isDeflated = false;
    std::uint16_t flags = 0;
    std::uint16_t method = 0;                       ///< instead of stored
    std::uint32_t attributes = 0;                   ///< 0120000 << 16: a symbolic link
    std::optional<std::uint32_t> crc = {};          ///< instead of the right one
    std::optional<std::string> localName = {};      ///< instead of the name, in the header before the data
    std::optional<std::uint64_t> claimedBytes = {}; ///< written into a ZIP64 field of the directory
    std::optional<std::uint32_t> headerOffset = {}; ///< instead of where it is
};

namespace detail {

template<class Number>
std::string little(Number number) {
    return {reinterpret_cast<const char*>(&number), sizeof number};
}

inline std::string deflated(const std::string& content) {
    std::string packed(::compressBound(content.size()), '\0');
    z_stream stream{};
    ::deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    ::deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    ::deflateEnd(&stream);
    return packed;
}

} // namespace detail

/// A zip archive (APPNOTE.TXT 4.3) of these entries, byte by byte, so that it can be wrong in any way.
inline std::string archiveBytes(const std::vector<ArchiveEntry>& entries) {
    using detail::little;
    std::string archive, directory;
    for (const ArchiveEntry& entry : entries) {
        const std::string packed = entry.isDeflated ? detail::deflated(entry.content) : entry.content;
        const auto crc = entry.crc.value_or(static_cast<std::uint32_t>(
            ::crc32(0, reinterpret_cast<const Bytef*>(entry.content.data()), static_cast<uInt>(entry.content.size()))));
        const std::uint16_t method = entry.isDeflated ? 8 : entry.method;
        const auto offset = entry.headerOffset.value_or(static_cast<std::uint32_t>(archive.size()));
        const auto common = [&](std::uint32_t packedBytes, std::uint32_t bytes, std::uint16_t nameBytes, std::uint16_t extraBytes) {
            return little(entry.flags) + little(method) + little(std::uint32_t{0}) + little(crc) + little(packedBytes) + little(bytes) +
                   little(nameBytes) + little(extraBytes);
        };
        const auto packedBytes = static_cast<std::uint32_t>(packed.size()), bytes = static_cast<std::uint32_t>(entry.content.size());
        const std::string localName = entry.localName.value_or(entry.name);
        if (!entry.headerOffset) {
            archive += "PK\3\4" + little(std::uint16_t{20}) + common(packedBytes, bytes, static_cast<std::uint16_t>(localName.size()), 0) +
                       localName + packed;
        }
        std::string extra;
        if (entry.claimedBytes)
            extra = little(std::uint16_t{1}) + little(std::uint16_t{16}) + little(*entry.claimedBytes) + little(*entry.claimedBytes);
        directory += "PK\1\2" + little(std::uint16_t{3 << 8 | 20}) + little(std::uint16_t{20}) +
                     common(entry.claimedBytes ? 0xFFFFFFFF : packedBytes, entry.claimedBytes ? 0xFFFFFFFF : bytes,
                            static_cast<std::uint16_t>(entry.name.size()), static_cast<std::uint16_t>(extra.size())) +
                     little(std::uint16_t{0}) + little(std::uint32_t{0}) + little(entry.attributes) + little(offset) + entry.name + extra;
    }
    const auto offset = static_cast<std::uint32_t>(archive.size());
    const auto count = static_cast<std::uint16_t>(entries.size());
    return archive + directory + "PK\5\6" + little(std::uint32_t{0}) + little(count) + little(count) +
           little(static_cast<std::uint32_t>(directory.size())) + little(offset) + little(std::uint16_t{0});
}

/// A TorchScript archive of a model without weights. `body`: the indented lines of forward(self, x: Tensor) -> Tensor; `pickle`: data.pkl
/// instead of the right one; `data`: the content of data/0.
inline std::string torchScriptBytes(const std::string& body = "    return x\n", const std::optional<std::string>& pickle = {},
                                    const std::string& data = "") {
    using namespace std::string_literals;
    const std::string code = "class Model(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"
                             "  def forward(self: __torch__.Model,\n    x: Tensor) -> Tensor:\n" +
                             body;
    return archiveBytes({{.name = "m/data.pkl", .content = pickle.value_or("\x80\2c__torch__\nModel\n)\x81}(X\x08\0\0\0training\x89ub."s)},
                         {.name = "m/data/0", .content = data},
                         {.name = "m/code/__torch__.py", .content = code},
                         {.name = "m/constants.pkl", .content = "\x80\2)."},
                         {.name = "m/version", .content = "3\n"},
                         {.name = "m/byteorder", .content = "little"}});
}

} // namespace lathe::support

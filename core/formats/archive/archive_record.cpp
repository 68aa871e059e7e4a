#include <core/formats/archive/archive_record.h>

#include <algorithm>
#include <array>

#include <zlib.h>

namespace lathe::formats {

namespace {

constexpr std::size_t worthMapping = std::size_t{64} * 1024;
constexpr std::uint64_t mostTotal = std::uint64_t{128} << 20;
constexpr std::uint64_t mostRatio = 30;

/// How many bytes are left of these, quickly.
std::uint64_t deflatedBytes(std::string_view bytes) {
    z_stream stream{};
    if (::deflateInit(&stream, Z_BEST_SPEED) != Z_OK) return bytes.size();
    std::array<Bytef, 65536> packed;
    std::uint64_t total = 0;
    constexpr std::size_t most = std::size_t{1} << 30; // zlib counts in 32 bits
    while (!bytes.empty()) {
        const std::string_view part = bytes.substr(0, most);
        bytes.remove_prefix(part.size());
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data())); // zlib only reads it
        stream.avail_in = static_cast<uInt>(part.size());
        do {
            stream.next_out = packed.data();
            stream.avail_out = static_cast<uInt>(packed.size());
            ::deflate(&stream, bytes.empty() ? Z_FINISH : Z_NO_FLUSH);
            total += packed.size() - stream.avail_out;
        } while (stream.avail_out == 0);
    }
    ::deflateEnd(&stream);
    return total;
}

bool isWorthIt(std::string_view bytes) {
    if (bytes.size() < worthMapping) return bytes.size() >= shortestDeflated;
    if (std::ranges::count(bytes, '\0') < std::ssize(bytes) / 4) return false;
    return deflatedBytes(bytes) >= bytes.size() / mostRatio;
}

} // namespace

bool DeflatedWeights::has(std::string_view bytes) {
    if (m_total + bytes.size() > mostTotal || !isWorthIt(bytes)) return false;
    m_total += bytes.size();
    return true;
}

} // namespace lathe::formats

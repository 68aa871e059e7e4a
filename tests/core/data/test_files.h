#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>

#include <zlib.h>

#include <core/base/files.h>

// What the tests of data files share: making IDX and gzip bytes by hand.

namespace lathe::data::testing {

inline std::string idxBytes(unsigned char type, std::initializer_list<std::uint32_t> dimensions, std::string_view elements) {
    std::string bytes{'\0', '\0', static_cast<char>(type), static_cast<char>(dimensions.size())};
    for (const std::uint32_t size : dimensions) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes += static_cast<char>(size >> shift & 0xFF);
        }
    }
    return bytes.append(elements);
}

inline std::string gzipped(const std::string& bytes, const std::filesystem::path& scratch) {
    gzFile file = gzopen(scratch.c_str(), "wb9");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
    return base::readFile(scratch).value();
}

} // namespace lathe::data::testing

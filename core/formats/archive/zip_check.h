#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <core/base/result.h>

namespace lathe::formats {

/// A file inside of a zip archive.
struct ZipEntry {
    std::string name; ///< UTF-8 without control characters, relative, without ".."
    bool isDeflated = false;
    std::uint32_t crc = 0;
    std::uint64_t packedBytes = 0, bytes = 0;
    std::uint64_t dataOffset = 0; ///< of the packed bytes from the beginning of the archive
};

/// Is there a directory at the end? If not, the archive is cut off.
[[nodiscard]] bool hasZipDirectory(std::string_view archive);

/// Reads the directory of an archive and refuses whatever an archive that a model was saved to never has: what other readers (LibTorch's
/// among them) would understand in another way, or unpack to more than there is memory. Nothing is unpacked to disk, and nothing but
/// checksums computed. Errors are Rejected, and the message continues a sentence that begins with the file's name: "is a zip bomb: …".
/// Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.
[[nodiscard]] base::Result<std::vector<ZipEntry>> checkZip(std::string_view archive);

/// The content of an entry that checkZip found. Errors: as above.
[[nodiscard]] base::Result<std::string> unpack(std::string_view archive, const ZipEntry& entry);

} // namespace lathe::formats

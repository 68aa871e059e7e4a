#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <core/base/result.h>

namespace lathe::base {

/// The whole file. Errors: NotFound, Rejected (a folder, a device or pipe, larger than `maxBytes`), Failed (unreadable).
[[nodiscard]] Result<std::string> readFile(const std::filesystem::path& path, std::uintmax_t maxBytes = std::uintmax_t{1} << 32);

/// Writes a temporary file beside `path`, syncs it and renames it: afterwards `path` holds either the old or the new content, never half of
/// it. Errors: NoSpace (disk full, read-only), NotFound (no such folder), Failed.
[[nodiscard]] Result<> writeFile(const std::filesystem::path& path, std::string_view content);

/// Like writeFile, for a file that `produce` writes to the path it is given (a temporary one in the same folder).
[[nodiscard]] Result<> replaceFile(const std::filesystem::path& path, const std::function<Result<>(const std::filesystem::path&)>& produce);

/// Lower-case hexadecimal SHA-256.
[[nodiscard]] std::string sha256(std::string_view bytes);
[[nodiscard]] Result<std::string> sha256OfFile(const std::filesystem::path& path);

/// A file mapped read-only into memory; unmapped when the last reference goes. Thread-safe to read.
class MappedFile {
public:
    [[nodiscard]] static Result<std::shared_ptr<const MappedFile>> open(const std::filesystem::path& path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    [[nodiscard]] std::span<const std::byte> bytes() const { return m_bytes; }

private:
    MappedFile() = default;
    std::span<const std::byte> m_bytes;
};

/// A fresh private folder under the system's temporary folder, removed with everything in it by the destructor.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

} // namespace lathe::base

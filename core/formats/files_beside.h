#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <core/base/result.h>

namespace lathe::formats {

/// Bytes that a mapping keeps alive.
struct MappedBytes {
    std::span<const std::byte> bytes;
    std::shared_ptr<const void> owner;
};

/// Where other files of a model, or of an index of weights, may be: its folder, and where the file is a link the folder of the file that it
/// leads to. What may be read while it is opened.
[[nodiscard]] std::vector<std::filesystem::path> foldersOf(const std::filesystem::path& file);

/// The files beside a file, named in it: data of tensors, shards. The names come from strangers, so a file is opened by one system call
/// that can neither leave its folder nor follow a link (openat2 with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS), and only a regular file with
/// one name is mapped; a pipe does not block. A link is followed first, and must end in one of the folders: caches of model hubs are made
/// of links from names to blobs.
class FilesBeside {
public:
    /// `folders`: as foldersOf gives them; names are looked for in the first one that has them. Taken relative to the working folder when
    /// they are not absolute.
    explicit FilesBeside(std::vector<std::filesystem::path> folders);

    /// The whole file, mapped once. Errors: Rejected with the end of a sentence ("which does not exist.").
    [[nodiscard]] base::Result<MappedBytes> open(const std::string& name);

    /// Sizes of the files that were opened so far, together: they belong to the model as its own file does.
    [[nodiscard]] std::int64_t fileBytes() const;
    /// A SHA-256 of their names and contents; empty when none was opened.
    [[nodiscard]] std::string sha256() const;

private:
    std::vector<std::filesystem::path> m_folders;
    std::map<std::string, MappedBytes> m_files;
};

} // namespace lathe::formats

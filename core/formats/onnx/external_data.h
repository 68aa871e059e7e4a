#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>

#include <core/base/result.h>
#include <core/formats/onnx/proto.h>

namespace lathe::formats::onnx {

/// Bytes that a mapping keeps alive.
struct MappedBytes {
    std::span<const std::byte> bytes;
    std::shared_ptr<const void> owner;
};

/// The files beside a model that hold the data of its tensors (TensorProto.external_data: location, offset, length, checksum). The names in
/// a model come from strangers, so a file is opened by one system call that can neither leave the model's folder nor follow a link
/// (openat2 with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS), and only a regular file with one name is mapped; a pipe does not block.
class ExternalData {
public:
    /// `folder`: where the model file is; taken relative to the working folder when it is not absolute.
    explicit ExternalData(std::filesystem::path folder);

    /// The bytes of `tensor`, `byteCount` of them. Errors: Rejected with the end of a sentence about the tensor ("has its data in …").
    [[nodiscard]] base::Result<MappedBytes> bytesOf(const TensorProto& tensor, std::int64_t byteCount);

    /// Sizes of the files that were read so far, together: they belong to the model as its own file does.
    [[nodiscard]] std::int64_t fileBytes() const;
    /// A SHA-256 of their names and contents; empty when none was read.
    [[nodiscard]] std::string sha256() const;

private:
    [[nodiscard]] base::Result<MappedBytes> open(const std::string& location);

    std::filesystem::path m_folder;
    std::map<std::string, MappedBytes> m_files;
};

} // namespace lathe::formats::onnx

#pragma once

#include <cstdint>
#include <utility>

#include <core/base/result.h>
#include <core/formats/files_beside.h>
#include <core/formats/onnx/proto.h>

namespace lathe::formats::onnx {

/// The files beside a model that hold the data of its tensors (TensorProto.external_data: location, offset, length, checksum).
class ExternalData {
public:
    explicit ExternalData(FilesBeside files) : m_files(std::move(files)) {}

    /// The bytes of `tensor`, `byteCount` of them. Errors: Rejected with the end of a sentence about the tensor ("has its data in …").
    [[nodiscard]] base::Result<MappedBytes> bytesOf(const TensorProto& tensor, std::int64_t byteCount);

    /// The files that were read so far.
    [[nodiscard]] const FilesBeside& files() const { return m_files; }

private:
    FilesBeside m_files;
};

} // namespace lathe::formats::onnx

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <core/base/result.h>
#include <core/tensor/tensor.h>

namespace lathe::formats {

/// The entries of a zip from outside, without their top folder ("lenet/data/weights/weight_0" → "data/weights/weight_0"). Nothing is
/// unpacked before its size is known to be possible. Not thread-safe; the storages it hands out outlive it.
class ModelArchive {
public:
    /// Errors: Rejected for a file that checkZip refuses (damaged, contradicting itself, a bomb, …) or with two entries of one name.
    [[nodiscard]] static base::Result<ModelArchive> open(const std::filesystem::path& file);
    ModelArchive(ModelArchive&&) noexcept;
    ModelArchive& operator=(ModelArchive&&) noexcept;
    ~ModelArchive();

    /// In the order of the archive.
    [[nodiscard]] const std::vector<std::string>& names() const;
    [[nodiscard]] bool contains(std::string_view name) const;
    /// The bytes of an entry: a part of the mapped file when it is stored uncompressed at a multiple of 8 bytes, else unpacked into
    /// memory. Errors: Rejected, naming the entry, when it is missing.
    [[nodiscard]] base::Result<std::shared_ptr<const tensor::Storage>> read(std::string_view name) const;
    /// The same for texts.
    [[nodiscard]] base::Result<std::string> readText(std::string_view name) const;

private:
    ModelArchive();
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace lathe::formats

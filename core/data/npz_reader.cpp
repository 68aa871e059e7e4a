#include <core/data/npz.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include <zip.h>

#include <core/data/npy.h>

namespace lathe::data {

namespace {

using base::ErrorCode;
using base::failure;

// Deflate cannot shrink data further than this, so a bigger claim is false whatever the entry holds.
constexpr std::uint64_t maxDeflateRatio = 1032;

struct ZipCloser {
    void operator()(zip_t* archive) const { zip_discard(archive); }
    void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};
using ZipArchive = std::unique_ptr<zip_t, ZipCloser>;
using ZipEntry = std::unique_ptr<zip_file_t, ZipCloser>;

base::Result<std::vector<std::byte>> readEntry(zip_t* archive, const zip_stat_t& entry, std::uintmax_t fileBytes) {
    if (entry.encryption_method != ZIP_EM_NONE) return failure(ErrorCode::Rejected, "is encrypted");
    if (entry.size > fileBytes * maxDeflateRatio) {
        return failure(ErrorCode::Rejected, "claims " + std::to_string(entry.size) + " bytes, more than the file can hold");
    }
    const ZipEntry opened(zip_fopen_index(archive, entry.index, 0));
    if (!opened) return failure(ErrorCode::Rejected, "cannot be unpacked");
    std::vector<std::byte> bytes(entry.size);
    std::size_t done = 0;
    while (done < bytes.size()) {
        const zip_int64_t count = zip_fread(opened.get(), bytes.data() + done, bytes.size() - done);
        if (count <= 0) return failure(ErrorCode::Rejected, "is damaged or truncated");
        done += static_cast<std::size_t>(count);
    }
    // Only reading past the end makes libzip compare the checksum.
    std::byte more{};
    if (zip_fread(opened.get(), &more, 1) != 0) return failure(ErrorCode::Rejected, "is damaged");
    return bytes;
}

} // namespace

base::Result<std::map<std::string, tensor::Tensor>> readNpz(const std::filesystem::path& file) {
    const std::string path = file.string();
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return failure(ErrorCode::NotFound, {"data.noFile", {{"file", path}}});
    if (!std::filesystem::is_regular_file(file, error)) return failure(ErrorCode::Rejected, {"data.isNoFile", {{"file", path}}});
    const std::uintmax_t fileBytes = std::filesystem::file_size(file, error);
    if (fileBytes == 0) return failure(ErrorCode::Rejected, {"data.isEmpty", {{"file", path}}});

    int code = 0;
    const ZipArchive archive(zip_open(file.c_str(), ZIP_RDONLY, &code));
    if (!archive) {
        const bool isUnreadable = code == ZIP_ER_OPEN || code == ZIP_ER_READ || code == ZIP_ER_MEMORY;
        if (isUnreadable) return failure(ErrorCode::Failed, {"data.cannotBeRead", {{"file", path}}});
        return failure(ErrorCode::Rejected, {"data.isNoNpz", {{"file", path}}});
    }

    std::map<std::string, tensor::Tensor> arrays;
    const zip_int64_t entries = zip_get_num_entries(archive.get(), 0);
    for (zip_int64_t index = 0; index < entries; ++index) {
        zip_stat_t entry;
        zip_stat_init(&entry);
        if (zip_stat_index(archive.get(), static_cast<zip_uint64_t>(index), 0, &entry) != 0) {
            return failure(ErrorCode::Rejected, path + " has a damaged zip directory.");
        }
        std::string name = entry.name;
        if (!name.ends_with(".npy"))
            return failure(ErrorCode::Rejected, path + " is not an .npz file: it holds \"" + name + "\", which is no .npy array.");
        name.resize(name.size() - 4);
        const auto rejected = [&](const base::Error& reason) {
            return failure(reason.code, {"data.arrayOf", {{"array", name}, {"file", path}, {"problem", reason.message}}});
        };
        base::Result<std::vector<std::byte>> bytes = readEntry(archive.get(), entry, fileBytes);
        if (!bytes) return rejected(bytes.error());
        base::Result<tensor::Tensor> array = parseNpy(std::move(*bytes));
        if (!array) return rejected(array.error());
        if (!arrays.emplace(name, std::move(*array)).second)
            return failure(ErrorCode::Rejected, path + " holds the array \"" + name + "\" twice.");
    }
    return arrays;
}

} // namespace lathe::data

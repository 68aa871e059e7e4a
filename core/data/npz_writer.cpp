#include <core/data/npz.h>

#include <ctime>
#include <list>
#include <memory>

#include <zip.h>

#include <core/base/files.h>
#include <core/data/npy.h>

namespace lathe::data {

namespace {

using base::ErrorCode;
using base::failure;

/// Writes to `temporary`; errors speak of `file`, which the person knows.
base::Result<> writeArchive(const std::filesystem::path& temporary, const std::filesystem::path& file,
                            const std::list<std::pair<std::string, std::string>>& entries, NpzCompression compression) {
    int code = 0;
    zip_t* archive = zip_open(temporary.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
    if (!archive) return failure(ErrorCode::NoSpace, "The file " + file.string() + " cannot be written.");
    const auto failed = [&] {
        const std::string reason = zip_strerror(archive);
        zip_discard(archive);
        return failure(ErrorCode::NoSpace, "The file " + file.string() + " cannot be written: " + reason + ".");
    };
    for (const auto& [name, bytes] : entries) {
        zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
        if (!source) return failed();
        const zip_int64_t index = zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
        if (index < 0) {
            zip_source_free(source);
            return failed();
        }
        const auto entry = static_cast<zip_uint64_t>(index);
        if (zip_set_file_compression(archive, entry, compression == NpzCompression::Stored ? ZIP_CM_STORE : ZIP_CM_DEFLATE, 0) != 0)
            return failed();
        // The same arrays give the same bytes whenever they are written: the first day that zip can express.
        if (zip_file_set_dostime(archive, entry, 0, (1 << 5) | 1, 0) != 0) return failed();
    }
    if (zip_close(archive) != 0) return failed();
    return {};
}

} // namespace

base::Result<> writeNpz(const std::filesystem::path& file, const std::map<std::string, tensor::Tensor>& arrays,
                        NpzCompression compression) {
    const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
    std::error_code error;
    if (!std::filesystem::is_directory(folder, error)) return failure(ErrorCode::NotFound, "There is no folder " + folder.string() + ".");
    // libzip reads the buffers only when the archive is closed: a list keeps them where they are.
    std::list<std::pair<std::string, std::string>> entries;
    for (const auto& [name, array] : arrays) {
        entries.emplace_back(name + ".npy", formatNpy(array));
    }
    return base::replaceFile(file,
                             [&](const std::filesystem::path& temporary) { return writeArchive(temporary, file, entries, compression); });
}

} // namespace lathe::data

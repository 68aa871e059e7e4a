#include <core/formats/model_archive.h>

#include <optional>

#include <zip.h>

#include <core/base/files.h>
#include <core/formats/zip_directory.h>

namespace lathe::formats {

namespace {

using base::ErrorCode;
using base::failure;

/// Deflate cannot shrink data further than this, so a bigger claim is false whatever the entry holds.
constexpr std::uint64_t maxDeflateRatio = 1032;
constexpr zip_int64_t maxEntries = 1'000'000;
/// Operators read elements of up to 8 bytes in place.
constexpr std::uint64_t alignment = 8;

struct Closer {
    void operator()(zip_t* archive) const { zip_discard(archive); }
    void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};

std::string_view belowTop(std::string_view name) {
    const auto slash = name.find('/');
    return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

} // namespace

struct ModelArchive::Impl {
    std::shared_ptr<const base::MappedFile> file;
    std::unique_ptr<zip_t, Closer> zip;
    std::vector<std::string> names;
    std::map<std::string, zip_uint64_t, std::less<>> indices;
    std::optional<std::vector<std::uint64_t>> offsets;

    struct Entry {
        zip_stat_t stat;
        std::string quoted; ///< name for messages
    };

    base::Result<Entry> find(std::string_view name) const {
        Entry entry{{}, "\"" + std::string(name) + "\""};
        const auto found = indices.find(name);
        if (found == indices.end()) return failure(ErrorCode::Rejected, "The archive lacks " + entry.quoted + ".");
        zip_stat_init(&entry.stat);
        if (zip_stat_index(zip.get(), found->second, 0, &entry.stat) != 0 || (entry.stat.valid & ZIP_STAT_SIZE) == 0)
            return failure(ErrorCode::Rejected, "The entry " + entry.quoted + " of the archive is damaged.");
        if (entry.stat.encryption_method != ZIP_EM_NONE)
            return failure(ErrorCode::Rejected, "The entry " + entry.quoted + " of the archive is encrypted.");
        return entry;
    }

    /// Bytes: a std::string or a vector of bytes.
    template<class Bytes>
    base::Result<Bytes> unpack(const Entry& entry) const {
        const auto rejected = [&](const std::string& why) {
            return failure(ErrorCode::Rejected, "The entry " + entry.quoted + " of the archive " + why + ".");
        };
        if (entry.stat.size / maxDeflateRatio > file->bytes().size())
            return rejected("claims " + std::to_string(entry.stat.size) + " bytes, more than the file can hold");
        const std::unique_ptr<zip_file_t, Closer> opened(zip_fopen_index(zip.get(), entry.stat.index, 0));
        if (!opened) return rejected("cannot be unpacked");
        Bytes bytes;
        bytes.resize(entry.stat.size);
        for (std::size_t done = 0; done < bytes.size();) {
            const zip_int64_t count = zip_fread(opened.get(), bytes.data() + done, bytes.size() - done);
            if (count <= 0) return rejected("is damaged or cut off");
            done += static_cast<std::size_t>(count);
        }
        // Only reading past the end makes libzip compare the checksum.
        std::byte more{};
        if (zip_fread(opened.get(), &more, 1) != 0) return rejected("is damaged");
        return bytes;
    }
};

ModelArchive::ModelArchive() : m_impl(std::make_unique<Impl>()) {}
ModelArchive::ModelArchive(ModelArchive&&) noexcept = default;
ModelArchive& ModelArchive::operator=(ModelArchive&&) noexcept = default;
ModelArchive::~ModelArchive() = default;

base::Result<ModelArchive> ModelArchive::open(const std::filesystem::path& path) {
    auto file = base::MappedFile::open(path);
    if (!file) return base::forward(file);
    ModelArchive archive;
    Impl& impl = *archive.m_impl;
    impl.file = std::move(*file);
    int error = 0;
    impl.zip.reset(zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &error));
    if (!impl.zip) return failure(ErrorCode::Rejected, "The archive is damaged or cut off.");
    const zip_int64_t count = zip_get_num_entries(impl.zip.get(), 0);
    if (count > maxEntries) return failure(ErrorCode::Rejected, "The archive has more than a million entries.");
    for (zip_int64_t index = 0; index < count; ++index) {
        const char* full = zip_get_name(impl.zip.get(), static_cast<zip_uint64_t>(index), ZIP_FL_ENC_RAW);
        if (full == nullptr) return failure(ErrorCode::Rejected, "The archive's directory is damaged.");
        const std::string name(belowTop(full));
        if (!impl.indices.emplace(name, static_cast<zip_uint64_t>(index)).second)
            return failure(ErrorCode::Rejected, "The archive holds \"" + name + "\" twice.");
        impl.names.push_back(name);
    }
    impl.offsets = entryOffsets(impl.file->bytes());
    if (impl.offsets && impl.offsets->size() != impl.names.size()) impl.offsets.reset();
    return archive;
}

const std::vector<std::string>& ModelArchive::names() const { return m_impl->names; }

bool ModelArchive::contains(std::string_view name) const { return m_impl->indices.contains(name); }

base::Result<std::shared_ptr<const tensor::Storage>> ModelArchive::read(std::string_view name) const {
    const auto entry = m_impl->find(name);
    if (!entry) return base::forward(entry);
    const auto file = m_impl->file->bytes();
    if (entry->stat.comp_method == ZIP_CM_STORE && m_impl->offsets) {
        const std::uint64_t begin = (*m_impl->offsets)[entry->stat.index];
        if (begin % alignment == 0 && entry->stat.size <= file.size() - begin)
            return tensor::Storage::adopt(file.subspan(begin, entry->stat.size), m_impl->file);
    }
    auto bytes = m_impl->unpack<std::vector<std::byte>>(*entry);
    if (!bytes) return base::forward(bytes);
    const auto owner = std::make_shared<const std::vector<std::byte>>(std::move(*bytes));
    return tensor::Storage::adopt(*owner, owner);
}

base::Result<std::string> ModelArchive::readText(std::string_view name) const {
    const auto entry = m_impl->find(name);
    if (!entry) return base::forward(entry);
    return m_impl->unpack<std::string>(*entry);
}

} // namespace lathe::formats

#include <core/formats/archive/model_archive.h>

#include <core/base/files.h>
#include <core/formats/archive/zip_check.h>

namespace lathe::formats {

namespace {

using base::ErrorCode;
using base::failure;

/// Operators read elements of up to 8 bytes in place.
constexpr std::uint64_t alignment = 8;

std::string_view belowTop(std::string_view name) {
    const auto slash = name.find('/');
    return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

} // namespace

struct ModelArchive::Impl {
    std::shared_ptr<const base::MappedFile> file;
    std::vector<std::string> names;
    std::map<std::string, ZipEntry, std::less<>> entries;

    std::string_view bytes() const {
        const auto mapped = file->bytes();
        return {reinterpret_cast<const char*>(mapped.data()), mapped.size()};
    }

    base::Result<const ZipEntry*> find(std::string_view name) const {
        const auto found = entries.find(name);
        if (found == entries.end()) return failure(ErrorCode::Rejected, "The archive lacks \"" + std::string(name) + "\".");
        return &found->second;
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
    auto entries = checkZip(impl.bytes());
    if (!entries) return failure(entries.error().code, "The archive " + entries.error().message.text());
    for (ZipEntry& entry : *entries) {
        const std::string name(belowTop(entry.name));
        impl.names.push_back(name);
        if (!impl.entries.emplace(name, std::move(entry)).second)
            return failure(ErrorCode::Rejected, "The archive holds \"" + name + "\" twice.");
    }
    return archive;
}

const std::vector<std::string>& ModelArchive::names() const { return m_impl->names; }

bool ModelArchive::contains(std::string_view name) const { return m_impl->entries.contains(name); }

base::Result<std::shared_ptr<const tensor::Storage>> ModelArchive::read(std::string_view name) const {
    const auto entry = m_impl->find(name);
    if (!entry) return base::forward(entry);
    if (!(*entry)->isDeflated && (*entry)->dataOffset % alignment == 0)
        return tensor::Storage::adopt(m_impl->file->bytes().subspan((*entry)->dataOffset, (*entry)->packedBytes), m_impl->file);
    auto text = readText(name);
    if (!text) return base::forward(text);
    const auto owner = std::make_shared<const std::string>(std::move(*text));
    return tensor::Storage::adopt(std::as_bytes(std::span(*owner)), owner);
}

base::Result<std::string> ModelArchive::readText(std::string_view name) const {
    const auto entry = m_impl->find(name);
    if (!entry) return base::forward(entry);
    auto text = unpack(m_impl->bytes(), **entry);
    if (!text) return failure(text.error().code, "The archive " + text.error().message.text());
    return text;
}

} // namespace lathe::formats

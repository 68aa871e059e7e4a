#include <core/formats/onnx/external_data.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <core/base/files.h>

namespace lathe::formats::onnx {

namespace {

class Descriptor {
public:
    explicit Descriptor(int number) : m_number(number) {}
    ~Descriptor() {
        if (m_number >= 0) close(m_number);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return m_number; }

private:
    int m_number;
};

tl::unexpected<base::Error> rejected(std::string message) { return base::failure(base::ErrorCode::Rejected, std::move(message)); }

std::optional<std::int64_t> number(const std::string& text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string reasonOf(int error) {
    switch (error) {
    case ENOENT:
        return "which does not exist.";
    case ELOOP:
        return "which is, or is reached by, a symbolic link.";
    case EXDEV:
        return "which is outside the model's folder.";
    default:
        return "which cannot be opened.";
    }
}

} // namespace

ExternalData::ExternalData(std::filesystem::path folder) : m_folder(folder.empty() ? "." : std::move(folder)) {}

base::Result<MappedBytes> ExternalData::open(const std::string& location) {
    if (const auto found = m_files.find(location); found != m_files.end()) return found->second;
    const std::string where = "has its data in \"" + location + "\", ";
    if (location.find('\0') != std::string::npos) return rejected("has its data in a file whose name has a zero byte.");
    const std::filesystem::path path(location);
    // RESOLVE_BENEATH would let "a/../x" pass; nobody writes that in good faith.
    if (path.is_absolute() || std::ranges::any_of(path, [](const std::filesystem::path& part) { return part == ".."; }))
        return rejected(where + reasonOf(EXDEV));

    const Descriptor folder(::open(m_folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (folder.number() < 0) return rejected(where + "but the model's folder cannot be opened.");
    open_how how{};
    how.flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    const Descriptor file(static_cast<int>(syscall(SYS_openat2, folder.number(), location.c_str(), &how, sizeof how)));
    if (file.number() < 0) return rejected(where + reasonOf(errno));

    struct stat status {};
    if (fstat(file.number(), &status) != 0) return rejected(where + reasonOf(errno));
    if (!S_ISREG(status.st_mode)) return rejected(where + "which is not a regular file.");
    if (status.st_nlink != 1) return rejected(where + "which has another name too (a hard link), perhaps outside the model's folder.");
    MappedBytes mapped;
    if (status.st_size > 0) {
        const auto size = static_cast<std::size_t>(status.st_size);
        void* memory = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
        if (memory == MAP_FAILED) return rejected(where + "which cannot be mapped into memory.");
        mapped.owner = std::shared_ptr<const void>(memory, [size](const void* start) { munmap(const_cast<void*>(start), size); });
        mapped.bytes = {static_cast<const std::byte*>(memory), size};
    }
    m_files.emplace(location, mapped);
    return mapped;
}

std::int64_t ExternalData::fileBytes() const {
    std::size_t sum = 0;
    for (const auto& [location, mapped] : m_files)
        sum += mapped.bytes.size();
    return static_cast<std::int64_t>(sum);
}

std::string ExternalData::sha256() const {
    std::string summary;
    for (const auto& [location, mapped] : m_files) {
        const std::string_view content(reinterpret_cast<const char*>(mapped.bytes.data()), mapped.bytes.size());
        summary += location + '\0' + base::sha256(content);
    }
    return summary.empty() ? summary : base::sha256(summary);
}

base::Result<MappedBytes> ExternalData::bytesOf(const TensorProto& tensor, std::int64_t byteCount) {
    std::string location;
    std::int64_t offset = 0;
    std::int64_t length = byteCount;
    for (const auto& [key, value] : tensor.externalData) {
        if (key == "location") {
            location = value;
        } else if (key == "offset" || key == "length") {
            const auto parsed = number(value);
            if (!parsed || *parsed < 0) return rejected("has the " + key + " \"" + value + "\" in its file, which is no size.");
            (key == "offset" ? offset : length) = *parsed;
        } else if (key != "checksum") {
            return rejected("says \"" + key + "\" about its file, which is not known.");
        }
    }
    if (location.empty()) return rejected("has its data in a file without a name.");
    const auto file = open(location);
    if (!file) return base::forward(file);
    const auto size = static_cast<std::int64_t>(file->bytes.size());
    if (offset > size || length > size - offset)
        return rejected("has its data in bytes " + std::to_string(offset) + " to " + std::to_string(offset) + " + " +
                        std::to_string(length) + " of \"" + location + "\", which has only " + std::to_string(size) + ".");
    if (length != byteCount)
        return rejected("needs " + std::to_string(byteCount) + " bytes but names " + std::to_string(length) + " in \"" + location + "\".");
    return MappedBytes{file->bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length)), file->owner};
}

} // namespace lathe::formats::onnx

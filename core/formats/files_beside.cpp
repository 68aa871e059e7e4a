#include <core/formats/files_beside.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <core/base/files.h>
#include <core/base/memory.h>

namespace lathe::formats {

namespace {

namespace fs = std::filesystem;

class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) : m_number(number) {}
    ~Descriptor() {
        if (m_number >= 0) close(m_number);
    }
    Descriptor(Descriptor&& other) noexcept : m_number(std::exchange(other.m_number, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(m_number, other.m_number);
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return m_number; }

private:
    int m_number = -1;
};

tl::unexpected<base::Error> rejected(std::string message) { return base::failure(base::ErrorCode::Rejected, std::move(message)); }

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

struct Opened {
    Descriptor file;
    int error = 0;
};

/// Beneath `folder`, without following links.
Opened openBeneath(const fs::path& folder, const fs::path& name) {
    const Descriptor root(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (root.number() < 0) return {{}, errno};
    open_how how{};
    how.flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    Descriptor file(static_cast<int>(syscall(SYS_openat2, root.number(), name.c_str(), &how, sizeof how)));
    const int error = file.number() < 0 ? errno : 0;
    return {std::move(file), error};
}

/// `file` as seen from `folder`, where it is in it; both without links in them.
std::optional<fs::path> inside(const fs::path& file, const fs::path& folder) {
    const auto [end, rest] = std::ranges::mismatch(folder, file);
    if (end != folder.end() || rest == file.end()) return std::nullopt;
    fs::path relative;
    for (auto part = rest; part != file.end(); ++part)
        relative /= *part;
    return relative;
}

} // namespace

std::vector<fs::path> foldersOf(const fs::path& file) {
    const auto folderOf = [](const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); };
    std::vector<fs::path> folders{folderOf(file)};
    std::error_code error;
    if (fs::is_symlink(file, error)) {
        if (const fs::path target = fs::canonical(file, error); !error) folders.push_back(folderOf(target));
    }
    return folders;
}

FilesBeside::FilesBeside(std::vector<fs::path> folders) : m_folders(std::move(folders)) {}

base::Result<MappedBytes> FilesBeside::open(const std::string& name) {
    if (const auto found = m_files.find(name); found != m_files.end()) return found->second;
    if (name.find('\0') != std::string::npos) return rejected("whose name has a zero byte.");
    const fs::path path(name);
    // RESOLVE_BENEATH would let "a/../x" pass; nobody writes that in good faith.
    if (path.is_absolute() || std::ranges::any_of(path, [](const fs::path& part) { return part == ".."; }))
        return rejected(reasonOf(EXDEV));

    Opened opened{{}, ENOENT};
    for (const fs::path& folder : m_folders) {
        opened = openBeneath(folder, path);
        if (opened.error == ELOOP) {
            std::error_code error;
            const fs::path target = fs::canonical(folder / path, error);
            if (error)
                return rejected(error.value() == ELOOP ? "which is a link that leads nowhere but to itself."
                                                       : "which is a link to a file that does not exist.");
            opened.error = EXDEV;
            for (const fs::path& allowed : m_folders) {
                const auto relative = inside(target, fs::canonical(allowed, error));
                if (!relative) continue;
                opened = openBeneath(fs::canonical(allowed, error), *relative);
                break;
            }
            if (opened.error == EXDEV) return rejected("which is a link out of the model's folder.");
        }
        if (opened.error != ENOENT) break;
    }
    if (opened.error != 0) return rejected(reasonOf(opened.error));

    struct stat status {};
    if (fstat(opened.file.number(), &status) != 0) return rejected(reasonOf(errno));
    if (!S_ISREG(status.st_mode)) return rejected("which is not a regular file.");
    if (status.st_nlink != 1) return rejected("which has another name too (a hard link), perhaps outside the model's folder.");
    MappedBytes mapped;
    if (status.st_size > 0) {
        const auto size = static_cast<std::size_t>(status.st_size);
        void* memory = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, opened.file.number(), 0);
        if (memory == MAP_FAILED) return rejected("which cannot be mapped into memory.");
        mapped.bytes = {static_cast<const std::byte*>(memory), size};
        mapped.owner = std::shared_ptr<const void>(memory, [bytes = mapped.bytes](const void* start) {
            base::noteUnmapped(bytes);
            munmap(const_cast<void*>(start), bytes.size());
        });
        base::noteMapped(mapped.bytes);
    }
    m_files.emplace(name, mapped);
    return mapped;
}

std::int64_t FilesBeside::fileBytes() const {
    std::size_t sum = 0;
    for (const auto& [name, mapped] : m_files)
        sum += mapped.bytes.size();
    return static_cast<std::int64_t>(sum);
}

std::string FilesBeside::sha256() const {
    std::string summary;
    for (const auto& [name, mapped] : m_files) {
        const std::string_view content(reinterpret_cast<const char*>(mapped.bytes.data()), mapped.bytes.size());
        summary += name + '\0' + base::sha256(content);
    }
    return summary.empty() ? summary : base::sha256(summary);
}

} // namespace lathe::formats

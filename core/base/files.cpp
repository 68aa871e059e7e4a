#include <core/base/files.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <nettle/sha2.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <core/base/memory.h>

namespace lathe::base {

namespace {

namespace fs = std::filesystem;

/// Closes its descriptor; -1 is none.
class Descriptor {
public:
    explicit Descriptor(int descriptor) : m_descriptor(descriptor) {}
    ~Descriptor() {
        if (m_descriptor >= 0) ::close(m_descriptor);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return m_descriptor; }

private:
    int m_descriptor;
};

// What was being done.
Message reading() { return {"file.reading", {}}; }
Message writing() { return {"file.writing", {}}; }

tl::unexpected<Error> systemFailure(const Message& action, const fs::path& path, int number) {
    const std::string file = path.string();
    switch (number) {
    case ENOENT:
        return failure(ErrorCode::NotFound, {"file.doesNotExist", {{"file", file}}});
    case ENOTDIR:
        return failure(ErrorCode::NotFound, {"file.folderDoesNotExist", {{"file", file}}});
    case EACCES:
    case EPERM:
        return failure(ErrorCode::NoSpace, {"file.notPermitted", {{"action", action}, {"file", file}}});
    case EROFS:
        return failure(ErrorCode::NoSpace, {"file.diskReadOnly", {{"action", action}, {"file", file}}});
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return failure(ErrorCode::NoSpace, {"file.diskFull", {{"action", action}, {"file", file}}});
    default:
        return failure(ErrorCode::Failed,
                       {"file.failed", {{"action", action}, {"file", file}, {"reason", std::generic_category().message(number)}}});
    }
}

/// Opens a regular file without blocking on pipes and devices, and tells its size.
Result<std::pair<int, std::uintmax_t>> openRegular(const fs::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        if (errno == EACCES || errno == EPERM) return failure(ErrorCode::Rejected, {"file.mayNotBeRead", {{"file", path.string()}}});
        return systemFailure(reading(), path, errno);
    }
    struct stat status {};
    if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        ::close(descriptor);
        const char* code = S_ISDIR(status.st_mode) ? "file.isFolder" : "file.isDevice";
        return failure(ErrorCode::Rejected, Message(code, {{"file", path.string()}}));
    }
    return std::pair(descriptor, static_cast<std::uintmax_t>(status.st_size));
}

/// A temporary name in the folder of `path`, so that the rename stays on one file system.
fs::path besides(const fs::path& path) {
    return path.parent_path() / ("." + path.filename().string() + "." + std::to_string(::getpid()) + ".part");
}

Result<> syncAndRename(const fs::path& temporary, const fs::path& path) {
    {
        const Descriptor file(::open(temporary.c_str(), O_RDONLY | O_CLOEXEC));
        if (file.number() < 0 || ::fsync(file.number()) != 0) return systemFailure(writing(), path, errno);
    }
    if (std::rename(temporary.c_str(), path.c_str()) != 0) return systemFailure(writing(), path, errno);
    // The name itself is only safe once its folder is; a file system that cannot sync folders has nothing more to give.
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.number() >= 0) ::fsync(directory.number());
    return {};
}

/// `named` is what errors call the file: the person does not know its temporary name.
Result<> writeAll(const fs::path& path, std::string_view content, const fs::path& named) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (file.number() < 0) return systemFailure(writing(), named, errno);
    while (!content.empty()) {
        const ssize_t written = ::write(file.number(), content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return systemFailure(writing(), named, errno);
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

class Sha256 {
public:
    Sha256() { sha256_init(&m_context); }
    void add(std::span<const std::byte> bytes) {
        sha256_update(&m_context, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
    }
    std::string hexadecimal() {
        std::uint8_t digest[SHA256_DIGEST_SIZE];
        sha256_digest(&m_context, sizeof digest, digest);
        std::string text;
        for (const std::uint8_t byte : digest) {
            constexpr const char* digits = "0123456789abcdef";
            text += digits[byte >> 4];
            text += digits[byte & 15];
        }
        return text;
    }

private:
    sha256_ctx m_context{};
};

} // namespace

Result<std::string> readFile(const fs::path& path, std::uintmax_t maxBytes) {
    const auto opened = openRegular(path);
    if (!opened) return forward(opened);
    const Descriptor file(opened->first);
    if (opened->second > maxBytes) {
        return failure(ErrorCode::Rejected, {"file.isLarger", {{"file", path.string()}, {"bytes", maxBytes}}});
    }
    std::string content(opened->second, '\0');
    std::size_t done = 0;
    while (done < content.size()) {
        const ssize_t count = ::read(file.number(), content.data() + done, content.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return systemFailure(reading(), path, errno);
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    content.resize(done);
    return content;
}

Result<> replaceFile(const fs::path& path, const std::function<Result<>(const fs::path&)>& produce) {
    const fs::path temporary = besides(path);
    Result<> result = produce(temporary);
    if (result) result = syncAndRename(temporary, path);
    if (!result) {
        std::error_code ignored; // the first error is the one to tell
        fs::remove(temporary, ignored);
    }
    return result;
}

Result<> writeFile(const fs::path& path, std::string_view content) {
    return replaceFile(path, [&](const fs::path& temporary) { return writeAll(temporary, content, path); });
}

std::string sha256(std::string_view bytes) {
    Sha256 hash;
    hash.add(std::as_bytes(std::span(bytes)));
    return hash.hexadecimal();
}

Result<std::string> sha256OfFile(const fs::path& path) {
    const auto file = MappedFile::open(path);
    if (!file) return forward(file);
    Sha256 hash;
    hash.add((*file)->bytes());
    return hash.hexadecimal();
}

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const fs::path& path) {
    const auto opened = openRegular(path);
    if (!opened) return forward(opened);
    const Descriptor file(opened->first);
    std::shared_ptr<MappedFile> mapped(new MappedFile);
    if (opened->second == 0) return mapped;
    void* address = ::mmap(nullptr, opened->second, PROT_READ, MAP_PRIVATE, file.number(), 0);
    if (address == MAP_FAILED) return systemFailure(reading(), path, errno);
    mapped->m_bytes = {static_cast<const std::byte*>(address), static_cast<std::size_t>(opened->second)};
    noteMapped(mapped->m_bytes);
    return mapped;
}

MappedFile::~MappedFile() {
    if (m_bytes.empty()) return;
    noteUnmapped(m_bytes);
    ::munmap(const_cast<std::byte*>(m_bytes.data()), m_bytes.size());
}

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "lathe-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "cannot make a temporary folder");
    m_path = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored; // a destructor has nobody to tell
    fs::remove_all(m_path, ignored);
}

} // namespace lathe::base

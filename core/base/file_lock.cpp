#include <core/base/file_lock.h>

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace lathe::base {

std::unique_ptr<FileLock> FileLock::tryTake(const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return nullptr;
    std::unique_ptr<FileLock> lock(new FileLock(descriptor)); // closes it where it is not to be had
    int result = 0;
    do {
        result = ::flock(descriptor, LOCK_EX | LOCK_NB);
    } while (result != 0 && errno == EINTR);
    return result == 0 ? std::move(lock) : nullptr;
}

FileLock::~FileLock() { ::close(m_descriptor); }

} // namespace lathe::base

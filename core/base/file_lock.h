#pragma once

#include <filesystem>
#include <memory>

namespace lathe::base {

/// A lock that dies with its owner, however that ends: the kernel holds it for as long as this process has the file open (flock). Child
/// processes do not inherit it.
class FileLock {
public:
    /// Takes the lock of `file`, which is made when it is missing. nullptr: another process (or another lock of this one) has it, or the
    /// file cannot be made.
    [[nodiscard]] static std::unique_ptr<FileLock> tryTake(const std::filesystem::path& file);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

private:
    explicit FileLock(int descriptor) : m_descriptor(descriptor) {}
    int m_descriptor;
};

} // namespace lathe::base

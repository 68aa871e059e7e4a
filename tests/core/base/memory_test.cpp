#include <core/base/memory.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <core/base/files.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lathe::base {
namespace {

long pageFaults() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

/// The page faults of a block that is freed and taken again. In a process of its own: the setting cannot be undone.
long faultsOfSecondBlock(bool keeps) {
    int ends[2];
    if (::pipe(ends) != 0) return -1;
    const pid_t child = ::fork();
    if (child == 0) {
        if (keeps) keepFreedMemory();
        constexpr std::size_t size = std::size_t{100} << 20;
        long faults = -1;
        for (int round = 0; round < 2; ++round) {
            const long before = pageFaults();
            const auto block = std::make_unique_for_overwrite<char[]>(size);
            std::memset(block.get(), round + 1, size);
            asm volatile("" : : "r"(block.get()) : "memory");
            faults = pageFaults() - before;
        }
        const bool isWritten = ::write(ends[1], &faults, sizeof(faults)) == sizeof(faults);
        ::_exit(isWritten ? 0 : 1);
    }
    long faults = -1;
    if (::read(ends[0], &faults, sizeof(faults)) != sizeof(faults)) faults = -1;
    ::waitpid(child, nullptr, 0);
    ::close(ends[0]);
    ::close(ends[1]);
    return faults;
}

TEST(KeepFreedMemory, TheNextBlockHasItsPagesAlready) {
#if defined(__SANITIZE_ADDRESS__)
    GTEST_SKIP() << "AddressSanitizer has a malloc of its own.";
#endif
    const long kept = faultsOfSecondBlock(true);
    ASSERT_GE(kept, 0);
    EXPECT_LT(kept, 10);
    EXPECT_GT(faultsOfSecondBlock(false), 30) << "Even with pages of 2 MB there are 50.";
}

/// Pages of these bytes that are in memory for this process.
std::size_t residentPages(std::span<const std::byte> bytes) {
    const int map = ::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    std::size_t resident = 0;
    for (std::size_t at = 0; at < bytes.size(); at += page) {
        std::uint64_t entry = 0;
        const std::uintptr_t place = reinterpret_cast<std::uintptr_t>(bytes.data() + at) / page * sizeof(entry);
        EXPECT_EQ(::pread(map, &entry, sizeof(entry), static_cast<off_t>(place)), static_cast<ssize_t>(sizeof(entry)));
        resident += entry >> 63U; // "page present" (Linux, Documentation/admin-guide/mm/pagemap.rst)
    }
    ::close(map);
    return resident;
}

std::uint64_t sumOf(std::span<const std::byte> bytes) {
    std::uint64_t sum = 0;
    for (const std::byte byte : bytes)
        sum += static_cast<std::uint64_t>(byte);
    return sum;
}

TEST(LetGo, PagesOfAMappedFileAreGivenBackAndReadAgain) {
    const TemporaryFolder folder;
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    std::string content(8 * page, 'a');
    for (std::size_t at = 0; at < content.size(); ++at)
        content[at] = static_cast<char>(at % 101);
    ASSERT_TRUE(writeFile(folder.path() / "file", content));
    const auto file = MappedFile::open(folder.path() / "file").value();
    const std::span<const std::byte> bytes = file->bytes();
    const std::uint64_t sum = sumOf(bytes);
    ASSERT_EQ(residentPages(bytes), 8U);
    letGo(bytes.subspan(page / 2, 4 * page)); // of five pages three lie wholly within
    EXPECT_EQ(residentPages(bytes), 5U);
    EXPECT_EQ(sumOf(bytes), sum);
    letGo(bytes);
    EXPECT_EQ(residentPages(bytes), 0U);
    EXPECT_EQ(sumOf(bytes), sum);
    letGo(bytes.first(0));
    EXPECT_EQ(residentPages(bytes), 8U);
}

TEST(LetGo, OtherMemoryStaysAsItIs) {
    std::vector<std::byte> own(std::size_t{1} << 20, std::byte{3});
    letGo(own);
    EXPECT_EQ(sumOf(own), 3U << 20U);
    letGo({});
}

} // namespace
} // namespace lathe::base

#include <core/base/memory.h>

#include <cstring>
#include <memory>

#include <gtest/gtest.h>

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

} // namespace
} // namespace lathe::base

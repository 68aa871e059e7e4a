#include <core/base/file_lock.h>

#include <csignal>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lathe::base {
namespace {

TEST(FileLock, IsHeldOnceAndGivenBack) {
    const auto file = std::filesystem::path(testing::TempDir()) / "lathe-lock-test";
    auto lock = FileLock::tryTake(file);
    ASSERT_TRUE(lock);
    EXPECT_FALSE(FileLock::tryTake(file));
    lock.reset();
    EXPECT_TRUE(FileLock::tryTake(file));
    std::filesystem::remove(file);
    EXPECT_FALSE(FileLock::tryTake("/nowhere/lock"));
}

TEST(FileLock, DiesWithItsOwnerAlsoWhereNobodyWaitsForIt) {
    const auto file = std::filesystem::path(testing::TempDir()) / "lathe-lock-test-child";
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto lock = FileLock::tryTake(file);
        const char answer = lock ? 'y' : 'n';
        if (::write(ready[1], &answer, 1) != 1) ::_exit(1);
        for (;;)
            ::pause();
    }
    char answer = 0;
    ASSERT_EQ(::read(ready[0], &answer, 1), 1);
    ASSERT_EQ(answer, 'y');
    EXPECT_FALSE(FileLock::tryTake(file));
    ::kill(child, SIGKILL);
    siginfo_t info{};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0); // over, and not reaped
    EXPECT_TRUE(FileLock::tryTake(file));
    ::waitpid(child, nullptr, 0);
    ::close(ready[0]);
    ::close(ready[1]);
    std::filesystem::remove(file);
}

} // namespace
} // namespace lathe::base

#include <core/runtime/bounded_spinning.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lathe::runtime {
namespace {

// This program does nothing for it: what holds for it holds for every program with kernels.

TEST(BoundedSpinning, HoldsForEveryProgram) { EXPECT_EQ(spinBound(), "10000"); }

TEST(BoundedSpinning, WasSetBeforeLibrariesStarted) {
    // What the process was started with, whatever it did to its environment later.
    std::ifstream file("/proc/self/environ");
    const std::string variables{std::istreambuf_iterator<char>(file), {}};
    EXPECT_NE(variables.find("GOMP_SPINCOUNT=10000"), std::string::npos);
}

TEST(BoundedSpinning, AUsersValueStays) {
    const pid_t child = fork();
    if (child == 0) {
        // The other test fails for another value: its exit code tells.
        setenv("GOMP_SPINCOUNT", "123", 1);
        execl("/proc/self/exe", "test", "--gtest_filter=BoundedSpinning.HoldsForEveryProgram", "--gtest_brief=1", nullptr);
        _exit(99);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 1);
}

} // namespace
} // namespace lathe::runtime

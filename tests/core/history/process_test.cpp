#include <core/history/process.h>

#include <array>
#include <csignal>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

namespace lathe::history {
namespace {

TEST(ProcessTest, ThisProcessIsAlive) {
    const ProcessIdentity self = thisProcess();
    EXPECT_EQ(self.process, getpid());
    EXPECT_GT(self.startTicks, 0);
    EXPECT_FALSE(self.bootId.empty());
    EXPECT_EQ(self, thisProcess());
    EXPECT_FALSE(hasEnded(self));
}

TEST(ProcessTest, ANumberThatIsUsedAgainIsAnotherProcess) {
    ProcessIdentity earlier = thisProcess();
    earlier.startTicks -= 1;
    EXPECT_TRUE(hasEnded(earlier));
}

TEST(ProcessTest, ProcessesBeforeTheLastBootHaveEnded) {
    ProcessIdentity earlier = thisProcess();
    earlier.bootId = "00000000-0000-0000-0000-000000000000";
    EXPECT_TRUE(hasEnded(earlier));
}

TEST(ProcessTest, NothingIsKnownOfOtherMachines) {
    ProcessIdentity elsewhere = thisProcess();
    elsewhere.host += "-other";
    elsewhere.process = 0;
    EXPECT_FALSE(hasEnded(elsewhere));
}

TEST(ProcessTest, AKilledChildHasEndedEvenBeforeItIsWaitedFor) {
    std::array<int, 2> pipeEnds{};
    ASSERT_EQ(pipe(pipeEnds.data()), 0);
    const pid_t child = startProcess([&] {
        const std::int64_t startTicks = thisProcess().startTicks;
        if (write(pipeEnds[1], &startTicks, sizeof startTicks) == sizeof startTicks) pause();
        return 0;
    });
    ProcessIdentity identity = thisProcess();
    identity.process = child;
    ASSERT_EQ(read(pipeEnds[0], &identity.startTicks, sizeof identity.startTicks), static_cast<ssize_t>(sizeof identity.startTicks));
    close(pipeEnds[0]);
    close(pipeEnds[1]);
    EXPECT_FALSE(hasEnded(identity));
    kill(child, SIGKILL);
    siginfo_t information{};
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &information, WEXITED | WNOWAIT), 0); // a zombie from here on
    EXPECT_TRUE(hasEnded(identity));
    EXPECT_EQ(waitFor(child), -1);
    EXPECT_TRUE(hasEnded(identity));
}

} // namespace
} // namespace lathe::history

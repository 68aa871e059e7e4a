#include <core/base/sandbox.h>

#include <cstdlib>
#include <fstream>
#include <functional>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <core/base/files.h>

namespace lathe::base {
namespace {

namespace fs = std::filesystem;

/// Runs `attempt` in a child that is inside of the sandbox, if `rules` are given. The status as waitpid gives it; exit code 0: it worked.
int statusOf(const SandboxRules* rules, const std::function<bool()>& attempt) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (rules != nullptr && !enterSandbox(*rules)) ::_exit(99);
        ::_exit(attempt() ? 0 : 1);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return status;
}

bool canConnect(int family) {
    const int descriptor = ::socket(family, SOCK_STREAM, 0);
    return descriptor >= 0;
}

bool canExecute() {
    char program[] = "/bin/true";
    char* argv[] = {program, nullptr};
    ::execv(program, argv);
    return false;
}

class SandboxTest : public testing::Test {
protected:
    SandboxTest() {
        std::ofstream(m_outside.path() / "secret.txt") << "secret";
        std::ofstream(m_model.path() / "model.pt") << "model";
    }
    SandboxRules rules() const { return {.readable = {m_model.path() / "model.pt"}, .writable = {m_scratch.path()}}; }

    TemporaryFolder m_outside, m_model, m_scratch;
};

TEST_F(SandboxTest, NothingOutsideCanBeReached) {
    if (availableIsolation() == Isolation::Reduced) GTEST_SKIP() << "this kernel has no Landlock or no seccomp";
    const fs::path home = std::getenv("HOME") != nullptr ? std::getenv("HOME") : "/root";
    const pid_t parent = ::getpid();
    struct Probe {
        const char* name;
        std::function<bool()> attempt;
    };
    const std::vector<Probe> probes{
        {"read a stranger's file", [&] { return std::ifstream(m_outside.path() / "secret.txt").good(); }},
        {"list the home folder",
         [&] {
             std::error_code error;
             return fs::directory_iterator(home, error) != fs::directory_iterator();
         }},
        {"read what its parent was started with", [&] { return std::ifstream("/proc/" + std::to_string(parent) + "/environ").get() > 0; }},
        {"write a file", [&] { return std::ofstream(m_outside.path() / "new.txt").good(); }},
        {"write the model's file", [&] { return std::ofstream(m_model.path() / "model.pt", std::ios::app).good(); }},
        {"empty the model's file", [&] { return ::truncate((m_model.path() / "model.pt").c_str(), 0) == 0; }},
        {"remove a file", [&] { return ::unlink((m_outside.path() / "secret.txt").c_str()) == 0; }},
        {"make a link out of its folder",
         [&] { return ::link((m_outside.path() / "secret.txt").c_str(), (m_scratch.path() / "link").c_str()) == 0; }},
        {"open a network socket", [] { return canConnect(AF_INET); }},
        {"open an IPv6 socket", [] { return canConnect(AF_INET6); }},
        {"open a local socket", [] { return canConnect(AF_UNIX); }},
        {"start a program", [] { return canExecute(); }},
        {"start a process", [] { return ::fork() >= 0; }},
        {"signal its parent", [=] { return ::kill(parent, 0) == 0; }},
        {"trace its parent", [] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0; }},
    };
    for (const Probe& probe : probes) {
        const SandboxRules inside = rules();
        EXPECT_EQ(statusOf(&inside, probe.attempt), 1 << 8) << "inside it could " << probe.name;
        EXPECT_EQ(statusOf(nullptr, probe.attempt), 0) << "outside it could not " << probe.name << ", so the probe shows nothing";
        // What the attempts outside have changed.
        std::ofstream(m_outside.path() / "secret.txt") << "secret";
        std::ofstream(m_model.path() / "model.pt") << "model";
        fs::remove(m_scratch.path() / "link");
    }
}

TEST_F(SandboxTest, WorkGoesOnInside) {
    const SandboxRules inside = rules();
    const auto work = [&] {
        int sum = 0;
        std::thread([&] { sum = 1; }).join();
        std::ofstream(m_scratch.path() / "result.txt") << "result";
        const bool canRename = ::rename((m_scratch.path() / "result.txt").c_str(), (m_scratch.path() / "renamed.txt").c_str()) == 0;
        return sum == 1 && canRename && std::ifstream(m_model.path() / "model.pt").get() == 'm' && std::ifstream("/proc/self/maps").good();
    };
    EXPECT_EQ(statusOf(&inside, work), 0);
    EXPECT_TRUE(fs::exists(m_scratch.path() / "renamed.txt"));
}

TEST_F(SandboxTest, TheNetworkAloneCanBeTakenAway) {
    EXPECT_EQ(statusOf(nullptr, [] { return denyNetwork() && !canConnect(AF_INET) && !canConnect(AF_INET6) && canConnect(AF_UNIX); }), 0);
    EXPECT_EQ(statusOf(nullptr, [] { return denyNetwork() && canExecute(); }), 0);
}

TEST_F(SandboxTest, MemoryAndTimeEnd) {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "AddressSanitizer needs terabytes of address space";
#endif
    SandboxRules inside = rules();
    inside.memoryBytes = std::uintmax_t{1} << 30;
    EXPECT_EQ(statusOf(&inside,
                       [] { return ::mmap(nullptr, std::size_t{2} << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED; }),
              1 << 8);
    inside.memoryBytes = 0;
    inside.cpuSeconds = 1;
    const int status = statusOf(&inside, [] {
        while (::getppid() != 0) {
        }
        return true;
    });
    EXPECT_TRUE(WIFSIGNALED(status));
}

TEST_F(SandboxTest, IsRefusedWhenThreadsWouldStayOutside) {
    const int status = statusOf(nullptr, [&] {
        std::thread endless([] { ::pause(); });
        const auto entered = enterSandbox(rules());
        endless.detach();
        return !entered && entered.error().message == "The sandbox can only be entered while there is one thread.";
    });
    EXPECT_EQ(status, 0);
}

} // namespace
} // namespace lathe::base

#include <core/base/child_process.h>

#include <csignal>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

namespace lathe::base {
namespace {

Result<ChildProcessResult> shell(std::string script, std::string_view input = {}, double limitSeconds = 60) {
    return runChildProcess({.arguments = {"sh", "-c", std::move(script)}, .input = input, .stop = {}, .limitSeconds = limitSeconds});
}

TEST(ChildProcess, GetsItsInputAndGivesItsOutput) {
    const std::string large(3 << 20, 'x'); // more than pipes hold
    const auto run = shell("cat; echo first >&2; echo second >&2", large);
    ASSERT_TRUE(run) << run.error().text();
    EXPECT_TRUE(run->isSuccess());
    EXPECT_EQ(run->output, large);
    EXPECT_EQ(run->firstMessage, "first");
}

TEST(ChildProcess, ArgumentsReachNoShellAndNumbersAreThoseOfTheCLocale) {
    const auto echo = runChildProcess({.arguments = {"echo", "$HOME", "a b", "; ls"}, .input = {}, .stop = {}});
    ASSERT_TRUE(echo) << echo.error().text();
    EXPECT_EQ(echo->output, "$HOME a b ; ls\n");
    EXPECT_EQ(shell("echo $LC_ALL")->output, "C\n");
}

TEST(ChildProcess, AnExitCodeOrASignalIsAResult) {
    const auto code = shell("echo out; echo why >&2; exit 7");
    ASSERT_TRUE(code) << code.error().text();
    EXPECT_EQ(code->exitCode, 7);
    EXPECT_EQ(code->output, "out\n");
    EXPECT_EQ(code->firstMessage, "why");
    EXPECT_FALSE(code->isSuccess());
    const auto signal = shell("kill -SEGV $$");
    ASSERT_TRUE(signal) << signal.error().text();
    EXPECT_EQ(signal->signal, SIGSEGV);
    EXPECT_FALSE(signal->isSuccess());
}

TEST(ChildProcess, WhatIsNotThereIsNotFound) {
    for (const char* program : {"lathe-no-such-program", "/no/such/program", "/dev/null"}) {
        const auto run = runChildProcess({.arguments = {program}, .input = {}, .stop = {}});
        ASSERT_FALSE(run) << program;
        EXPECT_EQ(run.error().code, ErrorCode::NotFound);
        EXPECT_EQ(run.error().message, "The program \"" + std::string(program) + "\" is not installed.");
    }
}

TEST(ChildProcess, IsEndedAtItsLimit) {
    const auto run = shell("exec sleep 1000", {}, 0.2);
    ASSERT_FALSE(run);
    EXPECT_EQ(run.error().code, ErrorCode::Failed);
    EXPECT_EQ(run.error().message, "\"sh\" was not done after 0 seconds.");
}

TEST(ChildProcess, IsEndedWhenItIsNotWantedAnyMore) {
    std::stop_source stop;
    int ends[2] = {};
    ASSERT_EQ(::pipe(ends), 0);
    // It holds an end of the pipe as descriptor 3: the pipe is at its end when the process is.
    std::jthread asker([&] {
        char started = 0;
        EXPECT_EQ(::read(ends[0], &started, 1), 1);
        stop.request_stop();
    });
    const auto run = runChildProcess({.arguments = {"sh", "-c", "echo >&3; exec sleep 1000"},
                                      .input = {},
                                      .stop = stop.get_token(),
                                      .limitSeconds = 60,
                                      .extraDescriptor = ends[1]});
    asker.join();
    ::close(ends[1]);
    ASSERT_FALSE(run);
    EXPECT_EQ(run.error().code, ErrorCode::Cancelled);
    char none = 0;
    EXPECT_EQ(::read(ends[0], &none, 1), 0) << "it is still there";
    ::close(ends[0]);
}

TEST(ChildProcess, ThatWritesTooMuchIsEnded) {
    const auto run = shell("exec cat /dev/zero");
    ASSERT_FALSE(run);
    EXPECT_EQ(run.error().message, "\"sh\" writes too much.");
}

} // namespace
} // namespace lathe::base

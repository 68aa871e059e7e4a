// A run that is killed at any moment leaves a sound history, and what it shows as complete is complete.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <core/base/files.h>
#include <core/engine/export_judges.h>
#include <core/history/history.h>
#include <tests/core/engine/sample_model.h>

extern char** environ;

namespace lathe::engine {
namespace {

int rounds() {
    const char* wanted = std::getenv("LATHE_KILL_ROUNDS");
    return wanted != nullptr ? std::atoi(wanted) : 4;
}

pid_t start(const std::filesystem::path& history, const std::filesystem::path& recipe) {
    std::vector<std::string> arguments{commandLineProgram().string(),
                                       "run",
                                       support::sampleFile().string(),
                                       "--data",
                                       support::smallData,
                                       "--recipe",
                                       recipe.string(),
                                       "--history",
                                       history.string(),
                                       "--json"};
    std::vector<char*> argv;
    for (std::string& argument : arguments)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 0x1, 0);
    pid_t pid = -1;
    EXPECT_EQ(::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

TEST(KilledRun, LeavesASoundHistoryAndNoHalfRun) {
    const base::TemporaryFolder folder;
    const auto file = folder.path() / "history.sqlite";
    const auto recipe = folder.path() / "recipe.json";
    ASSERT_TRUE(base::writeFile(recipe, recipe::write(support::shortRecipe())));
    std::mt19937 generator(std::random_device{}());
    double wholeRunSeconds = 0;
    std::size_t acknowledged = 0;
    for (int round = 0; round <= rounds(); ++round) {
        const auto begin = std::chrono::steady_clock::now();
        const pid_t pid = start(file, recipe);
        ASSERT_GT(pid, 0) << "a signal to -1 would go to every process";
        if (round > 0) { // the first one tells how long a whole run takes
            // Not a wait for something to happen: the moment of the kill is what is drawn.
            const double moment = std::uniform_real_distribution<double>(0, wholeRunSeconds * 1.05)(generator);
            std::this_thread::sleep_for(std::chrono::duration<double>(moment));
            ::kill(pid, SIGKILL);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(pid, &status, 0), pid);
        if (round == 0) {
            ASSERT_EQ(status, 0);
            wholeRunSeconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        }
        if (status == 0) ++acknowledged;

        const auto history = history::History::open(file);
        ASSERT_TRUE(history) << history.error().text();
        EXPECT_EQ(history->check().value(), "") << "round " << round;
        const auto runs = history->list();
        ASSERT_TRUE(runs);
        std::size_t complete = 0;
        for (const history::RunRow& run : *runs) {
            EXPECT_NE(run.state, history::RunState::Running);
            if (run.state != history::RunState::Complete) continue;
            ++complete;
            EXPECT_GT(run.result.latency.calls, 0);
            EXPECT_EQ(run.result.quality.samples, 1000);
        }
        EXPECT_EQ(complete % 2, 0U) << "a pair is complete or not";
        EXPECT_GE(complete, 2 * acknowledged) << "what was reported as done is there";
    }
}

} // namespace
} // namespace lathe::engine

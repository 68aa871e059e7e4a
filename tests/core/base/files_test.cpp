#include <core/base/files.h>

#include <algorithm>
#include <csignal>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lathe::base {
namespace {

namespace fs = std::filesystem;

std::size_t entriesIn(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(ReadFile, ReturnsTheContent) {
    const TemporaryFolder folder;
    const std::string content("a\0b\n", 4);
    ASSERT_TRUE(writeFile(folder.path() / "x", content));
    EXPECT_EQ(*readFile(folder.path() / "x"), content);
}

TEST(ReadFile, NamesWhatIsNotAFile) {
    const TemporaryFolder folder;
    const fs::path pipe = folder.path() / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_EQ(readFile(folder.path() / "none").error().message, "\"" + (folder.path() / "none").string() + "\" does not exist.");
    EXPECT_EQ(readFile(folder.path()).error().message, "\"" + folder.path().string() + "\" is a folder, not a file.");
    EXPECT_EQ(readFile(pipe).error().message,
              "\"" + pipe.string() + "\" is a device or pipe, not a file."); // and does not wait for a writer
    EXPECT_EQ(readFile("/dev/zero").error().code, ErrorCode::Rejected);
}

TEST(ReadFile, KeepsToTheLimit) {
    const TemporaryFolder folder;
    ASSERT_TRUE(writeFile(folder.path() / "x", "12345"));
    EXPECT_TRUE(readFile(folder.path() / "x", 5));
    EXPECT_EQ(readFile(folder.path() / "x", 4).error().code, ErrorCode::Rejected);
}

TEST(WriteFile, ReplacesAndLeavesNothingBeside) {
    const TemporaryFolder folder;
    ASSERT_TRUE(writeFile(folder.path() / "x", "old"));
    ASSERT_TRUE(writeFile(folder.path() / "x", "new"));
    EXPECT_EQ(*readFile(folder.path() / "x"), "new");
    EXPECT_EQ(entriesIn(folder.path()), 1U);
}

TEST(WriteFile, NamesAMissingFolder) {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "no" / "x";
    const auto result = writeFile(path, "a");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::NotFound);
    EXPECT_EQ(result.error().message, "\"" + path.string() + "\" does not exist.");
}

/// A file size limit fails a write as a full disk does. In a child process, since it cannot be taken back.
TEST(WriteFile, OnAFullDiskTheOldContentStays) {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "x";
    ASSERT_TRUE(writeFile(path, "old"));
    const pid_t child = ::fork();
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{4096, 4096};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const auto result = writeFile(path, std::string(10000, 'n'));
        ::_exit(!result && result.error().code == ErrorCode::NoSpace && result.error().message.text().ends_with("the disk is full.") ? 0
                                                                                                                                     : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(*readFile(path), "old");
    EXPECT_EQ(entriesIn(folder.path()), 1U);
}

TEST(ReplaceFile, AFailedProducerLeavesTheOldFile) {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "x";
    ASSERT_TRUE(writeFile(path, "old"));
    const auto result = replaceFile(path, [](const fs::path& temporary) -> Result<> {
        std::ofstream(temporary) << "half";
        return failure(ErrorCode::Unsupported, "No.");
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, "No.");
    EXPECT_EQ(*readFile(path), "old");
    EXPECT_EQ(entriesIn(folder.path()), 1U);
}

TEST(Sha256, FitsTheExamplesOfFips180) {
    EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, OfAFileIsThatOfItsBytes) {
    const TemporaryFolder folder;
    ASSERT_TRUE(writeFile(folder.path() / "x", "abc"));
    ASSERT_TRUE(writeFile(folder.path() / "empty", ""));
    EXPECT_EQ(*sha256OfFile(folder.path() / "x"), sha256("abc"));
    EXPECT_EQ(*sha256OfFile(folder.path() / "empty"), sha256(""));
    EXPECT_EQ(sha256OfFile(folder.path() / "none").error().code, ErrorCode::NotFound);
}

TEST(MappedFile, ShowsTheBytes) {
    const TemporaryFolder folder;
    ASSERT_TRUE(writeFile(folder.path() / "x", "abc"));
    const auto file = MappedFile::open(folder.path() / "x");
    ASSERT_TRUE(file);
    const auto bytes = (*file)->bytes();
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()), "abc");
}

TEST(TemporaryFolder, IsRemovedWithItsContent) {
    fs::path path;
    {
        const TemporaryFolder folder;
        path = folder.path();
        ASSERT_TRUE(writeFile(path / "x", "a"));
    }
    EXPECT_FALSE(fs::exists(path));
}

} // namespace
} // namespace lathe::base

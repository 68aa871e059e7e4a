#include <core/data/class_folder.h>

#include <fstream>

#include <gtest/gtest.h>

#include <core/base/files.h>

namespace lathe::data {
namespace {

class ClassFolders : public ::testing::Test {
protected:
    void touch(const std::string& file) const {
        const auto path = m_folder.path() / file;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << "x";
    }
    base::Result<ClassFolder> list() const { return listClassFolder(m_folder.path(), {".png", ".jpg"}); }
    base::TemporaryFolder m_folder;
};

TEST_F(ClassFolders, SplitsOfTheirOwn) {
    touch("train/dog/1.png");
    touch("train/cat/deeper/2.JPG");
    touch("val/dog/3.png");
    touch("val/emu/4.png");
    const auto found = list();
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_EQ(found->classes, (std::vector<std::string>{"cat", "dog", "emu"}));
    ASSERT_EQ(found->files.size(), 4U);
    EXPECT_EQ(found->files[0].label, 0);
    EXPECT_EQ(found->files[0].split, Split::Train);
    EXPECT_EQ(found->files[3].label, 2);
    EXPECT_EQ(found->files[3].split, Split::Test);
}

TEST_F(ClassFolders, EveryFifthFileIsForTheTest) {
    for (int i = 0; i < 10; ++i)
        touch("cat/" + std::to_string(i) + ".png");
    const auto found = list();
    ASSERT_TRUE(found);
    EXPECT_EQ(std::ranges::count(found->files, Split::Test, &ClassFile::split), 2);
    EXPECT_EQ(found->files[4].split, Split::Test);
}

TEST_F(ClassFolders, LooseFilesHaveNoLabels) {
    touch("b.png");
    touch("a.png");
    touch("notes.txt");
    touch(".hidden.png");
    const auto found = list();
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->classes.empty());
    ASSERT_EQ(found->files.size(), 2U);
    EXPECT_EQ(found->files[0].path.filename(), "a.png");
    EXPECT_EQ(found->files[0].label, -1);
    EXPECT_EQ(found->files[0].split, Split::Test);
}

TEST_F(ClassFolders, NothingThere) {
    touch("notes.txt");
    const auto found = list();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, base::ErrorCode::NotFound);
    EXPECT_NE(found.error().text().find("holds no files with one of the endings .png, .jpg."), std::string::npos);
}

} // namespace
} // namespace lathe::data

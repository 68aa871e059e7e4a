#include <core/formats/archive/zip_check.h>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <tests/support/archive_bytes.h>

// What is refused, and with which sentence, is in hostile_files_test.cpp.

namespace lathe::formats {
namespace {

using support::archiveBytes;

TEST(CheckZip, TellsNamesAndContents) {
    const std::string code(1000, 'c');
    const std::string archive =
        archiveBytes({{.name = "m/data/0", .content = "weights"}, {.name = "m/c\u00F6de.py", .content = code, .isDeflated = true}});
    const auto entries = checkZip(archive);
    ASSERT_TRUE(entries) << entries.error().message;
    ASSERT_EQ(entries->size(), 2U);
    EXPECT_EQ((*entries)[0].name, "m/data/0");
    EXPECT_EQ((*entries)[0].bytes, 7U);
    EXPECT_EQ(archive.substr((*entries)[0].dataOffset, 7), "weights");
    EXPECT_FALSE((*entries)[0].isDeflated);
    EXPECT_EQ((*entries)[1].name, "m/c\u00F6de.py");
    EXPECT_TRUE((*entries)[1].isDeflated);
    EXPECT_EQ(unpack(archive, (*entries)[1]).value(), code);
}

TEST(CheckZip, UnderstandsWhatLibTorchWrites) {
    const auto archive = base::readFile(std::filesystem::path(LATHE_SOURCE_DIR) / "tests/data/torchscript/lenet_traced.pt").value();
    const auto entries = checkZip(archive); // with ZIP64 records, padding, and sizes behind the data
    ASSERT_TRUE(entries) << entries.error().message;
    EXPECT_EQ(entries->size(), 27U);
}

TEST(CheckZip, NothingMayStandBehindTheDirectory) {
    const std::string archive = archiveBytes({{.name = "a", .content = "content"}});
    EXPECT_TRUE(checkZip(archive));
    EXPECT_FALSE(checkZip(archive + "more"));
    std::string withComment = archive;
    withComment[withComment.size() - 2] = 4;
    EXPECT_FALSE(hasZipDirectory(withComment + "note"));
}

TEST(CheckZip, EveryFlippedBitOfAnArchiveIsSeen) {
    const std::string archive =
        archiveBytes({{.name = "m/data/0", .content = "weights"}, {.name = "m/code", .content = "code", .isDeflated = true}});
    const auto whole = checkZip(archive).value();
    for (std::size_t at = 0; at < archive.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string damaged = archive;
            damaged[at] = static_cast<char>(damaged[at] ^ 1 << bit);
            const auto entries = checkZip(damaged);
            // What says nothing about the content (times, versions, attributes) may change.
            if (!entries) continue;
            ASSERT_EQ(entries->size(), whole.size());
            for (std::size_t i = 0; i < whole.size(); ++i)
                EXPECT_EQ(unpack(damaged, (*entries)[i]).value(), unpack(archive, whole[i]).value()) << "byte " << at << ", bit " << bit;
        }
    }
}

} // namespace
} // namespace lathe::formats

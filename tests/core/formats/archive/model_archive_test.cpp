#include <core/formats/archive/model_archive.h>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <tests/core/formats/zip_files.h>

namespace lathe::formats {
namespace {

namespace fs = std::filesystem;

std::string textOf(const tensor::Storage& storage) {
    return {reinterpret_cast<const char*>(storage.bytes().data()), storage.bytes().size()};
}

TEST(ModelArchive, StoredEntriesStayInTheFileAndPackedOnesAreUnpacked) {
    const auto archive = ModelArchive::open(fs::path(LATHE_SOURCE_DIR) / "tests/data/exported/lenet.pt2");
    ASSERT_TRUE(archive) << archive.error().text();
    const auto once = archive->read("data/weights/weight_0"), again = archive->read("data/weights/weight_0");
    ASSERT_TRUE(once && again);
    EXPECT_EQ((*once)->bytes().data(), (*again)->bytes().data());

    const auto packed = ModelArchive::open(fs::path(LATHE_SOURCE_DIR) / "tests/data/exported/lenet_strict.pt2");
    ASSERT_TRUE(packed) << packed.error().text();
    const auto unpacked = packed->read("data/weights/weight_0"), other = packed->read("data/weights/weight_0");
    ASSERT_TRUE(unpacked && other);
    EXPECT_NE((*unpacked)->bytes().data(), (*other)->bytes().data());
    EXPECT_EQ(textOf(**unpacked), textOf(**once));
    EXPECT_EQ(packed->readText("archive_format").value(), "pt2");
}

TEST(ModelArchive, StoragesOutliveTheArchive) {
    std::shared_ptr<const tensor::Storage> storage;
    {
        const auto archive = ModelArchive::open(fs::path(LATHE_SOURCE_DIR) / "tests/data/exported/lenet.pt2");
        ASSERT_TRUE(archive);
        storage = archive->read("archive_format").value();
    }
    EXPECT_EQ(textOf(*storage), "pt2");
}

TEST(ModelArchive, RefusesWhatContradictsItself) {
    const base::TemporaryFolder folder;
    const fs::path file = folder.path() / "x.pt2";
    support::writeZip(file, {{"a/one", "1"}, {"b/one", "2"}});
    const auto twice = ModelArchive::open(file);
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().message, "The archive holds \"one\" twice.");

    support::writeZip(file, {{"a/one", "some text that is long enough to be found"}});
    const auto archive = ModelArchive::open(file);
    ASSERT_TRUE(archive);
    EXPECT_EQ(archive->read("two").error().message, "The archive lacks \"two\".");

    std::string bytes = base::readFile(file).value();
    const auto at = bytes.find("long enough");
    ASSERT_NE(at, std::string::npos);
    bytes[at] = 'L';
    ASSERT_TRUE(base::writeFile(file, bytes));
    const auto damaged = ModelArchive::open(file);
    ASSERT_FALSE(damaged);
    EXPECT_EQ(damaged.error().message, "The archive is damaged: the checksum of \"a/one\" does not fit its content.");

    ASSERT_TRUE(base::writeFile(file, bytes.substr(0, bytes.size() / 2)));
    EXPECT_EQ(ModelArchive::open(file).error().code, base::ErrorCode::Rejected);
}

} // namespace
} // namespace lathe::formats

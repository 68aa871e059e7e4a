#include <core/data/dataset.h>

#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/data/fashion_mnist.h>
#include <core/data/resource_folder.h>

#include "test_files.h"

namespace lathe::data {
namespace {

using base::ErrorCode;

TEST(OpenDataset, TheShippedSubsetHasAsManyOfEachClass) {
    const auto data = openDataset("fashion-mnist-small");
    ASSERT_TRUE(data) << data.error().text();
    EXPECT_EQ((*data)->name(), "fashion-mnist-small");
    EXPECT_EQ((*data)->sampleShape(), (tensor::Shape{1, 32, 32}));
    EXPECT_EQ((*data)->classes().size(), 10U);
    for (const auto& [split, perClass] : {std::pair{Split::Train, 300}, std::pair{Split::Test, 100}}) {
        ASSERT_EQ((*data)->size(split), 10 * perClass);
        const tensor::Tensor labels = (*data)->labels(split, 0, 10 * perClass);
        for (std::int64_t label = 0; label < 10; ++label) {
            EXPECT_EQ(std::ranges::count(labels.values<std::int64_t>(), label), perClass);
        }
    }
}

TEST(OpenDataset, ValuesLieBetweenZeroAndOneWithABlackBorder) {
    const auto data = openDataset("fashion-mnist-small").value();
    const std::vector<float> image = data->samples(Split::Test, 0, 1).toFloats();
    EXPECT_EQ(*std::ranges::min_element(image), 0.0F);
    EXPECT_GT(*std::ranges::max_element(image), 0.5F);
    EXPECT_LE(*std::ranges::max_element(image), 1.0F);
    for (std::size_t at = 0; at < 32; ++at) {
        EXPECT_EQ(image[at] + image[32 + at] + image[30 * 32 + at] + image[31 * 32 + at], 0.0F);
        EXPECT_EQ(image[at * 32] + image[at * 32 + 1] + image[at * 32 + 30] + image[at * 32 + 31], 0.0F);
    }
}

TEST(OpenDataset, TheFullSetIsUsedWhereInstalled) {
    const auto data = openDataset("fashion-mnist");
    ASSERT_TRUE(data) << data.error().text();
    if (!isFashionMnistInstalled(FashionMnistSize::Full)) {
        EXPECT_EQ((*data)->name(), "fashion-mnist-small");
        return;
    }
    EXPECT_EQ((*data)->name(), "fashion-mnist");
    EXPECT_EQ((*data)->size(Split::Train), 60000);
    EXPECT_EQ((*data)->size(Split::Test), 10000);
    // The subset's first image is the first of its class in the full set: both are the very first image.
    EXPECT_TRUE((*data)->samples(Split::Test, 0, 1).sameContent(openDataset("fashion-mnist-small").value()->samples(Split::Test, 0, 1)));
}

TEST(OpenDataset, OpensFoldersWithOptions) {
    const base::TemporaryFolder folder;
    ASSERT_TRUE(base::writeFile(folder.path() / "test-images", testing::idxBytes(0x08, {1, 2, 2}, "abcd")));
    const std::string path = folder.path().string();
    EXPECT_EQ(openDataset(path).value()->sampleShape(), (tensor::Shape{1, 2, 2}));
    EXPECT_EQ(openDataset(path + "/").value()->name(), folder.path().filename().string());
    EXPECT_EQ(openDataset(path + ":pad=3").value()->sampleShape(), (tensor::Shape{1, 8, 8}));
    for (const char* wrong : {":pad=-1", ":pad=x", ":pad=", ":pad=1x", ":p", ":padding=1"}) {
        const auto data = openDataset(path + wrong);
        ASSERT_FALSE(data) << wrong;
        EXPECT_EQ(data.error().code, ErrorCode::InvalidArgument);
    }
}

TEST(OpenDataset, SaysWhatKindOfDataAPathIs) {
    const base::TemporaryFolder folder;
    const auto path = [&](const char* name) { return (folder.path() / name).string(); };
    std::filesystem::create_directories(folder.path() / "pictures/cat");
    std::filesystem::create_directories(folder.path() / "sounds/bark");
    std::filesystem::create_directories(folder.path() / "empty");
    ASSERT_TRUE(base::writeFile(folder.path() / "pictures/cat/a.png", "x"));
    ASSERT_TRUE(base::writeFile(folder.path() / "sounds/bark/a.wav", "x"));
    EXPECT_EQ(dataKind(path("pictures")), DataKind::Images);
    EXPECT_EQ(dataKind(path("sounds")), DataKind::Sound);
    EXPECT_EQ(dataKind(path("table.csv")), DataKind::Table);
    EXPECT_EQ(dataKind(path("table.tsv")), DataKind::Table);
    for (const std::string& other : {path("empty"), path("x.npz"), std::string("fashion-mnist"), std::string(), path("pictures:pad=2")})
        EXPECT_EQ(dataKind(other), DataKind::Arrays) << other;
}

TEST(OpenDataset, NamesTheNearestSet) {
    const auto data = openDataset("fashion-mnst");
    ASSERT_FALSE(data);
    EXPECT_EQ(data.error().code, ErrorCode::NotFound);
    EXPECT_NE(data.error().message.text().find("did you mean \"fashion-mnist\"?"), std::string::npos) << data.error().message;
    EXPECT_EQ(openDataset("").error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(openDataset("/no/such/file.npz").error().code, ErrorCode::NotFound);
}

TEST(OpenDataset, RefusesOtherFiles) {
    const base::TemporaryFolder folder;
    ASSERT_TRUE(base::writeFile(folder.path() / "notes.txt", "not data"));
    const auto data = openDataset((folder.path() / "notes.txt").string());
    ASSERT_FALSE(data);
    EXPECT_EQ(data.error().code, ErrorCode::Rejected);
}

TEST(BuiltinDatasets, AreTheOnesThatOpen) {
    for (const BuiltinDataset& builtin : builtinDatasets()) {
        if (builtin.name == "random") continue; // needs a model
        EXPECT_TRUE(!builtin.isAvailable || openDataset(builtin.name)) << builtin.name;
        EXPECT_FALSE(builtin.description.empty());
    }
}

TEST(ResourceFolder, FollowsTheEnvironment) {
    EXPECT_TRUE(std::filesystem::exists(resourceFolder() / "samples"));
    const base::TemporaryFolder folder;
    setenv("LATHE_RESOURCES", folder.path().c_str(), 1);
    EXPECT_EQ(resourceFolder(), folder.path());
    const auto data = openDataset("fashion-mnist-small");
    unsetenv("LATHE_RESOURCES");
    ASSERT_FALSE(data);
    EXPECT_EQ(data.error().code, ErrorCode::NotFound);
}

} // namespace
} // namespace lathe::data

#include <core/data/image_folder.h>

#include <gtest/gtest.h>

#include <core/base/files.h>

namespace lathe::data {
namespace {

namespace fs = std::filesystem;
const fs::path images = LATHE_SOURCE_DIR "/tests/data/images";

class ImageFolder : public ::testing::Test {
protected:
    void add(const std::string& source, const std::string& target) const {
        fs::create_directories((m_folder.path() / target).parent_path());
        fs::copy_file(images / source, m_folder.path() / target);
    }
    base::TemporaryFolder m_folder;
};

TEST_F(ImageFolder, IsWhatTheModelSees) {
    add("photo.png", "train/cat/1.png");
    add("gray.png", "test/dog/1.png");
    recipe::Preprocessing preprocessing;
    preprocessing.resize = 16;
    preprocessing.crop = {14, 17};
    preprocessing.mean = {0.5, 0.25, 0};
    preprocessing.deviation = {0.5, 1, 2};
    const auto data = openImageFolder(m_folder.path(), "pets", preprocessing);
    ASSERT_TRUE(data) << data.error().text();
    EXPECT_EQ((*data)->sampleShape(), (tensor::Shape{3, 14, 17}));
    EXPECT_EQ((*data)->classes(), (std::vector<std::string>{"cat", "dog"}));
    EXPECT_EQ((*data)->size(Split::Train), 1);
    EXPECT_EQ((*data)->labels(Split::Test, 0, 1).values<std::int64_t>()[0], 1);
    // A gray picture has the same value in each channel before it is standardized.
    const auto sample = (*data)->samples(Split::Test, 0, 1);
    const auto values = sample.values<float>();
    const std::size_t plane = 14 * 17;
    for (const std::size_t pixel : {std::size_t{0}, std::size_t{100}, plane - 1}) {
        const float stored = values[2 * plane + pixel] * 2;
        EXPECT_FLOAT_EQ(values[pixel], (stored - 0.5F) / 0.5F);
        EXPECT_FLOAT_EQ(values[plane + pixel], stored - 0.25F);
    }
    EXPECT_NE((*data)->sha256(), openImageFolder(m_folder.path(), "pets", {.resize = 16, .crop = {{14, 17}}}).value()->sha256())
        << "another preprocessing is other data";
}

TEST_F(ImageFolder, GrayIsOneChannel) {
    add("photo.jpg", "a.jpg");
    const auto data = openImageFolder(m_folder.path(), "loose", {.channels = recipe::ChannelOrder::Gray});
    ASSERT_TRUE(data);
    EXPECT_EQ((*data)->sampleShape(), (tensor::Shape{1, 45, 60}));
    EXPECT_FALSE((*data)->hasLabels());
}

TEST_F(ImageFolder, DifferentSizesNeedAPreprocessing) {
    add("photo.png", "a.png");
    const std::string other = base::readFile(images / "photo.png").value();
    ASSERT_TRUE(base::writeFile(m_folder.path() / "b.png", other));
    const auto same = openImageFolder(m_folder.path(), "pair", {});
    EXPECT_TRUE(same);
    const auto wrongMean = openImageFolder(m_folder.path(), "pair", {.mean = {0.1, 0.2}});
    ASSERT_FALSE(wrongMean);
    EXPECT_EQ(wrongMean.error().text(), "pair: the preprocessing has 2 means or deviations, but the samples are 3x45x60.");
}

TEST_F(ImageFolder, SaysWhichFileIsDamaged) {
    add("photo.png", "cat/1.png");
    ASSERT_TRUE(base::writeFile(m_folder.path() / "cat/2.png", base::readFile(images / "photo.png").value().substr(0, 1000)));
    const auto data = openImageFolder(m_folder.path(), "pets", {});
    ASSERT_FALSE(data);
    EXPECT_NE(data.error().text().find("2.png\" is a damaged PNG image"), std::string::npos) << data.error().text();
}

} // namespace
} // namespace lathe::data

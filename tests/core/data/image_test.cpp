#include <core/data/image.h>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/data/npy.h>

namespace lathe::data {
namespace {

const std::filesystem::path images = LATHE_SOURCE_DIR "/tests/data/images";

/// What Pillow and torchvision made of the same picture, see make_image_fixtures.py.
std::vector<std::uint8_t> expected(const std::string& name) {
    const std::string text = base::readFile(images / name).value();
    const auto bytes = std::as_bytes(std::span(text));
    const auto values = parseNpy({bytes.begin(), bytes.end()}).value();
    const auto span = values.values<std::uint8_t>();
    return {span.begin(), span.end()};
}

int largestDifference(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
    EXPECT_EQ(a.size(), b.size());
    int largest = 0;
    for (std::size_t at = 0; at < std::min(a.size(), b.size()); ++at)
        largest = std::max(largest, std::abs(static_cast<int>(a[at]) - static_cast<int>(b[at])));
    return largest;
}

TEST(Images, ResizeAndCropAreThoseOfTorchvision) {
    const auto image = readImage(images / "photo.png");
    ASSERT_TRUE(image) << image.error().text();
    EXPECT_EQ(image->height, 45);
    EXPECT_EQ(image->width, 60);
    const Image small = resized(*image, 16);
    EXPECT_EQ(small.height, 16);
    EXPECT_EQ(small.width, 21);
    // Pillow rounds its weights to 22 bits and rounds between the two directions.
    EXPECT_LE(largestDifference(centerCropped(small, 14, 17).pixels, expected("photo_resize16_crop14x17.npy")), 1);
}

TEST(Images, GrayIsThatOfPillow) {
    EXPECT_EQ(grayOf(readImage(images / "photo.png").value()).pixels, expected("photo_gray.npy"));
    EXPECT_EQ(grayOf(readImage(images / "gray.png").value()).pixels, expected("photo_gray.npy"));
}

TEST(Images, JpegIsThatOfPillow) {
    const auto image = readImage(images / "photo.jpg");
    ASSERT_TRUE(image) << image.error().text();
    EXPECT_LE(largestDifference(image->pixels, expected("photo_jpg.npy")), 2) << "decoders may round differently";
}

TEST(Images, CropAddsBlackWhereTheImageIsSmaller) {
    const Image image{1, 2, 1, {7, 9}};
    const Image cropped = centerCropped(image, 3, 4);
    EXPECT_EQ(cropped.pixels, (std::vector<std::uint8_t>{0, 0, 0, 0, 0, 7, 9, 0, 0, 0, 0, 0}));
}

TEST(Images, ChannelsFirstInTheOrderOfTheModel) {
    const Image image{1, 2, 3, {1, 2, 3, 4, 5, 6}};
    EXPECT_EQ(channelsFirst(image, recipe::ChannelOrder::Rgb), (std::vector<std::uint8_t>{1, 4, 2, 5, 3, 6}));
    EXPECT_EQ(channelsFirst(image, recipe::ChannelOrder::Bgr), (std::vector<std::uint8_t>{3, 6, 2, 5, 1, 4}));
}

TEST(Images, RefusesWhatIsNoWholeImage) {
    const std::string png = base::readFile(images / "photo.png").value(), jpeg = base::readFile(images / "photo.jpg").value();
    // 100 000 x 100 000 in the header, with its own checksum.
    std::string huge = png;
    huge.replace(16, 8, std::string("\x00\x01\x86\xa0\x00\x01\x86\xa0", 8));
    huge.replace(29, 4, std::string("\x27\x30\x9c\x9f", 4));
    const std::pair<std::string, std::string> wrong[] = {
        {"", "\"a.png\" is empty."},
        {"hello", "\"a.png\" is neither a PNG nor a JPEG image."},
        {png.substr(0, png.size() / 2), "\"a.png\" is a damaged PNG image: "},
        {jpeg.substr(0, jpeg.size() / 2), "\"a.png\" is a damaged JPEG image: "},
        {huge, "\"a.png\" says that it is 100000x100000 pixels, more than the 268 million that are read."},
    };
    for (const auto& [bytes, sentence] : wrong) {
        const auto image = decodeImage(bytes, "a.png");
        ASSERT_FALSE(image) << sentence;
        EXPECT_EQ(image.error().code, base::ErrorCode::Rejected);
        EXPECT_EQ(image.error().text().rfind(sentence, 0), 0U) << image.error().text();
    }
}

} // namespace
} // namespace lathe::data

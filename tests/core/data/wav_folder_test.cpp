#include <core/data/wav_folder.h>

#include <cstdint>
#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include <core/base/files.h>

namespace lathe::data {
namespace {

/// RIFF/WAVE, 16-bit PCM.
std::string wav(int rate, int channels, const std::vector<std::int16_t>& samples) {
    const auto number = [](std::uint32_t value, int bytes) {
        std::string text;
        for (int i = 0; i < bytes; ++i)
            text += static_cast<char>(value >> (8 * i) & 0xff);
        return text;
    };
    const auto bytes = static_cast<std::uint32_t>(samples.size() * 2);
    const auto frame = static_cast<std::uint32_t>(channels * 2);
    std::string text = "RIFF" + number(36 + bytes, 4) + "WAVEfmt " + number(16, 4) + number(1, 2) +
                       number(static_cast<std::uint32_t>(channels), 2) + number(static_cast<std::uint32_t>(rate), 4) +
                       number(static_cast<std::uint32_t>(rate) * frame, 4) + number(frame, 2) + number(16, 2) + "data" + number(bytes, 4);
    for (const std::int16_t sample : samples)
        text += number(static_cast<std::uint16_t>(sample), 2);
    return text;
}

class WavFolder : public ::testing::Test {
protected:
    void add(const std::string& file, const std::string& bytes) const {
        std::filesystem::create_directories((m_folder.path() / file).parent_path());
        ASSERT_TRUE(base::writeFile(m_folder.path() / file, bytes));
    }
    base::TemporaryFolder m_folder;
};

TEST_F(WavFolder, AveragesChannelsAndFillsToTheLength) {
    add("test/yes/1.wav", wav(8000, 2, {16384, 0, -32768, -32768}));
    add("test/no/1.wav", wav(8000, 1, {8192, 0, 0, 0, 0}));
    const auto data = openWavFolder(m_folder.path(), "words", {.length = 4});
    ASSERT_TRUE(data) << data.error().text();
    EXPECT_EQ((*data)->classes(), (std::vector<std::string>{"no", "yes"}));
    EXPECT_EQ((*data)->sampleShape(), (tensor::Shape{1, 4}));
    EXPECT_TRUE((*data)->samples(Split::Test, 1, 1).sameContent(tensor::Tensor::of<float>({1, 1, 4}, {0.25F, -1, 0, 0})));
    EXPECT_TRUE((*data)->samples(Split::Test, 0, 1).sameContent(tensor::Tensor::of<float>({1, 1, 4}, {0.25F, 0, 0, 0})));
}

TEST_F(WavFolder, SaysWhatDoesNotGoTogether) {
    add("a.wav", wav(8000, 1, {1, 2, 3}));
    add("b.wav", wav(8000, 1, {1, 2}));
    const auto lengths = openWavFolder(m_folder.path(), "words", {});
    ASSERT_FALSE(lengths);
    EXPECT_NE(
        lengths.error().text().find("b.wav\" is 2 samples long, but others are 3; give the recipe a preprocessing with a \"length\"."),
        std::string::npos)
        << lengths.error().text();
    add("b.wav", wav(16000, 1, {1, 2, 3}));
    const auto rates = openWavFolder(m_folder.path(), "words", {});
    ASSERT_FALSE(rates);
    EXPECT_NE(rates.error().text().find("b.wav\" has 16000 samples a second, but others have 8000"), std::string::npos)
        << rates.error().text();
    add("b.wav", "RIFFgarbage");
    const auto damaged = openWavFolder(m_folder.path(), "words", {});
    ASSERT_FALSE(damaged);
    EXPECT_NE(damaged.error().text().find("b.wav\" is no sound file that can be read"), std::string::npos) << damaged.error().text();
}

} // namespace
} // namespace lathe::data

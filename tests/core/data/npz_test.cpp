#include <core/data/npz.h>

#include <gtest/gtest.h>
#include <zip.h>

#include <core/base/files.h>
#include <core/data/npy.h>

namespace lathe::data {
namespace {

using base::ErrorCode;
using tensor::Tensor;

class Npz : public ::testing::Test {
protected:
    [[nodiscard]] std::filesystem::path file() const { return m_folder.path() / "arrays.npz"; }
    /// A zip with entries as given, whatever they hold.
    void writeZip(const std::vector<std::pair<std::string, std::string>>& entries) {
        zip_t* archive = zip_open(file().c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
        for (const auto& [name, content] : entries) {
            zip_file_add(archive, name.c_str(), zip_source_buffer(archive, content.data(), content.size(), 0), 0);
        }
        ASSERT_EQ(zip_close(archive), 0);
    }
    void expectRejected(const std::string& reason) {
        const auto arrays = readNpz(file());
        ASSERT_FALSE(arrays);
        EXPECT_EQ(arrays.error().code, ErrorCode::Rejected);
        EXPECT_NE(arrays.error().message.text().find(reason), std::string::npos) << arrays.error().message;
    }
    base::TemporaryFolder m_folder;
};

TEST_F(Npz, ReadsWhatItWroteStoredAndDeflated) {
    const std::map<std::string, Tensor> arrays = {{"x", Tensor::of<float>({2, 2}, {1, 2, 3, 4})},
                                                  {"y", Tensor::of<std::int64_t>({2}, {0, 9})},
                                                  {"conv1.weight", Tensor::zeros(tensor::DType::Float64, {100, 100})}};
    for (const NpzCompression compression : {NpzCompression::Stored, NpzCompression::Deflated}) {
        ASSERT_TRUE(writeNpz(file(), arrays, compression));
        EXPECT_EQ(std::filesystem::file_size(file()) > 80000, compression == NpzCompression::Stored);
        const auto again = readNpz(file());
        ASSERT_TRUE(again) << again.error().text();
        ASSERT_EQ(again->size(), arrays.size());
        for (const auto& [name, array] : arrays) {
            EXPECT_TRUE(again->at(name).sameContent(array)) << name;
        }
    }
}

TEST_F(Npz, WritesTheSameBytesAgain) {
    ASSERT_TRUE(writeNpz(file(), {{"x", Tensor::of<float>({1}, {1})}}));
    const std::string first = base::readFile(file()).value();
    ASSERT_TRUE(writeNpz(file(), {{"x", Tensor::of<float>({1}, {1})}}));
    EXPECT_EQ(base::readFile(file()).value(), first);
}

TEST_F(Npz, SaysThatTheFolderIsMissing) {
    const auto written = writeNpz(m_folder.path() / "missing" / "x.npz", {});
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::NotFound);
}

TEST_F(Npz, RefusesWhatIsNoZip) {
    EXPECT_EQ(readNpz(file()).error().code, ErrorCode::NotFound);
    ASSERT_TRUE(base::writeFile(file(), ""));
    expectRejected("is empty");
    ASSERT_TRUE(base::writeFile(file(), "hello, this is text and no zip at all"));
    expectRejected("is not an .npz file");
}

TEST_F(Npz, RefusesTruncation) {
    ASSERT_TRUE(writeNpz(file(), {{"x", Tensor::zeros(tensor::DType::Float32, {1000})}}));
    const std::string whole = base::readFile(file()).value();
    for (const std::size_t length : {std::size_t{10}, whole.size() / 2, whole.size() - 1}) {
        ASSERT_TRUE(base::writeFile(file(), whole.substr(0, length)));
        expectRejected("truncated");
    }
}

TEST_F(Npz, RefusesDamagedContent) {
    ASSERT_TRUE(writeNpz(file(), {{"x", Tensor::zeros(tensor::DType::Float32, {1000})}}));
    std::string bytes = base::readFile(file()).value();
    bytes[1000] ^= 1; // an element: only the checksum tells
    ASSERT_TRUE(base::writeFile(file(), bytes));
    expectRejected("The array \"x\" of " + file().string() + " is damaged");
}

TEST_F(Npz, RefusesOtherZips) {
    writeZip({{"data.pkl", "something"}});
    expectRejected("\"data.pkl\", which is no .npy array");
}

TEST_F(Npz, NamesTheArrayThatIsWrong) {
    writeZip({{"good.npy", formatNpy(Tensor::of<float>({1}, {1}))}, {"names.npy", "\x93NUMPY nonsense"}});
    expectRejected("The array \"names\" of");
}

} // namespace
} // namespace lathe::data

#include <core/formats/weights/weights_file.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include <gtest/gtest.h>

#include <core/base/files.h>

namespace lathe::formats {
namespace {

namespace fs = std::filesystem;

std::filesystem::path data(const char* name) { return std::filesystem::path(LATHE_SOURCE_DIR) / "tests/data" / name; }

TEST(ReadWeightsFile, GoesByContent) {
    EXPECT_EQ(readWeightsFile(data("weights/small.safetensors")).value().size(), 5U);
    EXPECT_EQ(readWeightsFile(data("weights/state_dict.pt")).value().size(), 6U);
}

TEST(ReadWeightsFile, SaysWhatHoldsNone) {
    EXPECT_EQ(readWeightsFile(data("torchscript/tied.pt")).error().message,
              "\"tied.pt\" holds no weights by name: give a safetensors file, a state dict of torch.save, an index of such files, or their "
              "folder.");
    EXPECT_EQ(readWeightsFile(data("weights/missing.pt")).error().code, base::ErrorCode::NotFound);
}

/// A safetensors file with one float32 of that name.
std::string shard(const std::string& name, float value) {
    const std::string header = "{\"" + name + "\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    const std::uint64_t size = header.size();
    std::string bytes(sizeof size + header.size() + sizeof value, '\0');
    std::memcpy(bytes.data(), &size, sizeof size);
    std::memcpy(bytes.data() + sizeof size, header.data(), header.size());
    std::memcpy(bytes.data() + sizeof size + header.size(), &value, sizeof value);
    return bytes;
}

class ShardedWeights : public testing::Test {
protected:
    void write(const std::string& name, const std::string& content) const {
        std::ofstream(m_folder.path() / name, std::ios::binary) << content;
    }
    [[nodiscard]] std::string sentence(const std::string& name) const {
        const auto read = readWeightsFile(m_folder.path() / name);
        return read ? "read" : read.error().message.text();
    }
    void writeShards() const {
        write("model-00001-of-00002.safetensors", shard("a", 1));
        write("model-00002-of-00002.safetensors", shard("b", 2));
    }
    static void expectBoth(const base::Result<NamedTensors>& weights) {
        ASSERT_TRUE(weights) << weights.error().text();
        ASSERT_EQ(weights->size(), 2U);
        EXPECT_EQ(weights->at("a").toFloats(), std::vector<float>{1});
        EXPECT_EQ(weights->at("b").toFloats(), std::vector<float>{2});
    }
    const std::string m_index = R"({"metadata": {"total_size": 8},
        "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}})";
    base::TemporaryFolder m_folder;
};

TEST_F(ShardedWeights, AreReadByTheirIndexOrTheirFolder) {
    writeShards();
    expectBoth(readWeightsFile(m_folder.path())); // shards without an index
    write("model.safetensors.index.json", m_index);
    expectBoth(readWeightsFile(m_folder.path() / "model.safetensors.index.json"));
    expectBoth(readWeightsFile(m_folder.path()));
    EXPECT_EQ(bytesOfWeights(m_folder.path()), shard("a", 1).size() + shard("b", 2).size());
    EXPECT_EQ(bytesOfWeights(m_folder.path() / "model.safetensors.index.json"), bytesOfWeights(m_folder.path()));
}

TEST_F(ShardedWeights, OfTorchSaveToo) {
    fs::copy_file(data("weights/state_dict.pt"), m_folder.path() / "pytorch_model-00001-of-00001.bin");
    write("training_args.bin", "no weights");
    EXPECT_EQ(readWeightsFile(m_folder.path()).value().size(), 6U);
    const std::string name = readWeightsFile(data("weights/state_dict.pt")).value().begin()->first;
    write("pytorch_model.bin.index.json", R"({"weight_map": {")" + name + R"(": "pytorch_model-00001-of-00001.bin"}})");
    EXPECT_EQ(readWeightsFile(m_folder.path()).value().size(), 1U) << "what the index names";
}

TEST_F(ShardedWeights, AreLinksInCachesOfModelHubs) {
    fs::create_directory(m_folder.path() / "blobs");
    fs::create_directory(m_folder.path() / "snapshot");
    write("blobs/1", m_index);
    write("blobs/2", shard("a", 1));
    write("blobs/3", shard("b", 2));
    const fs::path names = m_folder.path() / "snapshot";
    fs::create_symlink("../blobs/1", names / "model.safetensors.index.json");
    fs::create_symlink("../blobs/2", names / "model-00001-of-00002.safetensors");
    fs::create_symlink("../blobs/3", names / "model-00002-of-00002.safetensors");
    expectBoth(readWeightsFile(names));
    expectBoth(readWeightsFile(names / "model.safetensors.index.json"));
    for (const fs::path& chosen : {names, names / "model.safetensors.index.json"}) {
        const auto readable = readableForWeights(chosen);
        EXPECT_NE(std::ranges::find(readable, fs::canonical(m_folder.path() / "blobs")), readable.end()) << chosen;
    }
}

TEST_F(ShardedWeights, WhatIsWrongIsOneSentence) {
    writeShards();
    write("other.safetensors", shard("a", 3));
    EXPECT_EQ(sentence(""), "\"" + m_folder.path().filename().string() +
                                "\" is a folder with several files of weights: \"a\" is in \"model-00001-of-00002.safetensors\" and in "
                                "\"other.safetensors\". Choose one of them.");
    write("gone.index.json", R"({"weight_map": {"a": "gone.safetensors"}})");
    EXPECT_EQ(sentence("gone.index.json"), "\"gone.index.json\" names the file \"gone.safetensors\", which does not exist.");
    write("wrong.index.json", R"({"weight_map": {"z": "other.safetensors"}})");
    EXPECT_EQ(sentence("wrong.index.json"), "\"wrong.index.json\" says that \"z\" is in \"other.safetensors\", which does not hold it.");
    write("outside.index.json", R"({"weight_map": {"z": "../x.safetensors"}})");
    EXPECT_EQ(sentence("outside.index.json"),
              "\"outside.index.json\" names the file \"../x.safetensors\", which is outside the model's folder.");
    fs::create_symlink("/etc/passwd", m_folder.path() / "p.safetensors");
    write("link.index.json", R"({"weight_map": {"z": "p.safetensors"}})");
    EXPECT_EQ(sentence("link.index.json"),
              "\"link.index.json\" names the file \"p.safetensors\", which is a link out of the model's folder.");
    write("recipe.json", R"({"lathe": 1, "steps": []})");
    EXPECT_TRUE(sentence("recipe.json").starts_with("\"recipe.json\" is no index of files of weights: ")) << sentence("recipe.json");
    write("broken.json", "{");
    EXPECT_TRUE(sentence("broken.json").starts_with("\"broken.json\" is neither a file of weights nor an index of such files: "));
    fs::create_directory(m_folder.path() / "empty");
    EXPECT_EQ(sentence("empty"), "\"empty\" is a folder without weights: no index, no .safetensors and no pytorch_model.bin is in it.");
}

} // namespace
} // namespace lathe::formats

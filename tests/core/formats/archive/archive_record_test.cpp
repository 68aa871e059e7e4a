#include <core/formats/archive/archive_record.h>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/formats/archive/zip_check.h>
#include <core/formats/exported_program/reader.h>
#include <core/formats/model_file.h>
#include <core/formats/torchscript/reader.h>
#include <tests/support/graphs.h>

namespace lathe::formats {
namespace {

using Write = base::Result<std::int64_t> (*)(const graph::Graph&, const std::filesystem::path&);

/// A linear layer whose weight has `columns` times 4 numbers, all the same.
graph::Graph linearOf(std::int64_t columns) {
    graph::Graph graph;
    graph.name = "linear";
    const auto x = graph.addInput("x");
    const auto weight = graph.addWeight("fc.weight", tensor::Tensor::zeros(tensor::DType::Float32, {4, columns}));
    const auto y = graph.addNode(std::string(graph::op::linear), "fc", {x, weight, graph::Operand()}).results[0];
    for (const auto value : {x, y}) {
        graph.value(value).dtype = tensor::DType::Float32;
        graph.value(value).shape = graph::dims({1, value == x ? columns : 4});
    }
    graph.main.outputs = {y};
    return graph;
}

TEST(ArchiveRecord, ShortWeightsAreDeflatedAndLongOnesCanBeMapped) {
    const base::TemporaryFolder folder;
    const std::filesystem::path file = folder.path() / "model";
    for (const auto& [write, weights] :
         {std::pair<Write, std::string>{writeTorchScript, "/data/0"}, {writeExportedProgram, "/data/weights/weight_0"}}) {
        for (const std::int64_t bytes : {std::int64_t{48}, std::int64_t{64}, std::int64_t{65520}, std::int64_t{65536}}) {
            ASSERT_TRUE(write(linearOf(bytes / 16), file));
            const std::string archive = base::readFile(file).value();
            const auto entries = checkZip(archive);
            ASSERT_TRUE(entries) << entries.error().message;
            int found = 0;
            for (const ZipEntry& entry : *entries) {
                if (!entry.name.ends_with(weights)) continue;
                ++found;
                EXPECT_EQ(entry.bytes, static_cast<std::uint64_t>(bytes)) << entry.name;
                EXPECT_EQ(entry.isDeflated, bytes >= 64 && bytes < 65536) << entry.name << ", " << bytes << " bytes";
                EXPECT_TRUE(entry.isDeflated || entry.dataOffset % 64 == 0) << entry.name;
            }
            EXPECT_EQ(found, 1) << weights;
        }
    }
}

TEST(ArchiveRecord, DeflatedWeightsAreReadAgain) {
    const base::TemporaryFolder folder;
    graph::Graph graph = linearOf(30);
    const tensor::Tensor weight = support::randomTensor({4, 30}, 3);
    graph.value(*graph.findValue("fc.weight")).data = weight;
    ASSERT_TRUE(writeTorchScript(graph, folder.path() / "model.pt"));
    ASSERT_TRUE(writeExportedProgram(graph, folder.path() / "model.pt2"));
    const auto script = readTorchScript(folder.path() / "model.pt");
    const auto program = readExportedProgram(folder.path() / "model.pt2");
    ASSERT_TRUE(script && program);
    for (const graph::Graph& read : {script->graph, program->graph})
        EXPECT_EQ(read.value(*read.findValue("fc.weight")).data.toFloats(), weight.toFloats());
}

/// 400 kB of which most is zero take the room of the rest; what is dense lies as it lies in memory.
TEST(ArchiveRecord, PrunedWeightsTakeLessRoom) {
    const base::TemporaryFolder folder;
    const std::filesystem::path file = folder.path() / "model";
    graph::Graph graph = linearOf(25'000);
    const auto weight = *graph.findValue("fc.weight");
    std::vector<float> values = support::randomTensor({4, 25'000}, 3).toFloats();
    using Read = base::Result<ModelContent> (*)(const std::filesystem::path&, std::span<const std::string>);
    for (const auto& [write, read] :
         {std::pair<Write, Read>{writeTorchScript, readTorchScript}, {writeExportedProgram, readExportedProgram}}) {
        std::vector<float> pruned = values;
        graph.value(weight).data = tensor::Tensor::of({4, 25'000}, pruned);
        const auto dense = write(graph, file);
        for (std::size_t i = 0; i < pruned.size(); ++i) {
            if (i * 7 % 10 < 8) pruned[i] = 0;
        }
        graph.value(weight).data = tensor::Tensor::of({4, 25'000}, pruned);
        const auto sparse = write(graph, file);
        ASSERT_TRUE(dense && sparse);
        EXPECT_GT(*dense, 400'000);
        EXPECT_LT(*sparse, 130'000) << "a fifth of the numbers, and where they are";
        const auto model = read(file, {});
        ASSERT_TRUE(model) << model.error().text();
        EXPECT_EQ(model->graph.value(*model->graph.findValue("fc.weight")).data.toFloats(), pruned);
    }
}

/// Nothing that our own reader, or any that minds bombs, would refuse.
TEST(ArchiveRecord, NoFileLooksLikeABomb) {
    DeflatedWeights weights;
    const std::string zeros(100'000, '\0'), table = [] {
        std::string bytes(100'000, '\0');
        for (std::size_t i = 0; i < bytes.size(); i += 2)
            bytes[i] = 1;
        return bytes;
    }();
    EXPECT_FALSE(weights.has(zeros));
    EXPECT_FALSE(weights.has(table)) << "half zeros, and nothing but a repetition";
    std::string sparse(std::size_t{50} << 20, '\0');
    unsigned random = 1;
    for (std::size_t i = 0; i < sparse.size(); i += 2)
        sparse[i] = static_cast<char>((random = random * 1664525 + 1013904223) >> 24U);
    EXPECT_TRUE(weights.has(sparse));
    EXPECT_TRUE(weights.has(sparse));
    EXPECT_FALSE(weights.has(sparse)) << "150 MB to unpack";
    EXPECT_TRUE(DeflatedWeights().has(sparse)) << "each file by itself";

    const base::TemporaryFolder folder;
    for (const auto& write : {writeTorchScript, writeExportedProgram}) {
        ASSERT_TRUE(write(linearOf(1'000'000), folder.path() / "model")); // 16 MB of zeros
        EXPECT_TRUE(checkZip(base::readFile(folder.path() / "model").value()));
    }
}

} // namespace
} // namespace lathe::formats

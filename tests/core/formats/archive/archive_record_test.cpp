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
                EXPECT_EQ(isWeightDeflated(entry.bytes), entry.isDeflated);
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
    ASSERT_TRUE(isWeightDeflated(static_cast<std::size_t>(weight.byteCount())));
    ASSERT_TRUE(writeTorchScript(graph, folder.path() / "model.pt"));
    ASSERT_TRUE(writeExportedProgram(graph, folder.path() / "model.pt2"));
    const auto script = readTorchScript(folder.path() / "model.pt");
    const auto program = readExportedProgram(folder.path() / "model.pt2");
    ASSERT_TRUE(script && program);
    for (const graph::Graph& read : {script->graph, program->graph})
        EXPECT_EQ(read.value(*read.findValue("fc.weight")).data.toFloats(), weight.toFloats());
}

} // namespace
} // namespace lathe::formats

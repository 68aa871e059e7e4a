#include <core/engine/open_model.h>

#include <chrono>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/base/sandbox.h>
#include <tests/core/engine/sample_model.h>
#include <tests/core/formats/onnx/message.h>
#include <tests/support/archive_bytes.h>

namespace lathe::engine {
namespace {

namespace fs = std::filesystem;

class OpenModelTest : public testing::Test {
protected:
    fs::path write(const std::string& content, const std::string& name = "model.pt") const {
        std::ofstream(m_folder.path() / name, std::ios::binary) << content;
        return m_folder.path() / name;
    }
    /// An ONNX model whose weight is in "weights.bin" beside it.
    fs::path externalModel() const {
        using formats::onnx::Message;
        Message weight;
        weight.number(1, 4).number(2, 1).text(8, "w").number(14, 1);
        weight.message(13, Message().text(1, "location").text(2, "weights.bin"));
        write(std::string(16, 'w'), "weights.bin");
        return write(
            Message().number(1, 8).message(7, Message().message(5, weight)).message(8, Message().text(1, "").number(2, 17)).bytes(),
            "external.onnx");
    }
    base::TemporaryFolder m_folder;
};

TEST_F(OpenModelTest, GivesWhatReadingInThisProcessGives) {
    const auto there = openModel({.file = support::sampleFile()}, {});
    ASSERT_TRUE(there) << there.error().text();
    EXPECT_FALSE(there->shapesProblem);
    EXPECT_TRUE(graph::structurallyEqual(there->model.graph, support::sampleModel().graph));
}

TEST_F(OpenModelTest, FindsTheShapesWithData) {
    const auto read = openModel({.file = support::sampleFile(), .data = support::smallData}, {});
    ASSERT_TRUE(read) << read.error().text();
    const std::vector<graph::Dim> anyBatch{{1, "batch"}, {1, ""}, {32, ""}, {32, ""}};
    EXPECT_EQ(read->model.graph.value(read->model.graph.main.inputs.front()).shape, anyBatch);
    const auto unfit = openModel({.file = fs::path(LATHE_SOURCE_DIR) / "tests/data/torchscript/tied.pt", .data = support::smallData}, {});
    ASSERT_TRUE(unfit) << unfit.error().text();
    ASSERT_TRUE(unfit->shapesProblem);
    EXPECT_TRUE(unfit->shapesProblem->message.text().starts_with("Samples of shape 1x32x32 do not fit the model"))
        << unfit->shapesProblem->message;
}

TEST_F(OpenModelTest, FindsTheShapesWithRandomInput) {
    const auto read = openModel({.file = support::sampleFile(), .data = "random:x=1x32x32"}, {});
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_FALSE(read->shapesProblem) << read->shapesProblem->message;
    const std::vector<graph::Dim> anyBatch{{1, "batch"}, {1, ""}, {32, ""}, {32, ""}};
    EXPECT_EQ(read->model.graph.value(read->model.graph.main.inputs.front()).shape, anyBatch);
    const auto guessed = openModel({.file = support::sampleFile(), .data = "random"}, {});
    ASSERT_TRUE(guessed) << guessed.error().text();
    EXPECT_TRUE(guessed->shapesProblem.value().message.text().ends_with("as in random:x=3x64x64.")) << guessed->shapesProblem->message;
    // Free sizes stay free.
    const auto free = openModel({.file = fs::path(LATHE_SOURCE_DIR) / "tests/data/exported/dynamic_batch.pt2", .data = "random"}, {});
    ASSERT_TRUE(free && !free->shapesProblem);
    const graph::Graph& graph = free->model.graph;
    EXPECT_LT(graph.value(graph.main.inputs.front()).shape.value().front().size, 0);
    EXPECT_TRUE(graph::staticShape(graph.value(graph.main.outputs.front().value())));
}

TEST_F(OpenModelTest, PutsOtherWeightsIn) {
    const fs::path folder = fs::path(LATHE_SOURCE_DIR) / "tests/data/torchscript";
    const auto same = openModel({.file = folder / "lenet_scripted.pt", .weights = folder / "state_dict.pt"}, {});
    ASSERT_TRUE(same) << same.error().text();
    EXPECT_TRUE(same->weightDifferences.empty());
    const auto other = openModel({.file = folder / "tied.pt", .weights = folder / "state_dict.pt"}, {});
    ASSERT_TRUE(other) << other.error().text();
    EXPECT_FALSE(formats::requireFit(other->weightDifferences));
}

/// As caches of model hubs are laid out: names are links to blobs without endings. The sandbox knows where the links lead.
TEST_F(OpenModelTest, AModelThatIsALinkOpens) {
    const fs::path data = fs::path(LATHE_SOURCE_DIR) / "tests/data", blobs = m_folder.path() / "blobs", names = m_folder.path() / "names";
    fs::create_directory(blobs);
    fs::create_directory(names);
    const auto put = [&](const fs::path& file, const std::string& blob) {
        fs::copy_file(file, blobs / blob);
        fs::create_symlink("../blobs/" + blob, names / file.filename());
    };
    put(data / "torchscript/lenet_traced.pt", "1a");
    put(data / "exported/lenet.pt2", "2b");
    put(externalModel(), "3c");
    put(m_folder.path() / "weights.bin", "4d");
    for (const fs::path& original : {data / "torchscript/lenet_traced.pt", data / "exported/lenet.pt2", externalModel()}) {
        const fs::path file = names / original.filename();
        const auto linked = openModel({.file = file}, {}), there = openModel({.file = original}, {});
        const std::string name = original.filename().string();
        ASSERT_TRUE(linked) << name << ": " << linked.error().text();
        ASSERT_TRUE(there) << name << ": " << there.error().text();
        EXPECT_EQ(linked->model.graph.name, file.stem().string());
        EXPECT_TRUE(graph::structurallyEqual(linked->model.graph, there->model.graph)) << name;
        EXPECT_EQ(linked->model.sha256, there->model.sha256) << name;
        EXPECT_EQ(linked->model.fileBytes, there->model.fileBytes) << name;
    }
    fs::remove(blobs / "1a");
    const auto dangling = openModel({.file = names / "lenet_traced.pt"}, {});
    ASSERT_FALSE(dangling);
    EXPECT_EQ(dangling.error().message, "\"lenet_traced.pt\" is a link to \"../blobs/1a\", which does not exist.");
    // Weights may be links too.
    put(data / "torchscript/state_dict.pt", "5e");
    const auto withWeights = openModel({.file = data / "torchscript/lenet_scripted.pt", .weights = names / "state_dict.pt"}, {});
    ASSERT_TRUE(withWeights) << withWeights.error().text();
    EXPECT_TRUE(withWeights->weightDifferences.empty());
}

TEST_F(OpenModelTest, ErrorsKeepCodeAndSentence) {
    const auto missing = openModel({.file = m_folder.path() / "missing.pt"}, {});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, base::ErrorCode::NotFound);
    EXPECT_EQ(openModel({.file = write("")}, {}).error().message, "\"model.pt\" is empty.");
}

// Numbers 20 to 22 of the list of hostile files (core/decisions/0006).

TEST_F(OpenModelTest, AnEndlessLoopIsStopped) {
    const auto file = write(support::torchScriptBytes("    y = x\n    while torch.eq(1, 1):\n      y = torch.neg(y)\n    return y\n"));
    const auto read = openModel({.file = file, .data = support::smallData, .limitSeconds = 3}, {});
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, base::ErrorCode::Rejected);
    EXPECT_EQ(read.error().message, "\"model.pt\" was not opened: reading it and running it once takes longer than 3 s.");
}

TEST_F(OpenModelTest, RunsTheModelOnWhatTheRecipeMakesOfTheData) {
    const std::string images = LATHE_SOURCE_DIR "/tests/data/images";
    const auto stored = openModel({.file = support::sampleFile(), .data = images}, {});
    ASSERT_TRUE(stored) << stored.error().text();
    ASSERT_TRUE(stored->shapesProblem) << "three channels of 45x60 are not what the model takes";
    const auto prepared = openModel(
        {.file = support::sampleFile(), .data = images, .preprocessing = {.crop = {{32, 32}}, .channels = recipe::ChannelOrder::Gray}}, {});
    ASSERT_TRUE(prepared) << prepared.error().text();
    EXPECT_FALSE(prepared->shapesProblem) << prepared->shapesProblem->message;
}

TEST_F(OpenModelTest, ATerabyteIsNotTaken) {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "AddressSanitizer has limits and signal handlers of its own";
#endif
    const auto file = write(support::torchScriptBytes("    return torch.zeros([274877906944])\n"));
    const auto read = openModel({.file = file, .data = support::smallData}, {});
    ASSERT_TRUE(read) << read.error().text();
    ASSERT_TRUE(read->shapesProblem);
    EXPECT_NE(read->shapesProblem->message.text().find("1099511627776 bytes"), std::string::npos) << read->shapesProblem->message;
}

TEST_F(OpenModelTest, AWeightThatRepeatsAFewBytesWithoutEndIsRefused) {
    const auto read = openModel({.file = fs::path(LATHE_SOURCE_DIR) / "tests/data/torchscript/repeated.pt"}, {});
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, base::ErrorCode::Rejected);
    EXPECT_EQ(read.error().message, "\"repeated.pt\" was not opened: its weights take 275 GB when they are written out, but only 4 B "
                                    "are in the file (\"ones\" is 68719476736).");
}

TEST_F(OpenModelTest, DeepSourceEndsOnlyTheReader) {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "AddressSanitizer has limits and signal handlers of its own";
#endif
    const std::string deep = "    return " + std::string(100'000, '(') + "x" + std::string(100'000, ')') + "\n";
    const auto read = openModel({.file = write(support::torchScriptBytes(deep))}, {});
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, base::ErrorCode::Rejected);
    EXPECT_EQ(read.error().message,
              "\"model.pt\" was not opened: it crashes the reader of models (signal 11), which runs apart from everything else.");
}

TEST_F(OpenModelTest, IsCancelledAtOnce) {
    const auto file = write(support::torchScriptBytes("    y = x\n    while torch.eq(1, 1):\n      y = torch.neg(y)\n    return y\n"));
    std::stop_source stop;
    stop.request_stop();
    const auto start = std::chrono::steady_clock::now();
    const auto read = openModel({.file = file, .data = support::smallData}, {stop.get_token(), {}});
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, base::ErrorCode::Cancelled);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20)) << "its limit is a minute";
}

TEST_F(OpenModelTest, AModelThatWritesFilesWritesNone) {
    const fs::path target = m_folder.path() / "written.txt";
    const auto file = write(support::torchScriptBytes("    torch.save(x, \"" + target.string() + "\")\n    return x\n"));
    const auto read = openModel({.file = file, .data = support::smallData}, {});
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_FALSE(read->model.report.runs);
    ASSERT_TRUE(read->shapesProblem);
    EXPECT_NE(read->shapesProblem->message.text().find("aten::save reaches out of the model"), std::string::npos)
        << read->shapesProblem->message;
    EXPECT_FALSE(fs::exists(target));
}

} // namespace
} // namespace lathe::engine

#include <core/formats/model_file.h>

#include <fstream>

#include <gtest/gtest.h>

#include <core/base/files.h>

namespace lathe::formats {
namespace {

using namespace std::string_literals;
namespace fs = std::filesystem;

fs::path fixture(const std::string& name) { return fs::path(LATHE_SOURCE_DIR) / "tests/data/torchscript" / name; }

TEST(OpenModel, TellsGraphReportHashAndSize) {
    const auto opened = openModel(fixture("lenet_traced.pt"));
    ASSERT_TRUE(opened) << opened.error().text();
    EXPECT_EQ(opened->graph.name, "lenet_traced");
    EXPECT_EQ(opened->report.format, "torchscript");
    EXPECT_TRUE(opened->report.runs);
    EXPECT_EQ(opened->sha256, base::sha256OfFile(fixture("lenet_traced.pt")).value());
    EXPECT_EQ(opened->fileBytes, static_cast<std::int64_t>(fs::file_size(fixture("lenet_traced.pt"))));
}

TEST(OpenModel, GoesByContentAndNotByName) {
    const base::TemporaryFolder folder;
    fs::copy_file(fixture("tied.pt"), folder.path() / "model.onnx");
    EXPECT_TRUE(openModel(folder.path() / "model.onnx"));
}

std::vector<std::string> inputNames(const graph::Graph& graph) {
    std::vector<std::string> names;
    for (const graph::ValueId id : graph.main.inputs) {
        EXPECT_EQ(graph.value(id).type, graph::TypeKind::Tensor) << graph.value(id).name;
        names.push_back(graph.value(id).name);
    }
    return names;
}

TEST(OpenModel, InputsAreTensors) {
    const auto named = openModel(fixture("named_inputs.pt"));
    ASSERT_TRUE(named) << named.error().text();
    EXPECT_EQ(inputNames(named->graph), (std::vector<std::string>{"x", "mask", "state_0", "state_1"})) << "what may be left out is";
    const auto listed = openModel(fixture("list_of_images.pt"));
    ASSERT_TRUE(listed) << listed.error().text();
    EXPECT_EQ(inputNames(listed->graph), (std::vector<std::string>{"images"}));
    EXPECT_TRUE(listed->report.runs);
    EXPECT_EQ(listed->report.notes.size(), 1U);
}

TEST(OpenModel, RefusesWeightsWithoutModel) {
    const auto opened = openModel(fixture("state_dict.pt"));
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, base::ErrorCode::Rejected);
    EXPECT_NE(opened.error().message.text().find("state dict"), std::string::npos);
}

TEST(OpenModel, AnyDamageIsOneSentence) {
    const base::TemporaryFolder folder;
    const std::string whole = base::readFile(fixture("lenet_scripted.pt")).value();
    const fs::path file = folder.path() / "damaged.pt";
    int refused = 0;
    // A byte of every part of the file in turn; some of them (a weight, padding) do not matter to anybody.
    for (std::size_t at = 0; at < whole.size(); at += 211) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(~damaged[at]);
        std::ofstream(file, std::ios::binary) << damaged;
        const auto opened = openModel(file);
        if (opened) continue;
        ++refused;
        const std::string message = opened.error().message.text();
        EXPECT_EQ(opened.error().code, base::ErrorCode::Rejected) << message;
        EXPECT_EQ(message.find('\n'), std::string::npos) << message;
        EXPECT_EQ(message.find("frame #"), std::string::npos) << message;
        EXPECT_EQ(message.find("Exception raised from"), std::string::npos) << message;
        EXPECT_TRUE(message.ends_with(".")) << message;
    }
    EXPECT_GT(refused, 5);
}

} // namespace
} // namespace lathe::formats

#include <core/formats/torchscript/custom_operators.h>

#include <algorithm>
#include <filesystem>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/data/npz.h>
#include <core/formats/model_file.h>
#include <core/runtime/plan_torch.h>

namespace lathe::formats {
namespace {

namespace fs = std::filesystem;

fs::path fixture(const std::string& name) { return fs::path(LATHE_SOURCE_DIR) / "tests/data/vision" / name; }

/// That the model gives what PyTorch with torchvision gave.
void expectAsTorchvision(const fs::path& file) {
    const auto arrays = data::readNpz(fixture("tensors.npz"));
    ASSERT_TRUE(arrays) << arrays.error().text();
    const auto array = [&](const char* name) { return runtime::toAten(arrays->at(name)); };
    const auto model = openModel(file);
    ASSERT_TRUE(model) << model.error().text();
    EXPECT_TRUE(model->report.runs) << file << ": " << model->report.problems.front().reason;
    auto plan = runtime::Plan::compile(model->graph, {});
    ASSERT_TRUE(plan) << plan.error().text();
    const auto outputs = plan->run(std::vector<c10::IValue>{array("x"), array("boxes"), array("scores")});
    ASSERT_TRUE(outputs) << outputs.error().text();
    std::vector<c10::IValue> parts = *outputs;
    if (parts.size() == 1 && parts[0].isTuple()) parts = parts[0].toTupleRef().elements().vec();
    ASSERT_EQ(parts.size(), 2U) << file;
    EXPECT_TRUE(at::allclose(parts[0].toTensor(), array("regions"), 1e-4, 1e-5)) << file;
    EXPECT_TRUE(at::equal(parts[1].toTensor(), array("kept"))) << file;
}

TEST(CustomOperators, ThoseOfTorchvisionRunFromEachFormatAndGoToEach) {
    const base::TemporaryFolder folder;
    for (const char* name : {"scripted.pt", "traced.pt", "exported.pt2"}) {
        expectAsTorchvision(fixture(name));
        const auto model = openModel(fixture(name));
        ASSERT_TRUE(model) << model.error().text();
        const auto written = writeTorchScript(model->graph, folder.path() / "again.pt");
        ASSERT_TRUE(written) << written.error().text();
        expectAsTorchvision(folder.path() / "again.pt");
        if (fs::path(name) == "scripted.pt") continue; // asks what it is given, which the others cannot say
        const auto asOnnx = writeOnnx(model->graph, folder.path() / "again.onnx");
        ASSERT_TRUE(asOnnx) << name << ": " << asOnnx.error().text();
        expectAsTorchvision(folder.path() / "again.onnx");
        const auto again = openModel(folder.path() / "again.onnx");
        ASSERT_TRUE(again) << again.error().text();
        EXPECT_EQ(again->graph.value(again->graph.main.outputs[1].value()).dtype, tensor::DType::Int64) << name;
    }
    const auto exported = openModel(fixture("exported.pt2"));
    const auto written = writeExportedProgram(exported->graph, folder.path() / "again.pt2");
    ASSERT_TRUE(written) << written.error().text();
    expectAsTorchvision(folder.path() / "again.pt2");
}

TEST(CustomOperators, OnlyThoseThatNobodyKnowsAreMarked) {
    for (int attempt = 0; attempt < 2; ++attempt) {
        const auto model = openModel(fixture("unknown_operators.pt"));
        ASSERT_TRUE(model) << model.error().text();
        std::vector<std::string> marked, others;
        for (const OperatorCount& each : model->report.operators)
            (each.isSupported ? others : marked).push_back(each.op);
        std::ranges::sort(marked);
        EXPECT_EQ(marked, (std::vector<std::string>{"lathe_test::halves", "lathe_test::twice"}));
        EXPECT_EQ(others.size(), 3U) << "linear, relu, add";
        ASSERT_EQ(model->report.problems.size(), 2U);
        EXPECT_EQ(model->report.problems[0].reason, "The operator lathe_test::twice is not known.");
        EXPECT_FALSE(model->report.runs);
        const auto linear = model->graph.findNode("linear");
        ASSERT_NE(linear, nullptr);
        EXPECT_EQ(linear->op, "aten::linear");
        const auto plan = runtime::Plan::compile(model->graph, {});
        ASSERT_FALSE(plan);
        EXPECT_NE(plan.error().message.text().find("lathe_test::"), std::string::npos) << plan.error().message;
    }
}

TEST(CustomOperators, NothingIsDeclaredForOtherFiles) {
    EXPECT_FALSE(declareCustomOperators(fixture("tensors.npz")));
    EXPECT_FALSE(declareCustomOperators(fixture("no such file")));
    EXPECT_FALSE(declareCustomOperators(fixture("traced.pt"))) << "what it calls is known";
}

} // namespace
} // namespace lathe::formats

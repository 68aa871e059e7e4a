#include <core/engine/export_model.h>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/engine/comparison.h>
#include <core/history/history.h>
#include <tests/core/engine/sample_model.h>

namespace lathe::engine {
namespace {

namespace fs = std::filesystem;
using history::ExportVerdict;

TEST(ExportTorchScript, IsSmallerAndCheckedInANewProcess) {
    const base::TemporaryFolder folder;
    ModelExportRequest request;
    request.file = folder.path() / "int8.pt";
    request.recipe =
        support::recipeOf(R"({"lathe": 1, "steps": [{"op": "fuse.conv_relu"}, {"op": "fuse.linear_relu"}, {"op": "quantize.static"}]})");
    request.data = support::smallData;
    const auto reply = exportModel(request, support::sampleModel(), {});
    ASSERT_TRUE(reply) << reply.error().text();
    EXPECT_EQ(static_cast<std::uintmax_t>(reply->bytes), fs::file_size(request.file));
    EXPECT_GT(*reply->sizeRatio(), 3);
    ASSERT_EQ(reply->checks.size(), 1U);
    EXPECT_EQ(reply->checks[0].verdict, ExportVerdict::Same);
    EXPECT_GE(*reply->checks[0].agreement, 0.995);
    EXPECT_GT(*reply->checks[0].loadMs, 0);
}

TEST(ExportExportedProgram, IsSmallerTakesAnyBatchAndIsCheckedInANewProcess) {
    const base::TemporaryFolder folder;
    ModelExportRequest request;
    request.file = folder.path() / "int8.pt2";
    request.to = "pt2";
    request.recipe =
        support::recipeOf(R"({"lathe": 1, "steps": [{"op": "fuse.conv_relu"}, {"op": "fuse.linear_relu"}, {"op": "quantize.static"}]})");
    request.data = support::smallData;
    const auto reply = exportModel(request, support::sampleModel(), {});
    ASSERT_TRUE(reply) << reply.error().text();
    EXPECT_EQ(static_cast<std::uintmax_t>(reply->bytes), fs::file_size(request.file));
    EXPECT_GT(*reply->sizeRatio(), 2.5);
    ASSERT_EQ(reply->checks.size(), 1U);
    EXPECT_EQ(reply->checks[0].judge, "lathe");
    EXPECT_EQ(reply->checks[0].verdict, ExportVerdict::Same);
    EXPECT_EQ(*reply->checks[0].agreement, 1);
    const auto again = formats::openModel(request.file);
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(again->graph.value(again->graph.main.inputs[0]).shape->at(0).symbol, "batch");
}

TEST(ExportModel, OfSeveralOutputsTheFirstIsChecked) {
    const base::TemporaryFolder folder;
    formats::OpenedModel model = support::sampleModel();
    model.graph.main.outputs.emplace_back(model.graph.findNode("fc2")->results[0]);
    for (const auto& [to, name] : {std::pair{"torchscript", "two.pt"}, std::pair{"pt2", "two.pt2"}, std::pair{"onnx", "two.onnx"}}) {
        ModelExportRequest request;
        request.file = folder.path() / name;
        request.to = to;
        request.data = support::smallData;
        const auto reply = exportModel(request, model, {});
        ASSERT_TRUE(reply) << name << ": " << reply.error().text();
        ASSERT_EQ(reply->checks.size(), 1U);
        EXPECT_EQ(reply->checks[0].verdict, ExportVerdict::Same) << name;
    }
}

/// The data is not even looked for.
TEST(ExportModel, WhatAFormatCannotSayIsRefusedBeforeAnythingIsComputed) {
    const base::TemporaryFolder folder;
    const auto model = formats::openModel(fs::path(LATHE_SOURCE_DIR) / "tests/data/torchscript/containers.pt");
    ASSERT_TRUE(model) << model.error().text();
    for (const auto& [to, name] : {std::pair{"pt2", "torch.export (.pt2)"}, std::pair{"onnx", "ONNX (.onnx)"}}) {
        ModelExportRequest request;
        request.file = folder.path() / "exported";
        request.to = to;
        request.data = "no such data";
        request.recipe = support::recipeOf(R"({"lathe": 1, "steps": [{"op": "quantize.static"}]})");
        const auto reply = exportModel(request, *model, {});
        ASSERT_FALSE(reply);
        EXPECT_EQ(reply.error().code, base::ErrorCode::Unsupported);
        EXPECT_EQ(reply.error().message, std::string("loop (prim::Loop) decides while the model runs what is computed, which cannot be "
                                                     "written as ") +
                                             name + "; TorchScript can say it.");
    }
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(ExportTorchScript, IntoAMissingFolderLeavesNothing) {
    const base::TemporaryFolder folder;
    ModelExportRequest request;
    request.file = folder.path() / "no" / "x.pt";
    const auto reply = exportModel(request, support::sampleModel(), {});
    ASSERT_FALSE(reply);
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

/// Recorded where it belongs, and good all the same where it cannot be recorded.
TEST(ExportHistory, TheExportOfARunIsLinkedToIt) {
    const base::TemporaryFolder folder;
    const fs::path historyFile = folder.path() / "history.sqlite";
    ComparisonRequest run;
    run.modelFile = support::sampleFile();
    run.recipe = support::recipeOf(R"({"lathe": 1, "steps": [{"op": "fuse.conv_relu"}]})");
    run.data = support::smallData;
    run.history = historyFile;
    const auto document = runComparison(run, support::sampleModel(), {});
    ASSERT_TRUE(document) << document.error().text();

    ModelExportRequest request;
    request.file = folder.path() / "fused.pt";
    request.modelFile = run.modelFile;
    request.recipe = run.recipe;
    request.data = run.data;
    request.history = historyFile;
    const auto reply = exportModel(request, support::sampleModel(), {});
    ASSERT_TRUE(reply) << reply.error().text();
    EXPECT_EQ(reply->runId, document->historyIds.at(1));

    request.file = folder.path() / "other.pt";
    request.seed = 1;
    const auto other = exportModel(request, support::sampleModel(), {});
    ASSERT_TRUE(other) << other.error().text();
    EXPECT_EQ(other->runId, "");

    const auto store = history::History::open(historyFile);
    ASSERT_TRUE(store);
    EXPECT_EQ(store->exports()->size(), 2U);
    const auto row = store->run(reply->runId);
    ASSERT_TRUE(row);
    ASSERT_EQ(row->exports.size(), 1U);
    const history::ExportedFile& exported = row->exports[0];
    EXPECT_EQ(exported.file, (folder.path() / "fused.pt").string());
    EXPECT_EQ(exported.format, "torchscript");
    EXPECT_EQ(exported.sha256, base::sha256OfFile(exported.file).value());
    EXPECT_EQ(exported.bytes, reply->bytes);
    EXPECT_EQ(static_cast<std::uintmax_t>(exported.originalBytes), fs::file_size(support::sampleFile()));
    EXPECT_EQ(exported.checks, reply->checks);
}

TEST(ExportHistory, AHistoryThatCannotBeWrittenDoesNotStopTheExport) {
    const base::TemporaryFolder folder;
    ModelExportRequest request;
    request.file = folder.path() / "x.pt";
    request.history = folder.path(); // a folder is no history
    const auto reply = exportModel(request, support::sampleModel(), {});
    ASSERT_TRUE(reply) << reply.error().text();
    EXPECT_EQ(reply->runId, "");
    EXPECT_TRUE(fs::exists(request.file));
}

} // namespace
} // namespace lathe::engine

#include <core/engine/export_model.h>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/data/npz.h>
#include <tests/core/engine/sample_model.h>

namespace lathe::engine {
namespace {

TEST(ExportTorchScript, IsSmallerAndCheckedInANewProcess) {
    const base::TemporaryFolder folder;
    ModelExportRequest request;
    request.file = folder.path() / "int8.pt";
    request.recipe =
        support::recipeOf(R"({"lathe": 1, "steps": [{"op": "fuse.conv_relu"}, {"op": "fuse.linear_relu"}, {"op": "quantize.static"}]})");
    request.data = support::smallData;
    const auto reply = exportModel(request, support::sampleModel(), {});
    ASSERT_TRUE(reply) << reply.error().text();
    EXPECT_EQ(static_cast<std::uintmax_t>(reply->bytes), std::filesystem::file_size(request.file));
    EXPECT_GT(*reply->sizeRatio, 3);
    ASSERT_EQ(reply->checks.size(), 1U);
    EXPECT_TRUE(reply->checks[0].ok);
    EXPECT_GE(*reply->checks[0].agreement, 0.995);
    EXPECT_GT(*reply->loadMs, 0);
}

TEST(ExportTorchScript, IntoAMissingFolderLeavesNothing) {
    const base::TemporaryFolder folder;
    ModelExportRequest request;
    request.file = folder.path() / "no" / "x.pt";
    const auto reply = exportModel(request, support::sampleModel(), {});
    ASSERT_FALSE(reply);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(WriteOutputsOfExport, SaysWhatLibTorchCannotLoad) {
    const base::TemporaryFolder folder;
    ASSERT_TRUE(base::writeFile(folder.path() / "x.pt", "no model"));
    ASSERT_TRUE(data::writeNpz(folder.path() / "in.npz", {{"input", tensor::Tensor::zeros(tensor::DType::Float32, {1, 1, 32, 32})}}));
    const auto result = writeOutputsOfExport(folder.path() / "x.pt", folder.path() / "in.npz", folder.path() / "out.npz");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, base::ErrorCode::Rejected);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "out.npz"));
}

} // namespace
} // namespace lathe::engine

// Small models of the usual families in each format against what PyTorch computes (tests/data/make_conformance_fixtures.py). The fast part
// of tests/bench/conformance.py, which takes the models in their real sizes.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <core/data/npz.h>
#include <core/formats/model_file.h>
#include <core/runtime/plan_torch.h>

namespace lathe::formats {
namespace {

namespace fs = std::filesystem;

class Conformance : public testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(Conformance, OpensRunsAndGivesTheSame) {
    const auto [name, ending] = GetParam();
    const fs::path folder = fs::path(LATHE_SOURCE_DIR) / "tests/data/conformance";
    const auto arrays = data::readNpz(folder / (std::string(name) + ".npz"));
    ASSERT_TRUE(arrays) << arrays.error().text();
    const auto model = openModel(folder / (std::string(name) + ending));
    ASSERT_TRUE(model) << model.error().text();
    EXPECT_TRUE(model->report.problems.empty());
    auto plan = runtime::Plan::compile(model->graph, {});
    ASSERT_TRUE(plan) << plan.error().text();
    const auto output = plan->runTensor(runtime::toAten(arrays->at("input0")));
    ASSERT_TRUE(output) << output.error().text();
    const at::Tensor expected = runtime::toAten(arrays->at("output0"));
    ASSERT_EQ(output->sizes(), expected.sizes());
    EXPECT_LE((*output - expected).abs().max().item<double>(), 1e-3 * expected.abs().max().item<double>());
}

INSTANTIATE_TEST_SUITE_P(Families, Conformance,
                         testing::Combine(testing::Values("convnext", "densenet", "efficientnet", "mobilenet_v2", "mobilenet_v3", "resnet",
                                                          "shufflenet", "swin", "vit"),
                                          testing::Values(".pt", ".pt2", ".onnx")),
                         [](const auto& parameters) {
                             return std::string(std::get<0>(parameters.param)) + "_" + (std::get<1>(parameters.param) + 1);
                         });

} // namespace
} // namespace lathe::formats

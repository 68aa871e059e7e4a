#include <core/formats/fused_attention.h>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include <core/base/files.h>
#include <core/formats/torchscript/reader.h>
#include <core/runtime/plan_torch.h>

namespace lathe::formats {
namespace {

std::string layerCall(bool gelu, bool normFirst, const std::string& mask) {
    return "torch._transformer_encoder_layer_fwd(x, 16, 4, self.w_in, self.b_in, self.w_out, self.b_out, " +
           std::string(gelu ? "True" : "False") + ", " + (normFirst ? "True" : "False") +
           ", 1e-05, self.n, self.b, self.n, self.b, self.w1, self.b1, self.w2, self.b, " + mask + ")";
}
std::string attentionCall(const std::string& rest) {
    return "torch._native_multi_head_attention(x, x, x, 16, 4, self.w_in, self.b_in, self.w_out, self.b_out, " + rest + ")";
}

void expectSame(const std::string& call, bool isApart) {
    at::manual_seed(1);
    torch::jit::Module module("Model");
    const auto add = [&](const char* name, at::IntArrayRef shape) { module.register_parameter(name, at::randn(shape) * 0.3, false); };
    add("w_in", {48, 16});
    add("b_in", {48});
    add("w_out", {16, 16});
    add("b_out", {16});
    add("n", {16});
    add("b", {16});
    add("w1", {32, 16});
    add("b1", {32});
    add("w2", {16, 32});
    module.register_buffer("keys", at::tensor({0, 0, 0, 0, 1, 0, 0, 0, 1, 1}).reshape({2, 5}).to(at::kBool));
    module.register_buffer("causal", at::ones({5, 5}).triu(1).to(at::kBool));
    module.define("def forward(self, x):\n    return " + call + "\n");
    const base::TemporaryFolder folder;
    module.save((folder.path() / "model.pt").string());
    const auto model = readTorchScript(folder.path() / "model.pt");
    ASSERT_TRUE(model) << model.error().text();
    bool isFused = false;
    graph::forEachNode(model->graph, [&](const graph::Node& node) { isFused = isFused || node.op.starts_with("aten::_"); });
    EXPECT_EQ(isFused, !isApart) << graph::text(model->graph);
    const at::NoGradGuard noGradients;
    const at::Tensor input = at::randn({2, 5, 16});
    const at::Tensor expected = module.forward({input}).toTensor();
    auto plan = runtime::Plan::compile(model->graph, {});
    ASSERT_TRUE(plan) << plan.error().text();
    const std::vector<c10::IValue> inputs{input};
    const auto outputs = plan->run(inputs);
    ASSERT_TRUE(outputs) << outputs.error().text();
    EXPECT_TRUE(outputs->front().toTensor().allclose(expected, 1e-4, 1e-4)) << graph::text(model->graph);
}

TEST(FusedAttention, EncoderLayersAreTheSameInParts) {
    for (const bool gelu : {false, true}) {
        for (const bool normFirst : {false, true})
            expectSame(layerCall(gelu, normFirst, "None, None"), true);
    }
}

TEST(FusedAttention, MasksOfBothKinds) {
    expectSame(layerCall(true, false, "self.causal, 0"), true);
    expectSame(layerCall(true, false, "self.keys, 1"), true);
}

TEST(FusedAttention, SelfAttentionIsTheSameInParts) {
    expectSame(attentionCall("None, False, True, None") + "[0]", true);
    expectSame(attentionCall("self.keys, False, True, 1") + "[0]", true);
}

TEST(FusedAttention, WhereTheWeightsOfTheAttentionAreAskedForItStays) {
    expectSame(attentionCall("None, True, True, None") + "[1]", false);
}

} // namespace
} // namespace lathe::formats

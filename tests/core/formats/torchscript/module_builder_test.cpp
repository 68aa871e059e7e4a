#include <core/formats/torchscript/module_builder_torch.h>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lathe::formats {
namespace {

using Role = ModuleBuilder::Role;

/// forward(x) = x + the sum of these attributes.
struct Sum {
    std::shared_ptr<torch::jit::Graph> graph = std::make_shared<torch::jit::Graph>();
    ModuleBuilder modules{graph};
    torch::jit::Value* sum = graph->addInput("x");

    void add(const std::string& path, const at::Tensor& tensor, Role role = Role::Parameter) {
        sum = graph->insert(c10::aten::add, {sum, modules.add(path, tensor, role)});
    }
    torch::jit::Module build() {
        graph->registerOutput(sum);
        return modules.build("Sum");
    }
};

TEST(ModuleBuilder, MakesATreeFromPaths) {
    Sum sum;
    sum.add("scale", at::ones({1}), Role::Buffer);
    sum.add("layer.0.weight", at::ones({1}) * 2);
    sum.add("layer.1.weight", at::ones({1}) * 3);
    torch::jit::Module module = sum.build();
    EXPECT_EQ(module.forward({at::zeros({1})}).toTensor().item<float>(), 6);
    std::vector<std::string> parameters, buffers;
    for (const auto& parameter : module.named_parameters())
        parameters.push_back(parameter.name);
    for (const auto& buffer : module.named_buffers())
        buffers.push_back(buffer.name);
    EXPECT_EQ(parameters, (std::vector<std::string>{"layer.0.weight", "layer.1.weight"}));
    EXPECT_EQ(buffers, (std::vector<std::string>{"scale"}));
}

TEST(ModuleBuilder, EqualModulesShareAClass) {
    Sum sum;
    sum.add("a.weight", at::ones({1}));
    sum.add("b.weight", at::ones({2, 1}));
    sum.add("c.bias", at::ones({1}));
    const torch::jit::Module module = sum.build();
    const auto type = [&](const char* name) { return module.attr(name).toModule().type(); };
    EXPECT_EQ(type("a"), type("b"));
    EXPECT_NE(type("a"), type("c"));
}

TEST(ModuleBuilder, LeavesOutWhatIsNotUsed) {
    Sum sum;
    sum.modules.add("unused.weight", at::ones({1}), Role::Parameter);
    sum.add("used.weight", at::ones({1}));
    const torch::jit::Module module = sum.build();
    EXPECT_FALSE(module.hasattr("unused"));
    EXPECT_TRUE(module.hasattr("used"));
}

TEST(ModuleBuilder, TakenNamesGetANumber) {
    Sum sum;
    sum.add("weight", at::ones({1}));
    sum.add("weight", at::ones({1}));
    sum.add("forward", at::ones({1}));
    const torch::jit::Module module = sum.build();
    EXPECT_TRUE(module.hasattr("weight_1"));
    EXPECT_TRUE(module.hasattr("forward_1"));
}

} // namespace
} // namespace lathe::formats

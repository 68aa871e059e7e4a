#include <core/formats/exported_program/metadata.h>

#include <gtest/gtest.h>

namespace lathe::formats {
namespace {

TEST(ModuleCall, IsTheInnermostModule) {
    const auto call =
        moduleCall("L__self__,,m.Net;L__self__layer1,layer1,torch.nn.Sequential;L__self__layer1.0.relu@1,layer1.0.relu,torch.nn.ReLU");
    EXPECT_EQ(call.scope, "layer1.0.relu");
    EXPECT_EQ(call.key, "L__self__layer1.0.relu@1");
    EXPECT_EQ(moduleCall("L__self__,,m.Net").scope, "");
    EXPECT_EQ(moduleCall("L__self__,,m.Net").key, "");
    EXPECT_EQ(moduleCall("139753686778256,L['self'].bn,torch.nn.BatchNorm2d").scope, "bn");
    EXPECT_EQ(moduleCall("_empty_nn_module_stack_from_metadata_hook,_empty_nn_module_stack_from_metadata_hook,x").scope, "");
    EXPECT_EQ(moduleCall("").scope, "");
    EXPECT_EQ(moduleCall(";;,,,;").scope, "");
}

TEST(SourceLine, IsTheInnermostOneOfTheModel) {
    const auto line = sourceLine("File \"/home/me/net.py\", line 11, in forward\n    x = self.block(x)\n"
                                 "  File \"/home/me/block.py\", line 6, in forward\n    y = self.conv(x)\n"
                                 "  File \"/usr/lib/python3/site-packages/torch/nn/modules/conv.py\", line 553, in forward\n    return\n"
                                 "  File \"<eval_with_key>.5\", line 2, in forward\n");
    EXPECT_EQ(line, (graph::SourceLocation{"/home/me/block.py", 6}));
    for (const char* text : {"", "File \"", "File \"x\", line ", "File \"x\", line -3", "File \"x\", line 99999999999999", "no file"})
        EXPECT_EQ(sourceLine(text), graph::SourceLocation{}) << text;
}

TEST(SymbolText, IsReadable) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"Symbol('s77', positive=True, integer=True)", "s77"},
        {"Mul(Integer(2), Symbol('s0', positive=True, integer=True))", "2*s0"},
        {"Add(Mul(Integer(2), Symbol('s0', integer=True)), Integer(-1))", "2*s0 + -1"},
        {"Mul(Integer(3), Add(Symbol('a'), Integer(1)))", "3*(a + 1)"},
        {"FloorDiv(Symbol('s0', positive=True, integer=True), Integer(2))", "s0//2"},
        {"Max(Integer(1), Symbol('u0', integer=True))", "Max(1, u0)"},
        {"s0 + 1", "s0 + 1"},
        {"__import__('os').system('true')", "__import__('os').system('true')"},
        {"Add(", "Add("},
        {"", ""},
    };
    for (const auto& [expression, text] : cases)
        EXPECT_EQ(symbolText(expression), text) << expression;
    std::string deep;
    for (int i = 0; i < 100'000; ++i)
        deep += "Add(";
    EXPECT_EQ(symbolText(deep).size(), 200U);
}

} // namespace
} // namespace lathe::formats

#include <core/runtime/lowering/patterns/static_convolution.h>

#include <gtest/gtest.h>

#include <tests/core/runtime/real_and_simulated.h>

namespace lathe::runtime::testing {
namespace {

TEST(Lower, EveryFormOfConvolution) {
    const Grid in{0.05, 60, 0, 127};
    const Grid out{0.04, 50, 0, 127};
    struct Case {
        std::int64_t channels, outputs;
        Ints kernel;
        ConvForm form;
    };
    const std::vector<Case> cases = {
        {1, 1, {1, 1}, {}},
        {3, 8, {3, 3}, {{1, 1}, {1, 1}}},
        {7, 17, {3, 2}, {{2, 1}, {0, 1}}},
        {4, 6, {3, 3}, {{1, 1}, {2, 2}, {2, 2}}},
        {6, 9, {3, 3}, {{1, 2}, {1, 1}, {1, 1}, 3}},
        {8, 8, {3, 3}, {{1, 1}, {1, 1}, {1, 1}, 8}},
        {5, 16, {5, 5}, {{1, 1}, {2, 2}, {1, 1}, 1, WeightForm::PerTensor}},
        {5, 12, {1, 3}, {{1, 1}, {0, 0}, {1, 1}, 1, WeightForm::PerChannelUnsigned, false}},
        {32, 40, {3, 3}, {{2, 2}, {1, 1}}},
    };
    for (const Case& test : cases) {
        for (const auto op : {graph::op::conv2d, graph::op::conv2dRelu}) {
            for (const bool quantizesOutput : {true, false}) {
                Graph graph;
                auto value = addPair(graph, "in", graph.addInput("x"), in);
                value = addQuantizedConv(graph, "conv", value, test.channels, test.outputs, test.kernel, test.form, op);
                graph.main.outputs.emplace_back(quantizesOutput ? addPair(graph, "out", value, out) : value);
                for (const std::int64_t batch : {0, 1, 3}) {
                    const at::Tensor x = at::randn({batch, test.channels, 9, 11});
                    SCOPED_TRACE("channels " + std::to_string(test.channels) + ", batch " + std::to_string(batch));
                    expectSameWithinAStep(graph, x, quantizesOutput ? out.scale : 1e-4);
                    if (quantizesOutput) expectSameWithinAStep(graph, x, out.scale, "fbgemm");
                }
                const InstructionInfo info = *infoOf(compiled(graph), "conv");
                EXPECT_TRUE(info.isReal);
                EXPECT_NE(info.kernel.find("int8 conv2d"), std::string::npos) << info.kernel;
            }
        }
    }
}

TEST(Lower, ActivationsWithTwoBoundsAreTakenIn) {
    const Grid in{0.05, 60, 0, 127}, out{0.02, 10, 0, 255};
    for (const auto& [op, bounds] : std::vector<std::pair<std::string, std::vector<Operand>>>{
             {"aten::hardtanh", {real(0), real(0.6)}}, {"aten::relu6", {}}, {"aten::clamp", {real(-0.1), none()}}}) {
        for (const std::int64_t groups : {1, 8}) {
            Graph graph;
            auto value = addPair(graph, "in", graph.addInput("x"), in);
            value = addQuantizedConv(graph, "conv", value, 8, 8, {3, 3}, {{1, 1}, {1, 1}, {1, 1}, groups});
            std::vector<Operand> operands = {value};
            operands.insert(operands.end(), bounds.begin(), bounds.end());
            value = graph.addNode(op, "activation", operands).results[0];
            graph.main.outputs.emplace_back(addPair(graph, "out", value, out));
            SCOPED_TRACE(op);
            expectSameWithinAStep(graph, at::randn({2, 8, 9, 11}), out.scale);
            const Plan plan = compiled(graph);
            EXPECT_EQ(plan.instructions().size(), 3u) << "quantize, conv, dequantize";
            EXPECT_NE(infoOf(plan, "conv")->kernel.find("int8 conv2d+clamp"), std::string::npos) << infoOf(plan, "conv")->kernel;
        }
    }
}

} // namespace
} // namespace lathe::runtime::testing

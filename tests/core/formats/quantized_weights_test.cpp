#include <core/formats/quantized_weights_torch.h>

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <gtest/gtest.h>

#include <core/graph/operators/names.h>
#include <tests/support/graphs.h>

namespace lathe::formats {
namespace {

namespace op = graph::op;
using graph::Literal;
using support::number;

class QuantizedWeightsTest : public testing::Test {
protected:
    JitValues& values() {
        m_values.emplace(m_graph, *m_target, m_modules);
        return *m_values;
    }
    const graph::Node& last() const { return m_graph.main.nodes.back(); }
    void perTensor(const tensor::Tensor& stored, std::int64_t zeroPoint, const char* dtype) {
        m_graph.addNode(std::string(op::dequantizePerTensor), "dequantize",
                        {m_graph.addWeight("w", stored, false), Literal(0.5), number(zeroPoint), number(-128), number(255),
                         Literal(std::string(dtype))});
    }

    graph::Graph m_graph;
    std::shared_ptr<torch::jit::Graph> m_target = std::make_shared<torch::jit::Graph>();
    ModuleBuilder m_modules{m_target};
    std::optional<JitValues> m_values;
};

TEST_F(QuantizedWeightsTest, SignedBytesAreKept) {
    perTensor(tensor::Tensor::of<std::int8_t>({2, 2}, {-128, 0, 1, 127}), 3, "int8");
    const auto weight = quantizedWeight(m_graph, last(), values());
    ASSERT_TRUE(weight);
    EXPECT_TRUE(at::equal(weight->int_repr(), at::tensor({-128, 0, 1, 127}, at::kChar).reshape({2, 2})));
    EXPECT_TRUE(at::equal(weight->dequantize(), at::tensor({-65.5F, -1.5F, -1.0F, 62.0F}).reshape({2, 2})));
}

TEST_F(QuantizedWeightsTest, UnsignedBytesAreShiftedAndMeanTheSame) {
    perTensor(tensor::Tensor::of<std::uint8_t>({3}, {0, 128, 255}), 128, "uint8");
    const auto weight = quantizedWeight(m_graph, last(), values());
    ASSERT_TRUE(weight);
    EXPECT_EQ(weight->scalar_type(), at::kQInt8);
    EXPECT_TRUE(at::equal(weight->dequantize(), at::tensor({-64.0F, 0.0F, 63.5F})));
}

TEST_F(QuantizedWeightsTest, PerChannelAlongItsAxis) {
    const auto stored = m_graph.addWeight("w", tensor::Tensor::of<std::int8_t>({2, 3}, {1, 2, 3, 4, 5, 6}), false);
    const auto scales = m_graph.addWeight("s", tensor::Tensor::of<float>({3}, {1, 10, 100}), false);
    const auto zeroPoints = m_graph.addWeight("z", tensor::Tensor::of<std::int64_t>({3}, {0, 1, 0}), false);
    m_graph.addNode(std::string(op::dequantizePerChannel), "dequantize",
                    {stored, scales, zeroPoints, number(1), number(-127), number(127), Literal(std::string("int8"))});
    const auto weight = quantizedWeight(m_graph, last(), values());
    ASSERT_TRUE(weight);
    EXPECT_TRUE(at::equal(weight->dequantize(), at::tensor({1.0F, 10.0F, 300.0F, 4.0F, 40.0F, 600.0F}).reshape({2, 3})));
}

TEST_F(QuantizedWeightsTest, WiderIntegersAndActivationsAreNone) {
    perTensor(tensor::Tensor::of<std::int32_t>({1}, {7}), 0, "int32");
    EXPECT_FALSE(quantizedWeight(m_graph, last(), values()));
    m_graph.addNode(std::string(op::dequantizePerTensor), "activation",
                    {m_graph.addInput("x"), Literal(0.5), number(0), number(0), number(255), Literal(std::string("uint8"))});
    EXPECT_FALSE(quantizedWeight(m_graph, last(), values()));
}

TEST_F(QuantizedWeightsTest, BiasIsFloatWhateverItIsStoredAs) {
    perTensor(tensor::Tensor::of<std::int32_t>({2}, {4, -4}), 2, "int32");
    const auto plain = m_graph.addWeight("b", tensor::Tensor::of<float>({1}, {7}));
    const auto input = m_graph.addInput("x");
    const graph::UseIndex uses(m_graph);
    const auto stored = floatBias(m_graph, uses, last().results[0], values());
    ASSERT_TRUE(stored && *stored);
    EXPECT_TRUE(at::equal(**stored, at::tensor({1.0F, -3.0F})));
    EXPECT_EQ((*floatBias(m_graph, uses, plain, values()))->item<float>(), 7);
    const auto none = floatBias(m_graph, uses, Literal{}, values());
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
    EXPECT_FALSE(floatBias(m_graph, uses, input, values())) << "a computed bias cannot be packed";
}

TEST_F(QuantizedWeightsTest, PackingLeavesTheEngineAsItWas) {
    const auto before = at::globalContext().qEngine();
    const at::Tensor weight = at::_make_per_tensor_quantized_tensor(at::ones({2, 4}, at::kChar), 0.1, 0);
    EXPECT_TRUE(packLinear(weight, std::nullopt).isCustomClass());
    const at::Tensor filters = at::_make_per_tensor_quantized_tensor(at::ones({2, 1, 3, 3}, at::kChar), 0.1, 0);
    EXPECT_TRUE(packConv2d(filters, at::zeros({2}), {{1, 1}, {0, 0}, {1, 1}, 1}).isCustomClass());
    EXPECT_EQ(at::globalContext().qEngine(), before);
}

} // namespace
} // namespace lathe::formats

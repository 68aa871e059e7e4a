#include <core/runtime/kernels/simulated/qdq_torch.h>

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {
namespace {

using graph::op::chooseQparams;
using graph::op::chooseQparamsSymmetric;

constexpr IntegerRange uint8Range{0, 255, tensor::DType::UInt8};
constexpr IntegerRange reducedRange{0, 127, tensor::DType::UInt8};
constexpr IntegerRange int8Range{-128, 127, tensor::DType::Int8};
constexpr IntegerRange int4Range{-8, 7, tensor::DType::Int8};

/// One number, the obvious way.
std::int64_t slowQuantize(float x, double scale, std::int64_t zeroPoint, const IntegerRange& range) {
    if (std::isnan(x)) return zeroPoint;
    const float scaled = x * static_cast<float>(1.0 / scale);
    double rounded = std::nearbyint(static_cast<double>(scaled)) + static_cast<double>(zeroPoint);
    rounded = std::fmin(std::fmax(rounded, static_cast<double>(range.minimum)), static_cast<double>(range.maximum));
    return static_cast<std::int64_t>(rounded);
}

std::map<std::string, at::Tensor> edgeCases() {
    const float inf = std::numeric_limits<float>::infinity();
    return {
        {"empty", at::empty({0})},
        {"one", at::tensor({0.3f})},
        {"odd count", at::randn({7, 3, 5}) * 3},
        {"ties", at::arange(-20, 21).to(at::kFloat) * 0.05f},
        {"full range", at::linspace(-100, 100, 2001)},
        {"not a number", at::tensor({std::nanf(""), 1.0f, -std::nanf("")})},
        {"infinite", at::tensor({inf, -inf, 0.0f, -0.0f})},
        {"huge", at::tensor({1e30f, -1e30f, 1e-30f})},
        {"not contiguous", at::randn({6, 4}).t()},
    };
}

TEST(Quantize, PerTensorIsTheSlowReference) {
    for (const IntegerRange& range : {uint8Range, reducedRange, int8Range, int4Range}) {
        for (const auto& [scale, zeroPoint] : std::vector<std::pair<double, std::int64_t>>{{0.1, 0}, {0.037, 3}, {5.0, 5}}) {
            for (const auto& [name, input] : edgeCases()) {
                const at::Tensor quantized = quantize(input, scale, zeroPoint, range);
                const at::Tensor restored = dequantize(quantized, scale, zeroPoint);
                ASSERT_EQ(quantized.scalar_type(), scalarType(range.dtype));
                ASSERT_EQ(quantized.sizes(), input.sizes());
                const at::Tensor flatInput = input.reshape({-1});
                const at::Tensor flat = quantized.reshape({-1}).to(at::kLong);
                const at::Tensor flatRestored = restored.reshape({-1});
                for (std::int64_t index = 0; index < flat.numel(); ++index) {
                    const std::int64_t expected = slowQuantize(flatInput[index].item<float>(), scale, zeroPoint, range);
                    ASSERT_EQ(flat[index].item<std::int64_t>(), expected)
                        << name << " scale " << scale << " element " << flatInput[index].item<float>();
                    ASSERT_FLOAT_EQ(flatRestored[index].item<float>(),
                                    static_cast<float>(flat[index].item<std::int64_t>() - zeroPoint) * static_cast<float>(scale));
                }
            }
        }
    }
}

TEST(Quantize, PerChannelIsPerTensorOfEachChannel) {
    const at::Tensor scales = at::tensor({0.1f, 0.02f, 3.0f});
    const at::Tensor zeroPoints = at::tensor({0, 5, -3}, at::kLong);
    for (const std::int64_t axis : {0, 1, -1}) {
        std::vector<std::int64_t> shape = {4, 4, 4};
        shape[static_cast<std::size_t>(axis < 0 ? 2 : axis)] = 3;
        const at::Tensor input = at::randn(shape) * 2;
        const at::Tensor quantized = quantizePerChannel(input, scales, zeroPoints, axis, int8Range);
        const at::Tensor restored = dequantizePerChannel(quantized, scales, zeroPoints, axis);
        for (std::int64_t channel = 0; channel < 3; ++channel) {
            const double scale = scales[channel].item<double>();
            const auto zeroPoint = zeroPoints[channel].item<std::int64_t>();
            const at::Tensor expected = quantize(input.select(axis, channel), scale, zeroPoint, int8Range);
            EXPECT_LE((quantized.select(axis, channel).to(at::kInt) - expected.to(at::kInt)).abs().max().item<int>(), 1);
            EXPECT_GE((quantized.select(axis, channel) == expected).to(at::kFloat).mean().item<float>(), 0.99f);
            EXPECT_TRUE(at::allclose(restored.select(axis, channel), dequantize(quantized.select(axis, channel), scale, zeroPoint)));
        }
    }
    EXPECT_THROW((void)quantizePerChannel(at::zeros({2, 2}), scales, zeroPoints, 0, int8Range), c10::Error);
    EXPECT_THROW((void)quantizePerChannel(at::zeros({3, 2}), scales, zeroPoints, 5, int8Range), c10::Error);
}

TEST(ChooseParameters, CoversTheValuesAndZero) {
    for (const IntegerRange& range : {uint8Range, reducedRange, int8Range}) {
        for (const auto& [low, high] : std::vector<std::pair<float, float>>{{-1, 3}, {0, 5}, {2, 6}, {-7, -1}, {-0.001f, 0.002f}}) {
            const at::Tensor input = at::linspace(low, high, 33);
            for (const quantization::Scheme scheme : {quantization::Scheme::Affine, quantization::Scheme::Symmetric}) {
                const auto [scale, zeroPoint] = chooseParameters(input, range, 1e-9, scheme);
                EXPECT_GE(zeroPoint, range.minimum);
                EXPECT_LE(zeroPoint, range.maximum);
                const at::Tensor restored = dequantize(quantize(input, scale, zeroPoint, range), scale, zeroPoint);
                EXPECT_LE((restored - input).abs().max().item<double>(), scale * 1.001) << low << " to " << high;
                EXPECT_EQ(dequantize(quantize(at::zeros({1}), scale, zeroPoint, range), scale, zeroPoint).item<float>(), 0.0f);
                if (scheme == quantization::Scheme::Affine) {
                    const double expected =
                        (std::max(high, 0.0f) - std::min(low, 0.0f)) / static_cast<double>(range.maximum - range.minimum);
                    EXPECT_NEAR(scale, expected, expected * 1e-6);
                }
            }
        }
    }
}

TEST(ChooseParameters, HasAnAnswerForOddInputs) {
    for (const at::Tensor& input :
         {at::empty({0}), at::tensor({std::nanf(""), 1.0f}), at::tensor({std::numeric_limits<float>::infinity()})}) {
        EXPECT_EQ(chooseParameters(input, uint8Range, 1e-9, quantization::Scheme::Affine), (std::pair<double, std::int64_t>(1.0, 0)));
    }
    EXPECT_EQ(chooseParameters(at::zeros({3}), uint8Range, 0.25, quantization::Scheme::Affine).first, 0.25);
}

TEST(QdqNodes, StaticPairRunsSimulatedAndSaysSo) {
    Graph graph;
    const auto x = graph.addInput("x");
    const std::vector<Operand> more = {real(0.1), integer(10), integer(0), integer(255), word("uint8")};
    std::vector<Operand> operands = {x};
    operands.insert(operands.end(), more.begin(), more.end());
    const auto q = graph.addNode(std::string(graph::op::quantizePerTensor), "q", operands).results[0];
    operands[0] = q;
    graph.main.outputs.emplace_back(graph.addNode(std::string(graph::op::dequantizePerTensor), "dq", operands).results[0]);
    PlanOptions options;
    options.quantization = QuantizationMode::Simulated;
    Plan plan = compiled(graph, options);
    const at::Tensor input = at::randn({50}) * 5;
    EXPECT_TRUE(at::equal(runOn(plan, input), dequantize(quantize(input, 0.1, 10, uint8Range), 0.1, 10)));
    ASSERT_EQ(plan.instructions().size(), 2U);
    for (const InstructionInfo& info : plan.instructions()) {
        EXPECT_FALSE(info.isReal);
        EXPECT_EQ(info.kernel, "simulated in float");
    }
}

TEST(QdqNodes, DynamicChainUsesTheRangeOfThisInput) {
    for (const auto op : {chooseQparams, chooseQparamsSymmetric}) {
        Graph graph;
        const auto x = graph.addInput("x");
        const graph::Node choose = graph.addNode(std::string(op), "choose", {x, integer(-128), integer(127), real(1e-9), word("int8")}, 2);
        const std::vector<Operand> tail = {choose.results[0], choose.results[1], integer(-128), integer(127), word("int8")};
        std::vector<Operand> operands = {x};
        operands.insert(operands.end(), tail.begin(), tail.end());
        const auto q = graph.addNode(std::string(graph::op::quantizePerTensorDynamic), "q", operands).results[0];
        operands[0] = q;
        graph.main.outputs.emplace_back(graph.addNode(std::string(graph::op::dequantizePerTensorDynamic), "dq", operands).results[0]);
        PlanOptions options;
        options.quantization = QuantizationMode::Simulated;
        Plan plan = compiled(graph, options);
        for (const double size : {0.01, 1.0, 300.0}) {
            const at::Tensor input = at::randn({64}) * size;
            const auto [scale, zeroPoint] = chooseParameters(
                input, int8Range, 1e-9, op == chooseQparams ? quantization::Scheme::Affine : quantization::Scheme::Symmetric);
            EXPECT_TRUE(at::equal(runOn(plan, input), dequantize(quantize(input, scale, zeroPoint, int8Range), scale, zeroPoint)));
        }
    }
}

TEST(QdqNodes, MalformedOperandsNameTheNode) {
    for (const std::vector<Operand>& more : std::vector<std::vector<Operand>>{
             {real(0.1), integer(0), integer(0), integer(255)},
             {real(0.1), integer(0), integer(0), integer(255), word("float3")},
             {real(0), integer(0), integer(0), integer(255), word("uint8")},
             {real(std::nan("")), integer(0), integer(0), integer(255), word("uint8")},
             {real(0.1), integer(0), integer(9), integer(3), word("uint8")},
         }) {
        Graph graph;
        std::vector<Operand> operands = {graph.addInput("x")};
        operands.insert(operands.end(), more.begin(), more.end());
        graph.main.outputs.emplace_back(graph.addNode(std::string(graph::op::quantizePerTensor), "act", operands).results[0]);
        const auto plan = Plan::compile(graph, {});
        ASSERT_FALSE(plan);
        EXPECT_EQ(plan.error().code, base::ErrorCode::Rejected);
        EXPECT_TRUE(plan.error().message.text().starts_with("act: ")) << plan.error().message;
    }
}

} // namespace
} // namespace lathe::runtime::testing

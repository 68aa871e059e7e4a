#include <core/runtime/lowering/restored_weights.h>

#include <gtest/gtest.h>

#include <core/quantization/shared_weight.h>
#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {
namespace {

quantization::SharedWeight anyShared(const tensor::Shape& shape, std::int64_t groups) {
    quantization::SharedWeight shared{4, {}, fromAten(at::randn({groups, 16}) * 0.3), shape};
    for (std::int64_t i = 0; i < tensor::elementCount(shape); ++i)
        shared.indices.push_back(static_cast<std::uint8_t>(i * 7 % 16));
    return shared;
}

/// LeNet-5 with shared numbers in conv1 and fc2, and with the plain weights that these stand for.
struct Pair {
    Graph plain = leNet(), shared = plain;

    Pair() {
        graph::Editor editor(shared);
        for (const auto& [name, groups] : {std::pair{"conv1.weight", std::int64_t{3}}, {"fc2.weight", std::int64_t{1}}}) {
            const auto weight = anyShared(plain.value(*plain.findValue(name)).data.shape(), groups);
            plain.value(*plain.findValue(name)).data = quantization::restored(weight);
            quantization::insertLookup(editor, *shared.findValue(name), weight);
        }
        editor.finish();
    }
};

TEST(RestoredWeights, GiveTheSameBitsAsPlainOnes) {
    const Pair pair;
    const at::Tensor x = at::randn({2, 1, 32, 32});
    for (const auto mode : {QuantizationMode::Real, QuantizationMode::Simulated}) {
        auto plain = Plan::compile(pair.plain, {.device = {}, .quantization = mode}),
             shared = Plan::compile(pair.shared, {.device = {}, .quantization = mode});
        ASSERT_TRUE(plain && shared);
        EXPECT_TRUE(at::equal(runOn(*plain, x), runOn(*shared, x)));
        EXPECT_EQ(plain->instructions().size(), shared->instructions().size()) << "nothing is left to do in a call";
        for (std::size_t at = 0; at < plain->instructions().size(); ++at)
            EXPECT_EQ(plain->instructions()[at].kernel, shared->instructions()[at].kernel);
    }
}

TEST(RestoredWeights, AreNotedAtTheirLayers) {
    const Pair pair;
    const Plan plan = compiled(pair.shared);
    for (const InstructionInfo& info : plan.instructions()) {
        const bool isShared = info.node == "conv1" || info.node == "fc2";
        EXPECT_EQ(info.reason.find("the weight is restored once") != std::string::npos, isShared) << info.node << ": " << info.reason;
        EXPECT_EQ(info.covers.size(), isShared ? 2U : 1U);
        EXPECT_TRUE(info.isReal);
    }
}

TEST(RestoredWeights, WithoutSharedOnesThereIsNothingToDo) { EXPECT_FALSE(withRestoredWeights(leNet())); }

TEST(RestoredWeights, InBranchesToo) {
    Graph graph;
    const auto x = graph.addInput("x"), condition = graph.addInput("c", graph::TypeKind::Bool);
    const auto weight = graph.addWeight("w", fromAten(at::randn({4, 10})));
    graph::Node& branch = graph.addNode(std::string(graph::op::ifElse), "if", {condition});
    branch.blocks.resize(2);
    for (int side = 0; side < 2; ++side) {
        const auto result = graph.addResult("r" + std::to_string(side));
        graph::Node node{std::string(graph::op::linear), "fc" + std::to_string(side), "", {}, {x, weight, none()}, {result}, {}};
        branch.blocks[static_cast<std::size_t>(side)].nodes.push_back(node);
        branch.blocks[static_cast<std::size_t>(side)].outputs.emplace_back(result);
    }
    graph.main.outputs.emplace_back(graph.main.nodes.front().results.front());
    const auto shared = anyShared({4, 10}, 2);
    graph::Editor editor(graph);
    quantization::insertLookup(editor, weight, shared);
    editor.finish();
    ASSERT_TRUE(graph::verify(graph));
    Plan plan = compiled(graph);
    const at::Tensor input = at::randn({3, 10});
    const std::vector<c10::IValue> inputs{input, true};
    const auto output = plan.run(inputs);
    ASSERT_TRUE(output) << output.error().text();
    EXPECT_TRUE(at::allclose((*output)[0].toTensor(), at::linear(input, toAten(quantization::restored(shared)))));
}

} // namespace
} // namespace lathe::runtime::testing

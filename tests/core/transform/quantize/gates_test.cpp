#include <core/transform/quantize/gates.h>

#include <gtest/gtest.h>

#include <tests/support/reference_interpreter.h>

namespace lathe::transform {
namespace {

TEST(Gates, ANumberTimesItsGateIsOneFunction) {
    support::ModelBuilder model({1, 4});
    const auto x = model.linear("a", model.input(), 4, 4);
    const auto first = model.node("aten::mul.Tensor", "first", {x, model.node("aten::sigmoid", "gate1", {x})});
    const auto second = model.node("aten::mul.Tensor", "second", {model.node("aten::hardsigmoid", "gate2", {first}), first});
    model.graph.main.outputs.emplace_back(second);
    EXPECT_EQ(joinGates(model.graph), 2);
    EXPECT_TRUE(graph::verify(model.graph));
    ASSERT_EQ(model.graph.main.nodes.size(), 3U) << "linear and two functions";
    EXPECT_EQ(model.graph.findNode("first")->op, "aten::silu");
    EXPECT_EQ(model.graph.findNode("first")->operands.size(), 1U);
    EXPECT_EQ(model.graph.findNode("second")->op, "aten::hardswish");
    EXPECT_EQ(model.graph.findNode("second")->operands[0].value(), first);
}

TEST(Gates, OfAnotherNumberOrReadElsewhereStay) {
    support::ModelBuilder model({1, 4});
    const auto x = model.linear("a", model.input(), 4, 4), y = model.linear("b", model.input(), 4, 4);
    const auto other = model.node("aten::mul.Tensor", "other", {y, model.node("aten::sigmoid", "gate1", {x})});
    const auto gate = model.node("aten::sigmoid", "gate2", {y});
    const auto shared = model.node("aten::mul.Tensor", "shared", {y, gate});
    const auto bent = model.node("aten::mul.Tensor", "bent", {y, model.node("aten::tanh", "gate3", {y})});
    for (const auto value : {other, gate, shared, bent})
        model.graph.main.outputs.emplace_back(value);
    EXPECT_EQ(joinGates(model.graph), 0);
    EXPECT_EQ(model.graph.main.nodes.size(), 8U);
}

} // namespace
} // namespace lathe::transform

#include <core/graph/operators/attention_chain.h>

#include <gtest/gtest.h>

#include <tests/support/known_shape.h>

namespace lathe::graph {
namespace {

Operand integer(std::int64_t value) { return Literal(value); }

/// matmul → div by one number → add → softmax → matmul, over 2 batches of 3 heads.
struct Model {
    Graph graph;
    ValueId query = tensor("q", {2, 3, 5, 4}), key = tensor("k", {2, 3, 4, 7}), values = tensor("v", {2, 3, 7, 4}),
            mask = tensor("m", {1, 1, 1, 7}), number = tensor("n", {});
    ValueId last = -1;

    ValueId tensor(const std::string& name, const std::vector<std::int64_t>& sizes) {
        return support::withShape(graph, graph.addInput(name), sizes);
    }
    ValueId add(const std::string& op, const std::string& name, const std::vector<Operand>& operands) {
        last = graph.addNode(op, name, operands).results[0];
        support::withShape(graph, last, {2, 3, 5, 7});
        return last;
    }
    std::optional<AttentionChain> from(const std::string& name) const {
        return attentionFrom(graph, UseIndex(graph), *graph.findNode(name));
    }
    std::optional<AttentionChain> to(const std::string& name) const { return attentionTo(graph, UseIndex(graph), *graph.findNode(name)); }
    void finish() { graph.main.outputs.emplace_back(last); }
};

TEST(AttentionChain, WholeFromBothEnds) {
    Model model;
    auto x = model.add("aten::matmul", "scores", {model.query, model.key});
    x = model.add("aten::div.Tensor", "scaled", {x, model.number});
    x = model.add("aten::add.Tensor", "masked", {x, model.mask, integer(1)});
    x = model.add("aten::softmax.int", "weights", {x, integer(-1), Literal(std::monostate{})});
    model.add("aten::matmul", "sums", {x, model.values});
    model.finish();
    for (const auto& chain : {model.from("scores"), model.to("sums")}) {
        ASSERT_TRUE(chain);
        EXPECT_EQ(chain->query, model.query);
        EXPECT_EQ(chain->key, model.key);
        EXPECT_EQ(chain->value, model.values);
        EXPECT_EQ(chain->mask, model.mask);
        EXPECT_EQ(chain->number, model.number);
        EXPECT_TRUE(chain->divides);
        EXPECT_EQ(chain->nodes.size(), 5U);
    }
    EXPECT_FALSE(model.from("sums"));
    EXPECT_FALSE(model.to("scores"));
    EXPECT_FALSE(model.from("weights"));
}

TEST(AttentionChain, WithoutMaskAndWithAConstantFactor) {
    for (const bool divides : {false, true}) {
        Model model;
        auto x = model.add("aten::bmm", "scores", {model.query, model.key});
        x = model.add(divides ? "aten::div.Scalar" : "aten::mul.Scalar", "scaled", {x, Literal(4.0)});
        x = model.add("aten::_softmax", "weights", {x, integer(3), Literal(false)});
        model.add("aten::bmm", "sums", {x, model.values});
        model.finish();
        const auto chain = model.from("scores");
        ASSERT_TRUE(chain);
        EXPECT_DOUBLE_EQ(chain->factor, divides ? 0.25 : 4);
        EXPECT_FALSE(chain->mask || chain->number);
        EXPECT_EQ(model.to("sums")->nodes.size(), 4U);
    }
    Model plain;
    auto x = plain.add("aten::matmul", "scores", {plain.query, plain.key});
    x = plain.add("aten::softmax.int", "weights", {x, integer(-1), Literal(std::monostate{})});
    plain.add("aten::matmul", "sums", {x, plain.values});
    plain.finish();
    EXPECT_DOUBLE_EQ(plain.from("scores")->factor, 1);
}

TEST(AttentionChain, OneNodeThatIsTheWhole) {
    const auto made = [](const Operand& dropout, bool isCausal, const Operand& scale) {
        Model model;
        const ValueId rows = model.tensor("rows", {2, 3, 7, 4});
        model.add("aten::scaled_dot_product_attention", "whole",
                  {model.query, rows, model.values, model.mask, dropout, Literal(isCausal), scale, Literal(false)});
        model.finish();
        return model;
    };
    const Operand none = Literal(std::monostate{}), zero = Literal(0.0);
    const Model model = made(zero, false, none);
    const auto chain = model.to("whole");
    ASSERT_TRUE(chain);
    EXPECT_FALSE(chain->isKeyTransposed);
    EXPECT_DOUBLE_EQ(chain->factor, 0.5) << "of four features";
    EXPECT_EQ(chain->mask, model.mask);
    EXPECT_EQ(chain->nodes.size(), 1U);
    EXPECT_DOUBLE_EQ(made(zero, false, Literal(3.0)).to("whole")->factor, 3);
    EXPECT_FALSE(made(zero, true, none).to("whole")) << "what comes later is hidden";
    EXPECT_FALSE(made(Literal(0.5), false, none).to("whole")) << "dropout";
    EXPECT_FALSE(model.from("whole"));
}

TEST(AttentionChain, WhatIsReadInBetweenOrGoesOnOtherwiseIsNone) {
    const auto made = [](std::int64_t dimension, const std::string& second, bool isReadTwice, const Operand& dtype) {
        Model model;
        auto x = model.add("aten::matmul", "scores", {model.query, model.key});
        if (second == "aten::div.Tensor") x = model.add(second, "scaled", {x, model.mask});
        if (second == "aten::add.Tensor") x = model.add(second, "masked", {x, model.mask, integer(2)});
        const auto weights = model.add("aten::softmax.int", "weights", {x, integer(dimension), dtype});
        const auto sums = model.add("aten::matmul", "sums", {weights, model.values});
        if (isReadTwice) model.add("aten::mul.Tensor", "again", {sums, weights});
        model.finish();
        return model;
    };
    const Operand none = Literal(std::monostate{});
    EXPECT_TRUE(made(-1, "", false, none).from("scores"));
    EXPECT_FALSE(made(-2, "", false, none).from("scores")) << "softmax over the queries";
    EXPECT_FALSE(made(-1, "", true, none).from("scores")) << "the weights are read elsewhere";
    EXPECT_FALSE(made(-1, "", true, none).to("sums"));
    EXPECT_FALSE(made(-1, "aten::div.Tensor", false, none).from("scores")) << "a quotient of more than one number";
    EXPECT_FALSE(made(-1, "aten::add.Tensor", false, none).from("scores")) << "the mask counts twice";
    EXPECT_FALSE(made(-1, "", false, integer(7)).from("scores")) << "another type";
}

} // namespace
} // namespace lathe::graph

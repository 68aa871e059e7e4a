#include <core/engine/symbolic_shapes.h>

#include <gtest/gtest.h>

#include <core/data/in_memory_dataset.h>
#include <core/graph/dim_text.h>

namespace lathe::engine {
namespace {

using graph::Dim;
using graph::Literal;
using tensor::Tensor;

/// Four samples of six numbers.
std::shared_ptr<const data::Dataset> sixNumbers() {
    return data::InMemoryDataset::create({.name = "six", .test = {Tensor::zeros(tensor::DType::Float32, {4, 6}), {}}}).value();
}

/// x: [batch, length] and what `add` puts behind it.
struct Model {
    graph::Graph graph;
    graph::ValueId x = graph.addInput("x");
    Model() { graph.value(x).shape = std::vector<Dim>{{-1, "batch"}, {-1, "length"}}; }

    graph::ValueId add(const char* op, std::vector<graph::Operand> operands) {
        const graph::ValueId result = graph.addNode(op, op, std::move(operands)).results[0];
        graph.main.outputs.assign({graph::Operand(result)});
        return result;
    }
    std::string shapeOf(graph::ValueId id) const {
        std::string text;
        for (const Dim& dim : graph.value(id).shape.value())
            text += (text.empty() ? "" : ", ") + graph::text(dim);
        return text;
    }
};

std::vector<FixedSize> annotated(Model& model, FreeSizes wanted = FreeSizes::All) {
    const graph::Graph declared = model.graph;
    auto fixed = annotateWithSymbols(model.graph, declared, *sixNumbers(), wanted);
    EXPECT_TRUE(fixed) << fixed.error().text();
    return fixed.value_or(std::vector<FixedSize>{});
}

Literal number(std::int64_t value) { return Literal(value); }
Literal numbers(std::vector<std::int64_t> values) { return Literal(std::move(values)); }

TEST(SymbolicShapes, FreeSizesOfTheModelStayFree) {
    Model model;
    const auto y = model.add("aten::relu", {model.x});
    EXPECT_TRUE(annotated(model).empty());
    EXPECT_EQ(model.shapeOf(model.x), "batch, length");
    EXPECT_EQ(model.shapeOf(y), "batch, length");
}

TEST(SymbolicShapes, SumsProductsAndHalvesAreTold) {
    Model model;
    const auto flat = model.add("aten::flatten.using_ints", {model.x, number(0), number(-1)});
    const auto twice = model.add("aten::cat", {std::vector<graph::Operand>{model.x, model.x}, number(1)});
    const auto padded = model.add("aten::constant_pad_nd", {model.x, numbers({1, 2}), number(0)});
    const auto row = model.add("aten::unsqueeze", {model.x, number(1)});
    const auto pooled = model.add("aten::max_pool1d", {row, numbers({2}), numbers({2}), numbers({0}), numbers({1}), Literal(false)});
    EXPECT_TRUE(annotated(model).empty());
    EXPECT_EQ(model.shapeOf(flat), "batch*length");
    EXPECT_EQ(model.shapeOf(twice), "batch, 2*length");
    EXPECT_EQ(model.shapeOf(padded), "batch, length + 3");
    EXPECT_EQ(model.shapeOf(pooled), "batch, 1, length//2");
}

TEST(SymbolicShapes, ASizeThatTheModelNeedsIsFixedAndSaid) {
    Model model;
    const auto y =
        model.add("aten::add.Tensor", {model.x, model.graph.addWeight("bias", Tensor::zeros(tensor::DType::Float32, {6})), number(1)});
    const auto fixed = annotated(model);
    ASSERT_EQ(fixed.size(), 1U);
    EXPECT_EQ(fixed[0], (FixedSize{"x", 1, 6}));
    EXPECT_EQ(model.shapeOf(model.x), "batch, 6");
    EXPECT_EQ(model.shapeOf(y), "batch, 6");
}

TEST(SymbolicShapes, WhatCannotBeToldIsUnnamedOrFixed) {
    const auto squared = [](Model& model) { // length² as a size: x.t() @ x has it in both dimensions, flattened
        const auto transposed = model.add("aten::t", {model.x});
        const auto product = model.add("aten::matmul", {transposed, model.x});
        return model.add("aten::flatten.using_ints", {product, number(0), number(-1)});
    };
    Model all, told;
    const auto unnamed = squared(all), fixedSize = squared(told);
    EXPECT_TRUE(annotated(all).empty());
    EXPECT_EQ(all.shapeOf(unnamed), "?");
    const auto fixed = annotated(told, FreeSizes::Told);
    ASSERT_EQ(fixed.size(), 1U);
    EXPECT_EQ(fixed[0].axis, 1);
    EXPECT_EQ(told.shapeOf(fixedSize), "36");
    EXPECT_EQ(told.shapeOf(told.x), "batch, 6");
}

TEST(SymbolicShapes, OnlyTheBatchWhereThatIsAskedFor) {
    Model model;
    model.add("aten::relu", {model.x});
    EXPECT_EQ(annotated(model, FreeSizes::Batch).size(), 1U);
    EXPECT_EQ(model.shapeOf(model.x), "batch, 6");
}

TEST(SymbolicShapes, WithoutADeclarationTheBatchIsFree) {
    Model model;
    model.graph.value(model.x).shape.reset();
    const auto y = model.add("aten::relu", {model.x});
    EXPECT_TRUE(annotated(model).empty());
    EXPECT_EQ(model.shapeOf(y), "batch, 6");
}

TEST(SymbolicShapes, NamesMayBeAnything) {
    Model model, told;
    for (Model* each : {&model, &told})
        each->graph.value(each->x).shape = std::vector<Dim>{{-1, "0"}, {-1, "my length"}};
    const auto twice = [](Model& each) { return each.add("aten::cat", {std::vector<graph::Operand>{each.x, each.x}, number(1)}); };
    const auto y = twice(model);
    twice(told);
    EXPECT_TRUE(annotated(model).empty());
    EXPECT_EQ(model.shapeOf(model.x), "0, my length");
    EXPECT_EQ(model.shapeOf(y), "0, 2*my_length");
    EXPECT_TRUE(annotated(told, FreeSizes::Told).empty());
    EXPECT_EQ(told.shapeOf(told.x), "_0, my_length") << "expressions need names";
}

TEST(SymbolicShapes, SizesThatAreToldWithOthersAreFixedAndSaid) {
    Model model;
    model.graph.value(model.x).shape = std::vector<Dim>{{-1, "batch"}, {-1, "2*half"}};
    model.add("aten::relu", {model.x});
    EXPECT_TRUE(annotated(model).empty()) << "half stands for nothing else";
    Model tied;
    tied.graph.value(tied.x).shape = std::vector<Dim>{{-1, "length"}, {-1, "length + 2"}};
    tied.add("aten::relu", {tied.x});
    EXPECT_EQ(annotated(tied).size(), 2U);
}

TEST(SymbolicShapes, ABatchThatTheModelHasInItsConstantsIsSaid) {
    Model model;
    const auto y = model.add("aten::reshape", {model.x, numbers({1, 1, -1})});
    model.add("aten::add.Tensor", {y, model.graph.addWeight("bias", Tensor::zeros(tensor::DType::Float32, {6})), number(1)});
    const auto fixed = annotated(model);
    ASSERT_EQ(fixed.size(), 2U);
    EXPECT_EQ(fixed[0], (FixedSize{"x", 0, 1}));
    EXPECT_EQ(fixed[1], (FixedSize{"x", 1, 6}));
    EXPECT_EQ(model.shapeOf(model.x), "1, 6");
}

} // namespace
} // namespace lathe::engine

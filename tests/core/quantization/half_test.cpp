#include <core/quantization/half.h>

#include <gtest/gtest.h>

#include <core/graph/operators/conversion.h>
#include <core/graph/operators/names.h>
#include <tests/support/graphs.h>

namespace lathe::quantization {
namespace {

using tensor::DType;

TEST(Half, AValueIsConvertedThereAndBackForItsReaders) {
    graph::Graph graph = support::smallConvNet();
    const graph::ValueId pooled = graph.findNode("pool1")->results.front();
    graph.main.outputs.emplace_back(pooled);
    graph::Editor editor(graph);
    std::vector<graph::Editor::Use> readers = editor.uses(pooled);
    std::erase_if(readers, [](const graph::Editor::Use& use) { return use.node == nullptr; });
    const graph::ValueId widened = insertHalfRounding(editor, pooled, DType::BFloat16, readers);
    editor.finish();
    ASSERT_TRUE(graph::verify(graph)) << graph::verify(graph).error().text();
    EXPECT_EQ(graph.findNode("flatten")->operands[0].value(), widened);
    EXPECT_EQ(graph.main.outputs[1].value(), pooled) << "who is not named keeps what it had";
    const graph::UseIndex uses(graph);
    const auto rounding = matchHalfRounding(uses, widened);
    ASSERT_TRUE(rounding);
    EXPECT_EQ(rounding->input, pooled);
    EXPECT_EQ(rounding->dtype, DType::BFloat16);
    EXPECT_EQ(graph.value(rounding->half).dtype, DType::BFloat16);
    EXPECT_EQ(graph.value(widened).dtype, DType::Float32);
    EXPECT_EQ(graph.value(widened).shape, graph.value(pooled).shape);
    EXPECT_FALSE(matchHalfRounding(uses, rounding->half));
    EXPECT_FALSE(matchHalfRounding(uses, pooled));
}

TEST(Half, AWiderTypeInBetweenIsNoHalf) {
    graph::Graph graph = support::smallConvNet();
    const graph::ValueId pooled = graph.findNode("pool1")->results.front();
    graph::Editor editor(graph);
    const graph::ValueId widened = insertHalfRounding(editor, pooled, DType::Float64, editor.uses(pooled));
    editor.finish();
    EXPECT_FALSE(matchHalfRounding(graph::UseIndex(graph), widened));
}

TEST(Half, AWeightIsStoredInIt) {
    for (const DType dtype : {DType::BFloat16, DType::Float16}) {
        graph::Graph graph = support::smallConvNet();
        const graph::ValueId weight = *graph.findValue("fc.weight");
        std::vector<float> numbers(graph.value(weight).data.values<float>().begin(), graph.value(weight).data.values<float>().end());
        numbers[0] = 1e6F;
        graph.value(weight).data = tensor::Tensor::of(graph.value(weight).data.shape(), numbers);
        graph::Editor editor(graph);
        insertHalfWeight(editor, weight, dtype);
        editor.finish();
        ASSERT_TRUE(graph::verify(graph)) << graph::verify(graph).error().text();
        EXPECT_EQ(graph.value(weight).data.dtype(), dtype);
        EXPECT_EQ(graph.value(weight).dtype, dtype);
        const graph::Node* widen = graph::UseIndex(graph).producer(graph.findNode("fc")->operands[1].value());
        ASSERT_NE(widen, nullptr);
        EXPECT_TRUE(graph::widensWeight(graph, *widen));
        EXPECT_EQ(graph::conversionDtype(*widen), DType::Float32);
        EXPECT_FALSE(graph::widensWeight(graph, *graph.findNode("fc")));
        const float largest = graph.value(weight).data.to(DType::Float32).values<float>()[0];
        EXPECT_FLOAT_EQ(largest, dtype == DType::Float16 ? 65504.0F : 999424.0F) << "no infinity";
    }
}

TEST(Half, WhatIsHalf) {
    EXPECT_TRUE(graph::isHalf(DType::Float16) && graph::isHalf(DType::BFloat16));
    EXPECT_FALSE(graph::isHalf(DType::Float32) || graph::isHalf(DType::Float64) || graph::isHalf(DType::Int16));
}

} // namespace
} // namespace lathe::quantization

#include <core/quantization/shared_weight.h>

#include <gtest/gtest.h>

#include <core/graph/layers.h>
#include <core/graph/operators/lookup.h>
#include <core/graph/parameters.h>
#include <tests/support/graphs.h>
#include <tests/support/reference_interpreter.h>

namespace lathe::quantization {
namespace {

/// Any indices into `groups` codebooks of 2^bits numbers.
SharedWeight anyShared(const tensor::Shape& shape, int bits, std::int64_t groups) {
    SharedWeight shared{bits, {}, support::randomTensor({groups, std::int64_t{1} << bits}, 5), shape};
    for (std::int64_t i = 0; i < tensor::elementCount(shape); ++i)
        shared.indices.push_back(static_cast<std::uint8_t>((i * 7 + i / 5) % (std::int64_t{1} << bits)));
    return shared;
}

graph::Graph withLookup(const SharedWeight& shared, const char* weight) {
    graph::Graph graph = support::smallConvNet();
    graph::Editor editor(graph);
    insertLookup(editor, *graph.findValue(weight), shared);
    editor.finish();
    return graph;
}

TEST(SharedWeight, ComesBackFromTheGraphForAllBitsAndGroups) {
    for (int bits = 2; bits <= 8; ++bits) {
        for (const std::int64_t groups : {1, 2, 4}) {
            const SharedWeight shared = anyShared({4, 2, 3, 3}, bits, groups);
            const graph::Graph graph = withLookup(shared, "conv1.weight");
            ASSERT_TRUE(graph::verify(graph));
            const graph::Node* node = graph.findNode("conv1.weight_lookup");
            ASSERT_NE(node, nullptr);
            const auto read = sharedWeightOf(graph, *node);
            ASSERT_TRUE(read);
            EXPECT_EQ(read->indices, shared.indices);
            EXPECT_TRUE(restored(*read).sameContent(restored(shared)));
            // The reference unpacks bit by bit.
            graph::Graph plain = support::smallConvNet();
            plain.value(*plain.findValue("conv1.weight")).data = restored(shared);
            const auto input = support::randomNumbers({1, 2, 10, 10}, 3);
            EXPECT_EQ(support::maxDifference(support::interpret(graph, input), support::interpret(plain, input)), 0)
                << bits << " " << groups;
        }
    }
}

TEST(SharedWeight, TakesTheBytesOfPackedIndicesAndCodebooks) {
    const SharedWeight shared = anyShared({4, 2, 3, 3}, 3, 2);
    EXPECT_EQ(byteCount(shared), 72 * 3 / 8 + 2 * 8 * 4);
    const graph::Graph graph = withLookup(shared, "conv1.weight");
    EXPECT_EQ(graph.value(*graph.findValue("conv1.weight")).data.byteCount(), 27);
}

TEST(SharedWeight, LayersKeepTheirShapeAndParameters) {
    const graph::Graph before = support::smallConvNet(), after = withLookup(anyShared({3, 64}, 4, 1), "fc.weight");
    EXPECT_EQ(graph::parameterCount(after), graph::parameterCount(before));
    EXPECT_EQ(graph::layers(after)[1].weightShape, (tensor::Shape{3, 64}));
    EXPECT_EQ(graph::layers(after)[1].parameters, 3 * 64 + 3);
    EXPECT_EQ(graph::layers(after)[1].macs, graph::layers(before)[1].macs);
    const graph::UseIndex uses(after);
    EXPECT_FALSE(graph::weightOf(after, uses, *after.findNode("fc"))) << "steps that change weights leave it alone";
    const auto info = graph::layerWeightOf(after, uses, *after.findNode("fc"));
    ASSERT_TRUE(info && info->lookup != nullptr);
    EXPECT_EQ(storedElements(after, *info).shape(), info->shape);
    EXPECT_EQ(storedBits(after, *info), 4);
    EXPECT_EQ(storedBits(after, *graph::layerWeightOf(after, uses, *after.findNode("conv1"))), 32);
    EXPECT_FALSE(after.value(*after.findValue("fc.weight")).isParameter);
    EXPECT_TRUE(after.value(*after.findValue("fc.weight_codebook")).isParameter) << "training changes it";
}

TEST(SharedWeight, OfOperandsThatDoNotFitIsNothing) {
    const graph::Graph good = withLookup(anyShared({4, 2, 3, 3}, 4, 1), "conv1.weight");
    const auto readAfter = [&](auto&& change) {
        graph::Graph graph = good;
        graph::Node& node = *graph.findNode("conv1.weight_lookup");
        change(graph, node);
        return sharedWeightOf(graph, node).has_value();
    };
    EXPECT_TRUE(readAfter([](graph::Graph&, graph::Node&) {}));
    EXPECT_FALSE(readAfter([](graph::Graph&, graph::Node& node) { graph::setOperand(node, "bits", graph::Literal(std::int64_t{9})); }));
    EXPECT_FALSE(readAfter([](graph::Graph&, graph::Node& node) {
        graph::setOperand(node, "shape", graph::Literal(std::vector<std::int64_t>{4, 2, 3, 4}));
    }));
    EXPECT_FALSE(readAfter([](graph::Graph& graph, graph::Node& node) {
        graph.value(*graph::Lookup(node).codebooks()).data = support::randomTensor({1, 15}, 1); // index 15 is there
    }));
    EXPECT_FALSE(readAfter([](graph::Graph& graph, graph::Node& node) {
        graph.value(*graph::Lookup(node).codebooks()).data = support::randomTensor({3, 16}, 1); // four rows in three parts
    }));
    EXPECT_FALSE(readAfter([](graph::Graph& graph, graph::Node& node) {
        graph.value(*graph::Lookup(node).indices()).data = tensor::Tensor::zeros(tensor::DType::Int8, {36});
    }));
}

} // namespace
} // namespace lathe::quantization

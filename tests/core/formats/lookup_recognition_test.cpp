#include <core/formats/lookup_recognition.h>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/formats/format_table.h>
#include <core/formats/lookup_operators.h>
#include <core/graph/layers.h>
#include <core/graph/operators/lookup.h>
#include <core/quantization/shared_weight.h>
#include <tests/support/graphs.h>

namespace lathe::formats {
namespace {

graph::Graph shared(int bits, std::int64_t groups) {
    graph::Graph graph = support::smallConvNet();
    graph::Editor editor(graph);
    const tensor::Shape shape{4, 2, 3, 3};
    quantization::SharedWeight weight{bits, {}, support::randomTensor({groups, std::int64_t{1} << bits}, 7), shape};
    for (std::int64_t i = 0; i < tensor::elementCount(shape); ++i)
        weight.indices.push_back(static_cast<std::uint8_t>((i * 11 + i / 3) % (std::int64_t{1} << bits)));
    quantization::insertLookup(editor, *graph.findValue("conv1.weight"), weight);
    editor.finish();
    return graph;
}

const graph::Node* onlyLookup(const graph::Graph& graph) {
    const graph::Node* found = nullptr;
    for (const graph::Node& node : graph.main.nodes) {
        if (node.op != graph::op::lookup) continue;
        EXPECT_EQ(found, nullptr);
        found = &node;
    }
    return found;
}

TEST(LookupRecognition, FindsWhatWasExpanded) {
    for (int bits = 2; bits <= 8; ++bits) {
        for (const std::int64_t groups : {1, 4}) {
            const graph::Graph before = shared(bits, groups);
            graph::Graph graph = withLookupsInAten(before);
            recognizeLookups(graph);
            ASSERT_TRUE(graph::verify(graph));
            EXPECT_TRUE(graph::structurallyEqual(graph, before)) << bits << "\n" << graph::text(graph);
        }
    }
}

TEST(LookupRecognition, FilesOfEachFormatAreOpenedWithSharedWeights) {
    const base::TemporaryFolder folder;
    for (const FormatSpec& format : formatTable()) {
        for (int bits = 2; bits <= 8; ++bits) {
            const graph::Graph before = shared(bits, 2);
            const auto file = folder.path() / std::string(format.id);
            ASSERT_TRUE(format.write(before, file, {}));
            const auto model = format.read(file, {});
            ASSERT_TRUE(model) << model.error().text();
            const graph::Node* lookup = onlyLookup(model->graph);
            ASSERT_NE(lookup, nullptr) << format.id << ", " << bits << " bits\n" << graph::text(model->graph);
            const auto read = quantization::sharedWeightOf(model->graph, *lookup);
            ASSERT_TRUE(read) << format.id;
            EXPECT_EQ(read->bits, bits);
            EXPECT_TRUE(quantization::restored(*read).sameContent(
                quantization::restored(*quantization::sharedWeightOf(before, *before.findNode("conv1.weight_lookup")))));
            EXPECT_EQ(model->graph.main.nodes.size(), before.main.nodes.size()) << graph::text(model->graph);
            EXPECT_EQ(graph::layers(model->graph).size(), 2U);
            EXPECT_EQ(lookup->name, "conv1.weight_lookup");
        }
    }
}

TEST(LookupRecognition, WhatDependsOnAnInputStays) {
    graph::Graph graph = withLookupsInAten(shared(4, 1));
    for (graph::Node& node : graph.main.nodes) {
        if (node.op == "aten::gather") node.operands[2] = graph.addInput("i");
    }
    const graph::Graph before = graph;
    recognizeLookups(graph);
    EXPECT_TRUE(graph::structurallyEqual(graph, before));
}

TEST(LookupRecognition, IndicesOutsideOfTheTableStay) {
    graph::Graph graph = withLookupsInAten(shared(4, 1));
    for (const graph::Node& node : graph.main.nodes) {
        if (node.op == "aten::gather") graph.value(node.operands[0].value()).data = support::randomTensor({1, 9}, 1);
    }
    const graph::Graph before = graph;
    recognizeLookups(graph);
    EXPECT_TRUE(graph::structurallyEqual(graph, before));
}

} // namespace
} // namespace lathe::formats

#include <core/formats/lookup_operators.h>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/formats/format_table.h>
#include <core/graph/operators/lookup.h>
#include <core/quantization/shared_weight.h>
#include <core/runtime/plan_torch.h>
#include <tests/support/graphs.h>

namespace lathe::formats {
namespace {

graph::Graph shared(int bits, std::int64_t groups) {
    graph::Graph graph = support::smallConvNet();
    graph::Editor editor(graph);
    for (const char* name : {"conv1.weight", "fc.weight"}) {
        const tensor::Shape shape = graph.value(*graph.findValue(name)).data.shape();
        const std::int64_t parts = shape.front() % groups == 0 ? groups : 1;
        quantization::SharedWeight weight{bits, {}, support::randomTensor({parts, std::int64_t{1} << bits}, 7), shape};
        for (std::int64_t i = 0; i < tensor::elementCount(shape); ++i)
            weight.indices.push_back(static_cast<std::uint8_t>((i * 11 + i / 3) % (std::int64_t{1} << bits)));
        quantization::insertLookup(editor, *graph.findValue(name), weight);
    }
    editor.finish();
    return graph;
}

at::Tensor run(const graph::Graph& graph, const at::Tensor& input) {
    auto plan = runtime::Plan::compile(graph, {});
    EXPECT_TRUE(plan) << plan.error().text();
    if (!plan) return {};
    const auto output = plan->runTensor(input);
    EXPECT_TRUE(output) << output.error().text();
    return output ? *output : at::Tensor();
}

TEST(LookupOperators, GiveTheSameWeightsForAllBits) {
    const at::Tensor x = at::randn({1, 2, 10, 10});
    for (int bits = 2; bits <= 8; ++bits) {
        for (const std::int64_t groups : {1, 2}) {
            const graph::Graph graph = shared(bits, groups), expanded = withLookupsInAten(graph);
            ASSERT_TRUE(graph::verify(expanded));
            for (const graph::Node& node : expanded.main.nodes)
                EXPECT_NE(node.op, graph::op::lookup);
            EXPECT_TRUE(at::equal(run(graph, x), run(expanded, x))) << bits << " bits, " << groups;
        }
    }
}

/// Values know what they are: .pt2 files say it, and the plan finds the same.
TEST(LookupOperators, KnowTheirShapes) {
    for (const int bits : {3, 4, 8}) {
        const graph::Graph expanded = withLookupsInAten(shared(bits, 2));
        graph::Graph found = expanded;
        for (graph::Value& value : found.values) {
            if (value.kind == graph::ValueKind::Result) value.shape.reset();
        }
        ASSERT_TRUE(runtime::annotateShapes(found, std::vector<c10::IValue>{at::randn({1, 2, 10, 10})}));
        for (std::size_t id = 0; id < found.values.size(); ++id) {
            EXPECT_EQ(expanded.values[id].shape, found.values[id].shape) << expanded.values[id].name;
            EXPECT_EQ(expanded.values[id].dtype, found.values[id].dtype) << expanded.values[id].name;
        }
    }
}

TEST(LookupOperators, FilesHoldPackedIndicesAndCodebooks) {
    const base::TemporaryFolder folder;
    const at::Tensor x = at::randn({1, 2, 10, 10});
    for (const FormatSpec& format : formatTable()) {
        const auto file = folder.path() / std::string(format.id);
        for (int bits = 2; bits <= 8; ++bits) {
            const graph::Graph graph = shared(bits, 2);
            const auto bytes = format.write(graph, file, {});
            ASSERT_TRUE(bytes) << format.id << ": " << bytes.error().text();
            const auto model = format.read(file, {});
            ASSERT_TRUE(model) << format.id << ": " << model.error().text();
            EXPECT_TRUE(at::allclose(run(model->graph, x), run(graph, x), 1e-5, 1e-6)) << format.id << ", " << bits << " bits";
        }
    }
}

TEST(LookupOperators, WithoutLookupsTheGraphStaysAsItIs) {
    EXPECT_TRUE(graph::structurallyEqual(withLookupsInAten(support::smallConvNet()), support::smallConvNet()));
}

} // namespace
} // namespace lathe::formats

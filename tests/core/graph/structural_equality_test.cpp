#include <functional>

#include <gtest/gtest.h>

#include <core/graph/graph.h>
#include <tests/support/graphs.h>

namespace lathe::graph {
namespace {

TEST(StructurallyEqual, DoesNotCareAboutIdsAndStorages) {
    const Graph a = support::smallConvNet();
    Graph b = support::smallConvNet(); // the same weights in other storages
    b.values.insert(b.values.begin(), Value{});
    b.values.front().name = "unused";
    const std::function<void(Operand&)> shift = [&](Operand& operand) {
        if (auto* id = std::get_if<ValueId>(&operand.content)) ++*id;
    };
    for (ValueId& id : b.main.inputs)
        ++id;
    for (Node& node : b.main.nodes) {
        for (Operand& operand : node.operands)
            shift(operand);
        for (ValueId& id : node.results)
            ++id;
    }
    for (Operand& output : b.main.outputs)
        shift(output);
    EXPECT_TRUE(structurallyEqual(a, b));
    EXPECT_TRUE(structurallyEqual(b, a));
}

struct Case {
    const char* name;
    std::function<void(Graph&)> change;
};

class Difference : public testing::TestWithParam<Case> {};

TEST_P(Difference, IsSeen) {
    const Graph a = support::smallConvNet();
    Graph b = a;
    ASSERT_TRUE(structurallyEqual(a, b));
    GetParam().change(b);
    EXPECT_FALSE(structurallyEqual(a, b));
}

INSTANTIATE_TEST_SUITE_P(Parts, Difference,
                         testing::Values(Case{"op", [](Graph& g) { g.main.nodes[1].op = "aten::gelu"; }},
                                         Case{"name", [](Graph& g) { g.main.nodes[1].name = "r"; }},
                                         Case{"scope", [](Graph& g) { g.main.nodes[1].scope = "s"; }},
                                         Case{"literal", [](Graph& g) { g.main.nodes[0].operands[6] = Literal(std::int64_t{2}); }},
                                         Case{"literalType", [](Graph& g) { g.main.nodes[0].operands[6] = Literal(1.0); }},
                                         Case{"operand", [](Graph& g) { g.main.nodes[4].operands[1] = g.main.nodes[4].operands[2]; }},
                                         Case{"shape", [](Graph& g) { g.values[0].shape.reset(); }},
                                         Case{"dtype", [](Graph& g) { g.values[0].dtype = tensor::DType::Int8; }},
                                         Case{"weight",
                                              [](Graph& g) {
                                                  g.values[1].data = support::randomTensor({4, 2, 3, 3}, 9);
                                              }},
                                         Case{"parameter", [](Graph& g) { g.values[1].isParameter = false; }},
                                         Case{"output", [](Graph& g) { g.main.outputs.push_back(g.main.outputs[0]); }}),
                         [](const auto& entry) { return std::string(entry.param.name); });

} // namespace
} // namespace lathe::graph

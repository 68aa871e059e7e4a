#include <core/runtime/lowering/patterns/byte_concatenation.h>

#include <algorithm>

#include <gtest/gtest.h>

#include <tests/core/runtime/real_and_simulated.h>

namespace lathe::runtime::testing {
namespace {

const Grid one{0.05, 128, 0, 255, "uint8"}, other{0.02, -100, -128, 127, "int8"}, third{0.04, 60, 0, 127, "uint8"};

Graph sideBySide(std::int64_t dim, const Grid& out) {
    Graph graph;
    const auto x = addPair(graph, "x", graph.addInput("x"), one), y = addPair(graph, "y", graph.addInput("y"), other);
    const std::vector<Operand> parts{x, y, x};
    const auto value = graph.addNode("aten::cat", "cat", {parts, integer(dim)}).results[0];
    graph.main.outputs.emplace_back(addPair(graph, "out", value, out));
    return graph;
}

TEST(LowerByteConcatenation, GivesWhatSimulationGivesToTheBit) {
    struct Case {
        Ints left, right;
        std::int64_t dim;
    };
    const std::vector<Case> cases = {{{1}, {1}, 0},
                                     {{3, 67}, {3, 5}, 1},
                                     {{3, 67}, {2, 67}, 0},
                                     {{2, 5, 7, 9}, {2, 70, 7, 9}, 1},
                                     {{2, 5, 7, 9}, {2, 5, 7, 3}, -1},
                                     {{2, 5, 7, 9}, {2, 5, 1, 9}, 2},
                                     {{2, 5, 7, 9}, {1, 5, 7, 9}, 0},
                                     {{2, 0, 7}, {2, 3, 7}, 1}};
    for (const Grid& out : {one, other, third}) {
        for (const auto& [left, right, dim] : cases) {
            const Graph graph = sideBySide(dim, out);
            Plan real = compiled(graph), floats = simulated(graph);
            ASSERT_EQ(real.instructions().size(), 4U) << "two quantize, cat, dequantize";
            EXPECT_EQ(infoOf(real, "cat")->kernel, "Lathe byte cat");
            const at::Tensor x = at::randn(left) * 3, y = at::randn(right) * 3;
            for (const bool isLast : {false, true}) {
                if (isLast && x.dim() != 4) continue;
                const auto order = isLast ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
                const std::vector<c10::IValue> inputs{x.contiguous(order), y.contiguous(order)};
                EXPECT_TRUE(at::equal(real.run(inputs)->at(0).toTensor(), floats.run(inputs)->at(0).toTensor()))
                    << x.sizes() << y.sizes() << dim;
            }
        }
    }
}

TEST(LowerByteConcatenation, SizesThatDoNotFitAreAnError) {
    Plan plan = compiled(sideBySide(1, one));
    EXPECT_FALSE(plan.run(std::vector<c10::IValue>{at::randn({2, 3}), at::randn({3, 3})}));
    EXPECT_FALSE(plan.run(std::vector<c10::IValue>{at::randn({2, 3}), at::randn({2, 3, 1})}));
}

TEST(LowerByteConcatenation, FloatsStayFloats) {
    Graph graph;
    const auto x = graph.addInput("x");
    const std::vector<Operand> parts{addPair(graph, "x", x, one), x};
    const auto value = graph.addNode("aten::cat", "cat", {parts, integer(0)}).results[0];
    graph.main.outputs.emplace_back(addPair(graph, "out", value, one));
    EXPECT_EQ(infoOf(compiled(graph), "cat")->kernel, "ATen cat");
}

} // namespace
} // namespace lathe::runtime::testing

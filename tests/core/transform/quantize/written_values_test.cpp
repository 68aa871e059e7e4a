#include <core/transform/quantize/written_values.h>

#include <set>
#include <string>

#include <gtest/gtest.h>

#include <core/transform/quantize/activation_plan.h>
#include <tests/support/reference_interpreter.h>

namespace lathe::transform {
namespace {

using graph::Literal;
using graph::Operand;
using graph::ValueId;

Operand integer(std::int64_t number) { return Operand(Literal(number)); }

/// Without shapes: the reference has not all of these operators.
graph::Graph finished(support::ModelBuilder& model, ValueId output) {
    model.graph.main.outputs = {output};
    return model.graph;
}

std::set<std::string> namesOfWritten(const graph::Graph& graph) {
    std::set<std::string> names;
    for (const ValueId id : writtenValues(graph))
        names.insert(graph.value(id).name);
    return names;
}

/// A batch that is made empty and filled with images, as detectors do.
TEST(WrittenValues, ThroughAViewInALoop) {
    support::ModelBuilder model({2, 4});
    const ValueId batch = model.relu("batch", model.input());
    graph::Node& loop = model.graph.addNode("prim::Loop", "loop", {integer(2), Operand(Literal(true))}, 0);
    graph::Block body;
    body.inputs = {model.graph.addInput("i", graph::TypeKind::Int)};
    model.graph.main.inputs.pop_back();
    const ValueId row = model.graph.addResult("row"), image = model.graph.addResult("image"), copied = model.graph.addResult("copied");
    const auto node = [](std::string op, std::string name, std::vector<Operand> operands, ValueId result) {
        return graph::Node{std::move(op), std::move(name), "", {}, std::move(operands), {result}, {}};
    };
    body.nodes = {node("aten::select.int", "row", {batch, integer(0), body.inputs[0]}, row),
                  node("aten::select.int", "image", {model.input(), integer(0), body.inputs[0]}, image),
                  node("aten::copy_", "copy", {row, image, Operand(Literal(false))}, copied)};
    body.outputs = {Operand(Literal(true))};
    loop.blocks = {std::move(body)};
    const ValueId other = model.linear("other", model.input(), 4, 4);
    const auto graph = finished(model, model.add("sum", model.linear("layer", batch, 4, 4), other));
    EXPECT_EQ(namesOfWritten(graph), (std::set<std::string>{"batch_out", "row", "copied"}));
    const auto classes = planActivations(graph, {"layer", "other"});
    ASSERT_EQ(classes.size(), 2U) << "what \"layer\" reads would be rounded before it is there";
    EXPECT_EQ(classes[0].readers, (std::vector<std::string>{"other"}));
    EXPECT_EQ(classes[1].layer, "other") << "what \"layer\" adds to its own";
}

TEST(WrittenValues, ThroughAListAndInBothBranches) {
    support::ModelBuilder model({2, 4});
    const ValueId a = model.relu("a", model.input()), b = model.relu("b", model.input()), c = model.relu("c", model.input());
    const ValueId list = model.node("prim::ListConstruct", "list", {a});
    model.graph.value(list).type = graph::TypeKind::TensorList;
    const ValueId grown = model.node("aten::append.t", "append", {list, b});
    model.graph.value(grown).type = graph::TypeKind::TensorList;
    const ValueId taken = model.node("aten::__getitem__.t", "taken", {list, integer(1)});
    model.node("aten::add_.Tensor", "write", {taken, c, integer(1)});
    const auto graph = finished(model, model.add("sum", taken, b));
    const auto written = namesOfWritten(graph);
    EXPECT_TRUE(written.contains("a_out") && written.contains("b_out") && written.contains("taken_out"));
    EXPECT_FALSE(written.contains("c_out"));
    EXPECT_FALSE(written.contains("sum_out"));
}

/// Nobody can tell: only the result goes on.
TEST(WrittenValues, NotWhatOnlyItsWriterReads) {
    support::ModelBuilder model({2, 4});
    const ValueId made = model.linear("made", model.input(), 4, 4);
    const auto graph = finished(model, model.linear("layer", model.node("aten::relu_", "relu", {made}), 4, 4));
    EXPECT_TRUE(writtenValues(graph).empty());
    EXPECT_EQ(planActivations(graph, {"layer"}).size(), 1U);
}

} // namespace
} // namespace lathe::transform

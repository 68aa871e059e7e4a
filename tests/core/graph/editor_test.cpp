#include <core/graph/editor.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include <core/graph/operands.h>
#include <tests/support/graphs.h>
#include <tests/support/transformer.h>

namespace lathe::graph {
namespace {

using support::number;
using support::smallConvNet;

std::vector<std::string> names(const Block& block) {
    std::vector<std::string> found;
    for (const Node& node : block.nodes)
        found.push_back(node.name);
    return found;
}

TEST(Editor, InsertsWhereItIsToldAndNumbersNames) {
    Graph graph = smallConvNet();
    const ValueId input = graph.main.inputs.front();
    Editor editor(graph);
    Node& pool = *editor.findNode("pool1");
    Node& behind = editor.insertBehind(pool, editor.makeNode("aten::relu", "relu1", {pool.results.front()}));
    EXPECT_EQ(behind.name, "relu1_1");
    EXPECT_EQ(graph.value(behind.results.front()).name, "relu1_1_out");
    editor.insertBehind(pool, editor.makeNode("aten::relu", "relu1", {pool.results.front()}));
    editor.insertBehind(behind, editor.makeNode("aten::relu", "relu1", {behind.results.front()}));
    editor.insertBefore(pool, editor.makeNode("aten::relu", "before", {input}));
    editor.insertFirst(graph.main, editor.makeNode("aten::relu", "first", {input}));
    editor.append(graph.main, editor.makeNode("aten::split", "last", {input, number(1)}, 2));
    EXPECT_EQ(editor.findNode("before")->op, "aten::relu");
    EXPECT_EQ(names(graph.main), (std::vector<std::string>{"conv1", "relu1", "pool1", "flatten", "fc"})) << "only finish() moves nodes";
    editor.finish();
    EXPECT_EQ(names(graph.main), (std::vector<std::string>{"first", "conv1", "relu1", "before", "pool1", "relu1_2", "relu1_1", "relu1_3",
                                                           "flatten", "fc", "last"}));
    EXPECT_EQ(graph.value(graph.findNode("last")->results[1]).name, "last_out1");
    EXPECT_TRUE(verify(graph));
}

TEST(Editor, FindsTheFirstReaderAlsoInsideBlocks) {
    Graph graph = smallConvNet();
    const ValueId relu = graph.findNode("relu1")->results.front();
    {
        Editor editor(graph);
        EXPECT_EQ(editor.firstReader(relu)->name, "pool1");
        EXPECT_EQ(editor.firstReader(editor.findNode("fc")->results.front()), nullptr) << "an output of the model is no node";
        Node& early = editor.insertFirst(graph.main, editor.makeNode("aten::relu", "early", {graph.main.inputs.front()}));
        editor.setOperand(early, 0, Operand(relu));
        EXPECT_EQ(editor.firstReader(relu), &early);
        editor.erase(early);
    }
    Block inner;
    inner.outputs = {relu};
    graph.findNode("conv1")->blocks.push_back(inner);
    EXPECT_EQ(Editor(graph).firstReader(relu)->name, "conv1");
}

TEST(Editor, ErasesNodesWithTheirBlocksAndFreesTheirNames) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    graph.addNode("prim::If", "choice", {x}, 0);
    Node inner;
    inner.op = "aten::relu";
    inner.name = "inner";
    inner.operands = {x};
    graph.main.nodes.front().blocks = {{{}, {inner}, {Operand(x)}}, {{}, {}, {}}};
    {
        Editor editor(graph);
        (void)editor.makeNode("aten::relu", "taken", {x});
        EXPECT_EQ(editor.useCount(x), 3U);
        EXPECT_FALSE(editor.isInMain(*editor.findNode("inner")));
        editor.erase(*editor.findNode("choice"));
        EXPECT_EQ(editor.useCount(x), 0U);
        EXPECT_EQ(editor.findNode("inner"), nullptr);
        editor.append(graph.main, editor.makeNode("aten::relu", "inner", {x}));
    }
    EXPECT_EQ(names(graph.main), std::vector<std::string>{"inner"});
}

TEST(Editor, ANodeMayTakeTheResultsOfAnother) {
    Graph graph = smallConvNet();
    {
        Editor editor(graph);
        Node &conv = *editor.findNode("conv1"), &relu = *editor.findNode("relu1");
        const ValueId out = relu.results.front();
        editor.setResults(conv, relu.results);
        editor.erase(relu);
        EXPECT_EQ(editor.producer(out), &conv);
    }
    EXPECT_TRUE(verify(graph));
    EXPECT_EQ(names(graph.main), (std::vector<std::string>{"conv1", "pool1", "flatten", "fc"}));
}

// ---- against a slow, obvious model of the same edits

/// A graph with lists, conditions, loops, several outputs and names that end like numbered ones.
Graph wildGraph(std::mt19937& random) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const ValueId w = graph.addWeight("w", support::randomTensor({2}, 1));
    graph.addNode("aten::relu", "relu_1", {x});
    graph.addNode("aten::relu", "relu", {graph.main.nodes.back().results[0]});
    graph.addNode("aten::cat", "relu_1_1", {std::vector<Operand>{x, w, std::vector<Operand>{w, x}}, number(0)});
    const ValueId joined = graph.main.nodes.back().results[0];
    for (int i = 0; i < 5; ++i) {
        Node made;
        made.op = i % 2 == 0 ? "prim::If" : "prim::Loop";
        made.name = "flow_" + std::to_string(i);
        made.operands = {joined};
        made.results = {graph.addResult(made.name + "_out")};
        for (int branch = 0; branch < (i % 2 == 0 ? 2 : 1); ++branch) {
            Block block;
            Node first;
            first.op = "aten::relu";
            first.name = made.name + "_" + std::to_string(branch);
            first.operands = {random() % 2 == 0 ? joined : x};
            first.results = {graph.addResult(first.name + "_out")};
            block.outputs = {first.results[0], std::vector<Operand>{w, first.results[0]}};
            block.nodes = {first};
            made.blocks.push_back(block);
        }
        graph.main.nodes.push_back(made);
    }
    graph.main.outputs = {graph.main.nodes.back().results[0], joined, std::vector<Operand>{joined, x}};
    return graph;
}

/// The same edits on lists of names.
class SlowModel {
public:
    explicit SlowModel(Graph& graph) { read(graph.main); }
    std::map<Block*, std::vector<std::string>> order;

    void insert(Block& block, std::ptrdiff_t position, Node& node) {
        order[&block].insert(order[&block].begin() + position, node.name);
        for (Block& inner : node.blocks)
            read(inner);
    }
    std::pair<Block*, std::ptrdiff_t> find(const std::string& name) {
        for (auto& [block, nodes] : order) {
            const auto found = std::ranges::find(nodes, name);
            if (found != nodes.end()) return {block, found - nodes.begin()};
        }
        return {nullptr, 0};
    }
    /// Before the editor erases it, which finds the nodes inside.
    void erase(Node& node, Editor& editor) {
        const auto [block, position] = find(node.name);
        order[block].erase(order[block].begin() + position);
        forgetBlocks(node, editor);
    }
    std::vector<std::string> all() const {
        std::vector<std::string> names;
        for (const auto& [block, nodes] : order)
            names.insert(names.end(), nodes.begin(), nodes.end());
        return names;
    }

private:
    void read(Block& block) {
        order[&block] = names(block);
        for (Node& node : block.nodes) {
            for (Block& inner : node.blocks)
                read(inner);
        }
    }
    void forgetBlocks(Node& node, Editor& editor) {
        for (Block& inner : node.blocks) {
            const std::vector<std::string> nodes = std::move(order.at(&inner));
            order.erase(&inner);
            for (const std::string& name : nodes)
                forgetBlocks(*editor.findNode(name), editor);
        }
    }
};

using Places = std::multiset<std::pair<std::string, int>>; // node ("" for outputs) and operand

class EditorAgainstModel : public testing::TestWithParam<unsigned> {
protected:
    EditorAgainstModel() : random(GetParam()), graph(wildGraph(random)), model(graph), editor(graph) {}

    template<class T>
    const T& any(const std::vector<T>& from) {
        return from[random() % from.size()];
    }

    /// Seen everywhere.
    ValueId outside() { return random() % 2 == 0 ? graph.main.inputs.front() : weight; }

    Operand anyOperand() {
        if (random() % 3 != 0) return outside();
        return std::vector<Operand>{outside(), number(3), std::vector<Operand>{outside()}};
    }

    void insert() {
        Node& place = *editor.findNode(any(model.all()));
        const auto [block, position] = model.find(place.name);
        const std::string wanted = any(std::vector<std::string>{"relu", "relu_1", "flow_1_0", "new"});
        switch (random() % 4) {
        case 0:
            return model.insert(*block, position, editor.insertBefore(place, editor.makeNode("aten::relu", wanted, {anyOperand()})));
        case 1: {
            const Operand read = place.results.empty() ? anyOperand() : Operand(place.results.front());
            return model.insert(*block, position + 1, editor.insertBehind(place, editor.makeNode("aten::relu", wanted, {read}, 2)));
        }
        case 2:
            return model.insert(*block, 0, editor.insertFirst(*block, editor.makeNode("aten::relu", wanted, {anyOperand()})));
        default: {
            Node choice = editor.makeNode("prim::If", wanted, {anyOperand()});
            Node inner = editor.makeNode("aten::relu", wanted, {anyOperand()});
            choice.blocks = {{{}, {inner}, {inner.results[0]}}, {{}, {}, {outside()}}};
            const auto end = static_cast<std::ptrdiff_t>(model.order.at(block).size());
            return model.insert(*block, end, editor.append(*block, std::move(choice)));
        }
        }
    }

    void change() {
        Node& node = *editor.findNode(any(model.all()));
        switch (random() % 4) {
        case 0:
            if (!node.operands.empty()) editor.setOperand(node, random() % node.operands.size(), anyOperand());
            return;
        case 1:
            if (node.op == "aten::relu") editor.setOperands(node, {anyOperand(), anyOperand()});
            return;
        case 2: // leave the node out
            if (node.op != "aten::relu" || !node.operands[0].isValue()) return;
            for (const ValueId result : node.results)
                editor.replaceUses(result, node.operands[0].value());
            model.erase(node, editor);
            return editor.erase(node);
        default: { // some readers read what stands between
            if (node.results.empty()) return;
            auto readers = editor.uses(node.results.front());
            std::erase_if(readers, [this](const Editor::Use&) { return random() % 2 == 0; });
            const auto [block, position] = model.find(node.name);
            Node& between = editor.insertBehind(node, editor.makeNode("aten::relu", "between", {node.results.front()}));
            model.insert(*block, position + 1, between);
            return editor.redirect(readers, between.results.front());
        }
        }
    }

    void eraseUnread() {
        Node& node = *editor.findNode(any(model.all()));
        if (!std::ranges::all_of(node.results, [this](ValueId id) { return editor.useCount(id) == 0; })) return;
        if (model.all().size() < 10) return;
        model.erase(node, editor);
        editor.erase(node);
    }

    /// Of the nodes of the main block, the first that reads the value: by looking at all.
    std::string slowFirstReader(ValueId value) {
        const std::function<bool(const Operand&)> isValue = [&](const Operand& operand) {
            bool found = false;
            forEachValue(operand, [&](ValueId id) { found = found || id == value; });
            return found;
        };
        const std::function<bool(Node&)> reads = [&](Node& node) {
            return std::ranges::any_of(node.operands, isValue) || std::ranges::any_of(node.blocks, [&](Block& block) {
                       return std::ranges::any_of(block.outputs, isValue) ||
                              std::ranges::any_of(model.order.at(&block),
                                                  [&](const std::string& name) { return reads(*editor.findNode(name)); });
                   });
        };
        for (const std::string& name : model.order.at(&graph.main)) {
            if (reads(*editor.findNode(name))) return name;
        }
        return "";
    }

    std::mt19937 random;
    Graph graph;
    SlowModel model;
    ValueId weight = 1;
    Editor editor;
};

TEST_P(EditorAgainstModel, RandomEditsLeaveWhatAFreshIndexSees) {
    for (int edit = 0; edit < 300; ++edit) {
        switch (random() % 5) {
        case 0:
        case 1:
            insert();
            break;
        case 2:
        case 3:
            change();
            break;
        default:
            eraseUnread();
        }
        if (edit % 10 != 0) continue;
        const auto value = static_cast<ValueId>(random() % graph.values.size());
        const Node* first = editor.firstReader(value);
        EXPECT_EQ(first == nullptr ? "" : first->name, slowFirstReader(value));
    }

    std::vector<Places> uses;
    std::vector<std::string> producers;
    for (std::size_t id = 0; id < graph.values.size(); ++id) {
        Places places;
        for (const Editor::Use& use : editor.uses(static_cast<ValueId>(id)))
            places.emplace(use.node == nullptr ? "" : use.node->name, use.operand);
        EXPECT_EQ(places.size(), editor.useCount(static_cast<ValueId>(id)));
        uses.push_back(std::move(places));
        const Node* producer = editor.producer(static_cast<ValueId>(id));
        producers.push_back(producer == nullptr ? "" : producer->name);
    }
    editor.finish();

    ASSERT_TRUE(verify(graph)) << verify(graph).error().message << "\n" << text(graph);
    for (const auto& [block, expected] : model.order)
        EXPECT_EQ(names(*block), expected);
    const UseIndex fresh(graph);
    for (std::size_t id = 0; id < graph.values.size(); ++id) {
        Places places;
        for (const UseIndex::Use& use : fresh.uses(static_cast<ValueId>(id)))
            places.emplace(use.node == nullptr ? "" : use.node->name, use.operand);
        EXPECT_EQ(places, uses[id]) << graph.values[id].name;
        const Node* producer = fresh.producer(static_cast<ValueId>(id));
        EXPECT_EQ(producer == nullptr ? "" : producer->name, producers[id]) << graph.values[id].name;
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, EditorAgainstModel, testing::Range(1U, 41U));

/// Every layer of a transformer gets a node in front of its input and one in front of its weight, then every second layer leaves the graph;
/// one mask is read by all blocks. The number of steps for each node must not grow with the graph.
double stepsPerNode(int nodes) {
    Graph graph = support::transformer(nodes);
    std::vector<std::string> layers;
    for (const Node& node : graph.main.nodes)
        layers.push_back(node.name);
    Editor editor(graph);
    for (const std::string& name : layers) {
        Node& node = *editor.findNode(name);
        const ValueId result = node.results.front();
        const auto readers = editor.uses(result);
        Node& behind = editor.insertBehind(node, editor.makeNode("aten::relu", "same", {result}));
        editor.redirect(readers, behind.results.front());
        for (std::size_t i = 0; i < node.operands.size(); ++i) {
            if (!node.operands[i].isValue() || graph.value(node.operands[i].value()).kind != ValueKind::Weight) continue;
            const ValueId weight = node.operands[i].value();
            const ValueId made =
                editor.insertBefore(*editor.firstReader(weight), editor.makeNode("aten::relu", "same", {weight})).results.front();
            editor.setOperand(node, i, Operand(made));
        }
        editor.replaceUses(behind.results.front(), result);
        editor.erase(behind);
    }
    editor.finish();
    EXPECT_TRUE(verify(graph));
    return static_cast<double>(editor.work()) / nodes;
}

TEST(Editor, StepsForEachNodeDoNotGrowWithTheGraph) {
    const double small = stepsPerNode(500), large = stepsPerNode(16'000);
    EXPECT_LT(large, 1.2 * small);
}

} // namespace
} // namespace lathe::graph

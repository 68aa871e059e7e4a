#include <core/layout/closed_modules.h>

#include <gtest/gtest.h>

#include <tests/support/transformer.h>

namespace lathe::layout {
namespace {

using Kind = graph::OpenModules::Kind;

std::string around(const ClosedModules& modules, std::string_view name) {
    const std::string* id = modules.around(name);
    return id == nullptr ? "none" : *id;
}

/// Whatever is open: a node is drawn or is in the closed module that its name tells, and the modules count them all.
TEST(ClosedModules, EveryNodeOfTheModelIsFound) {
    const graph::Graph graph = support::transformer(131);
    for (const graph::OpenModules& open : {graph::OpenModules{Kind::All}, graph::OpenModules{Kind::Chosen, {}},
                                           graph::OpenModules{Kind::Chosen, {"blocks", "blocks.1", "blocks.4"}}}) {
        const Drawing drawn = drawing(graph, open);
        const ClosedModules modules(drawn);
        std::map<std::string, std::int64_t> inside;
        graph::forEachNode(graph, [&](const graph::Node& node) {
            const bool isDrawn = std::ranges::find(drawn.nodes, node.name, &DrawNode::id) != drawn.nodes.end();
            const std::string* id = modules.around(node.name);
            EXPECT_NE(isDrawn, id != nullptr) << node.name;
            if (id != nullptr) ++inside[*id];
        });
        for (const DrawNode& node : drawn.nodes)
            EXPECT_EQ(inside[node.id], node.nodesInside) << node.id;
        EXPECT_EQ(modules.isEmpty(), open.kind == Kind::All);
    }
}

TEST(ClosedModules, ByTheOutermostPath) {
    Drawing drawn;
    drawn.nodes.resize(3);
    drawn.nodes[0].id = "module:layer1";
    drawn.nodes[0].op = moduleOp;
    drawn.nodes[0].scope = "layer1";
    drawn.nodes[1].id = "layer2";
    drawn.nodes[2] = drawn.nodes[0];
    drawn.nodes[2].id = "module:layer3.0_1"; // gave way to a node of that name
    drawn.nodes[2].scope = "layer3.0";
    const ClosedModules modules(drawn);
    EXPECT_EQ(around(modules, "layer1"), "module:layer1");
    EXPECT_EQ(around(modules, "layer1.0.conv"), "module:layer1");
    EXPECT_EQ(around(modules, "layer10.conv"), "none");
    EXPECT_EQ(around(modules, "layer2"), "none");
    EXPECT_EQ(around(modules, "layer3.0.bn.add"), "module:layer3.0_1");
    EXPECT_EQ(around(modules, "layer3.1.bn"), "none");
    EXPECT_EQ(around(ClosedModules(), "layer1"), "none");
}

TEST(ClosedModules, PathsAroundANode) {
    EXPECT_EQ(pathsAround("layer1.0.conv"), (std::vector<std::string>{"layer1.0.conv", "layer1.0", "layer1"}));
    EXPECT_EQ(pathsAround("fc"), (std::vector<std::string>{"fc"}));
}

} // namespace
} // namespace lathe::layout

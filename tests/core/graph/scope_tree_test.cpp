#include <core/graph/scope_tree.h>

#include <algorithm>

#include <gtest/gtest.h>

namespace lathe::graph {
namespace {

using Kind = OpenModules::Kind;

/// Scopes as the readers give them: a layer's is its own path.
ScopeTree tree(const std::vector<std::pair<const char*, const char*>>& namesAndScopes) {
    std::vector<ScopeTree::Entry> entries;
    for (const auto& [name, scope] : namesAndScopes)
        entries.push_back({name, scope, std::string_view(name).find("conv") != std::string_view::npos});
    return ScopeTree(entries);
}

/// Two blocks, of which the second has a short cut in a module of its own.
ScopeTree resnet() {
    return tree({{"conv1", "conv1"},
                 {"layer1.0.conv1", "layer1.0.conv1"},
                 {"layer1.0.relu", "layer1.0.relu"},
                 {"layer1.0.relu_1", "layer1.0.relu"},
                 {"layer2.0.conv1", "layer2.0.conv1"},
                 {"layer2.0.downsample.0.conv", "layer2.0.downsample.0.conv"},
                 {"layer2.0.downsample.1", "layer2.0.downsample.1"},
                 {"layer2.0.add", "layer2.0"},
                 {"layer2.1.conv1", "layer2.1.conv1"},
                 {"layer2.1.add", "layer2.1"},
                 {"fc", "fc"}});
}

std::vector<std::string> openPaths(const ScopeTree& tree, const OpenModules& choice, std::int64_t limit = 1000) {
    const std::vector<bool> isOpen = tree.open(choice, limit);
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < isOpen.size(); ++i)
        if (isOpen[i]) paths.push_back(tree.modules()[i].path);
    return paths;
}

using Paths = std::vector<std::string>;

TEST(ScopeTree, ModulesAreWhatHoldsSeveralNodes) {
    const ScopeTree modules = resnet();
    // Of layer1 and layer1.0, which hold the same, one; the path of a single layer is that layer.
    EXPECT_EQ(openPaths(modules, {Kind::All}), (Paths{"layer1", "layer2", "layer2.0", "layer2.0.downsample", "layer2.1"}));
    const ScopeTree::Module& layer2 = modules.modules()[1];
    EXPECT_EQ(layer2.nodes, 6);
    EXPECT_EQ(layer2.layers, 3);
    EXPECT_EQ(layer2.own, 0);
    EXPECT_EQ(layer2.children, (std::vector<int>{2, 4}));
    EXPECT_EQ(modules.modules()[0].own, 3);
    EXPECT_EQ(modules.modules()[2].own, 2);
    EXPECT_EQ(modules.modules()[3].parent, 2);
}

TEST(ScopeTree, ANodeIsFoundByItsName) {
    const ScopeTree modules = resnet();
    const auto path = [&](std::string_view name) {
        const int module = modules.moduleOf(name);
        return module < 0 ? std::string() : modules.modules()[static_cast<std::size_t>(module)].path;
    };
    EXPECT_EQ(path("conv1"), "");
    EXPECT_EQ(path("layer1.0.relu_1"), "layer1");
    EXPECT_EQ(path("layer2.0.downsample.0.conv"), "layer2.0.downsample");
    EXPECT_EQ(path("layer2.0.downsample.0.conv_new"), "layer2.0.downsample"); // of a rewrite
    EXPECT_EQ(path("layer2.0.add"), "layer2.0");
    EXPECT_EQ(path("layer20.add"), "");
    EXPECT_EQ(path(""), "");
}

/// A layer that is called as its module, with others beside it in that.
TEST(ScopeTree, AModuleMayHaveTheNameOfANode) {
    const ScopeTree modules = tree({{"attention", "attention"}, {"attention.matmul", "attention"}, {"fc", "fc"}});
    EXPECT_EQ(openPaths(modules, {Kind::All}), (Paths{"attention"}));
    EXPECT_EQ(modules.moduleOf("attention"), 0);
    EXPECT_EQ(modules.modules()[0].nodes, 2);
}

TEST(ScopeTree, DotsAloneMakeNoModule) {
    EXPECT_TRUE(tree({{"a.1", ""}, {"a.2", ""}, {".b", ""}, {"..", "."}}).modules().empty());
    EXPECT_TRUE(tree({}).modules().empty());
    EXPECT_EQ(tree({}).moduleOf("a.b"), -1);
}

TEST(ScopeTree, AModuleIsOpenWhenAllAroundItAre) {
    const ScopeTree modules = resnet();
    EXPECT_EQ(openPaths(modules, {Kind::Chosen, {}}), Paths());
    EXPECT_EQ(openPaths(modules, {Kind::Chosen, {"layer2.0", "layer2.0.downsample"}}), Paths());
    EXPECT_EQ(openPaths(modules, {Kind::Chosen, {"layer2.0", "layer2", "elsewhere", "", "conv1"}}), (Paths{"layer2", "layer2.0"}));
    EXPECT_EQ(openPaths(modules, {Kind::Chosen, {"layer1.0"}}), (Paths{"layer1"})); // goes by that name
    const std::vector<bool> isOpen = modules.open({Kind::Chosen, {"layer2"}}, 0);
    EXPECT_EQ(modules.closedAround("layer2.0.downsample.1", isOpen), 2); // layer2.0
    EXPECT_EQ(modules.closedAround("layer1.0.relu", isOpen), 0);
    EXPECT_EQ(modules.closedAround("fc", isOpen), -1);
}

TEST(ScopeTree, FittingOpensWholeLevels) {
    const ScopeTree modules = resnet();
    EXPECT_EQ(openPaths(modules, {Kind::Fitting}, 3), Paths()); // four are there at the least
    // conv1, fc, three of layer1, two of layer2
    EXPECT_EQ(openPaths(modules, {Kind::Fitting}, 6), Paths());
    EXPECT_EQ(openPaths(modules, {Kind::Fitting}, 7), (Paths{"layer1", "layer2"}));
    EXPECT_EQ(openPaths(modules, {Kind::Fitting}, 9), (Paths{"layer1", "layer2"}));
    EXPECT_EQ(openPaths(modules, {Kind::Fitting}, 10), (Paths{"layer1", "layer2", "layer2.0", "layer2.1"}));
    EXPECT_EQ(openPaths(modules, {Kind::Fitting}, 11), openPaths(modules, {Kind::All}));
}

/// Against what the rules say word for word, over trees of made-up names.
TEST(ScopeTree, EveryNodeIsShownOnceAsItselfOrInOneModule) {
    std::vector<std::string> names;
    for (int i = 0; i < 300; ++i) {
        std::string name;
        for (int rest = i; rest > 0; rest /= 3)
            name += std::string(name.empty() ? "" : ".") + "abc"[rest % 3];
        names.push_back(name + ".n" + std::to_string(i));
    }
    std::vector<ScopeTree::Entry> entries;
    for (const std::string& name : names)
        entries.push_back({name, name, false});
    const ScopeTree modules(entries);
    const auto count = [&](auto accept) { return static_cast<std::int64_t>(std::ranges::count_if(names, accept)); };
    for (const ScopeTree::Module& module : modules.modules()) {
        EXPECT_EQ(module.nodes, count([&](const std::string& name) { return name.starts_with(module.path + "."); })) << module.path;
        EXPECT_GE(module.nodes, 2) << module.path;
    }
    for (const std::int64_t limit : {0, 1, 5, 20, 60, 200, 299, 300, 1000}) {
        const std::vector<bool> isOpen = modules.open({Kind::Fitting}, limit);
        std::vector<bool> isShown(modules.modules().size());
        std::int64_t shown = 0, inside = 0;
        for (const std::string& name : names) {
            const int closed = modules.closedAround(name, isOpen);
            if (closed < 0)
                ++shown;
            else if (!isShown[static_cast<std::size_t>(closed)]) {
                isShown[static_cast<std::size_t>(closed)] = true;
                ++shown;
                inside += modules.modules()[static_cast<std::size_t>(closed)].nodes - 1;
            }
        }
        EXPECT_EQ(shown + inside, 300);
        const bool isOutermost = std::ranges::none_of(isOpen, [](bool open) { return open; });
        EXPECT_TRUE(shown <= limit || isOutermost) << shown << " of " << limit;
    }
}

} // namespace
} // namespace lathe::graph

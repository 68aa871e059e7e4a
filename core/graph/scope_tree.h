#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lathe::graph {

/// Modules that are open: what stands in them is to be seen. Paths that no module has are left alone, so that one choice fits every stage
/// of a model.
struct OpenModules {
    enum class Kind {
        Fitting, ///< level by level, as long as all of a level together show few enough nodes
        All,
        Chosen ///< those of `paths` that no closed one is around
    };
    Kind kind = Kind::Fitting;
    std::vector<std::string> paths{};
    bool operator==(const OpenModules&) const = default;
};

/// Calls `visit` with each path that may be that of a module around the node, from inside out: its own name (of a module in which one node
/// is called as the module) and what stands in front of each dot.
template<class Visit>
void forEachPathAround(std::string_view nodeName, const Visit& visit) {
    visit(nodeName);
    for (auto dot = nodeName.rfind('.'); dot != std::string_view::npos && dot > 0; dot = nodeName.rfind('.', dot - 1))
        visit(nodeName.substr(0, dot));
}

/// The modules of a model, each with what stands in it. A node stands where its name says: "layer1.0.conv1" in "layer1.0", and that in
/// "layer1"; so whoever knows a name alone (a row of a table, a time of a run) finds its module too. A path is a module when it is the
/// scope of a node, or around one, and holds at least two nodes: that of a single node is the node itself. A module with nothing but one
/// other module in it opens together with that and goes by its own name.
class ScopeTree {
public:
    struct Entry {
        std::string_view name, scope; ///< of a node
        bool isLayer = false;
    };
    struct Module {
        std::string path;
        int parent = -1;                    ///< the module around it; -1: the model itself
        std::int64_t nodes = 0, layers = 0; ///< inside, at any depth
        std::int64_t own = 0;               ///< nodes that stand in no module of its own
        std::vector<int> children{};
    };

    /// The entries are read once and not kept. Linear in their number.
    explicit ScopeTree(const std::vector<Entry>& nodes);

    /// In the order in which the model comes to them; a module stands before those inside of it.
    [[nodiscard]] const std::vector<Module>& modules() const { return m_modules; }
    /// The innermost module that a node of this name stands in; -1: none.
    [[nodiscard]] int moduleOf(std::string_view nodeName) const;

    /// For each module: is it open, and all around it? Kind::Fitting shows at most `limit` nodes and closed modules, or the outermost
    /// level.
    [[nodiscard]] std::vector<bool> open(const OpenModules& choice, std::int64_t limit) const;
    /// The outermost module around the node that is not open; -1: there is none, the node is to be seen.
    [[nodiscard]] int closedAround(std::string_view nodeName, const std::vector<bool>& isOpen) const;

private:
    [[nodiscard]] std::vector<bool> fitting(std::int64_t limit) const;

    std::vector<Module> m_modules;
    std::unordered_map<std::string, int> m_byPath;
    std::int64_t m_ownOfModel = 0;
};

} // namespace lathe::graph

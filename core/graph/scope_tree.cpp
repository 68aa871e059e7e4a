#include <core/graph/scope_tree.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include <core/graph/scope.h>

namespace lathe::graph {

namespace {

using Module = ScopeTree::Module;

/// Every path that is a scope, or around one.
std::unordered_set<std::string> scopesOf(const std::vector<ScopeTree::Entry>& nodes) {
    std::unordered_set<std::string> scopes;
    for (const ScopeTree::Entry& node : nodes) {
        if (node.scope.empty() || !scopes.emplace(node.scope).second) continue;
        forEachOuterScope(node.scope, [&](std::string_view outer) { scopes.emplace(outer); });
    }
    return scopes;
}

/// Modules in the making: also those of one node, and those that hold nothing but another.
class Builder {
public:
    explicit Builder(const std::vector<ScopeTree::Entry>& nodes) : m_scopes(scopesOf(nodes)) {
        for (const ScopeTree::Entry& node : nodes)
            add(node);
        for (std::size_t i = modules.size(); i-- > 0;)
            settle(static_cast<int>(i));
    }

    std::vector<Module> modules;
    std::vector<int> standsFor; ///< by module: itself, the one that it opens with, or -1: it is none
    std::int64_t ownOfModel = 0;

private:
    Module& module(int index) { return modules[static_cast<std::size_t>(index)]; }

    void add(const ScopeTree::Entry& node) {
        int around = -1;
        bool isFound = false;
        forEachPathAround(node.name, [&](std::string_view path) {
            if (isFound || !m_scopes.contains(std::string(path))) return;
            isFound = true;
            around = moduleAt(path);
        });
        ++(around < 0 ? ownOfModel : module(around).own);
        for (; around >= 0; around = module(around).parent) {
            ++module(around).nodes;
            module(around).layers += node.isLayer ? 1 : 0;
        }
    }

    int moduleAt(std::string_view path) {
        if (const auto found = m_byPath.find(std::string(path)); found != m_byPath.end()) return found->second;
        const auto dot = path.rfind('.');
        const int parent = dot == std::string_view::npos || dot == 0 ? -1 : moduleAt(path.substr(0, dot));
        const int index = static_cast<int>(modules.size());
        modules.push_back({.path = std::string(path), .parent = parent});
        standsFor.push_back(index);
        m_byPath.emplace(path, index);
        return index;
    }

    /// Modules inside of it come later, and are settled.
    void settle(int index) {
        Module& settled = module(index);
        const auto place = static_cast<std::size_t>(index);
        std::ranges::reverse(settled.children); // they came from behind
        if (settled.nodes < 2) {
            standsFor[place] = -1;
            (settled.parent < 0 ? ownOfModel : module(settled.parent).own) += settled.own;
            return;
        }
        if (settled.own == 0 && settled.children.size() == 1) {
            const int only = settled.children.front();
            settled.own = module(only).own;
            settled.children = std::exchange(module(only).children, {});
            for (const int child : settled.children)
                module(child).parent = index;
            standsFor[static_cast<std::size_t>(only)] = index;
        }
        if (settled.parent >= 0) module(settled.parent).children.push_back(index);
    }

    std::unordered_set<std::string> m_scopes;
    std::unordered_map<std::string, int> m_byPath;
};

} // namespace

ScopeTree::ScopeTree(const std::vector<Entry>& nodes) {
    Builder built(nodes);
    m_ownOfModel = built.ownOfModel;
    std::vector<int> numbers(built.modules.size(), -1);
    for (std::size_t i = 0; i < built.modules.size(); ++i) {
        if (built.standsFor[i] != static_cast<int>(i)) continue;
        numbers[i] = static_cast<int>(m_modules.size());
        m_modules.push_back(built.modules[i]);
    }
    for (Module& module : m_modules) {
        if (module.parent >= 0) module.parent = numbers[static_cast<std::size_t>(module.parent)];
        for (int& child : module.children)
            child = numbers[static_cast<std::size_t>(child)];
    }
    // A module stands for those that came into it after it did.
    for (std::size_t i = 0; i < built.modules.size(); ++i) {
        const int standsFor = built.standsFor[i];
        if (standsFor < 0) continue;
        if (numbers[i] < 0) numbers[i] = numbers[static_cast<std::size_t>(standsFor)];
        m_byPath.emplace(built.modules[i].path, numbers[i]);
    }
}

int ScopeTree::moduleOf(std::string_view nodeName) const {
    int module = -1;
    forEachPathAround(nodeName, [&](std::string_view path) {
        if (module >= 0) return;
        if (const auto found = m_byPath.find(std::string(path)); found != m_byPath.end()) module = found->second;
    });
    return module;
}

std::vector<bool> ScopeTree::open(const OpenModules& choice, std::int64_t limit) const {
    if (choice.kind == OpenModules::Kind::Fitting) return fitting(limit);
    std::vector<bool> isOpen(m_modules.size(), choice.kind == OpenModules::Kind::All);
    for (const std::string& path : choice.paths) {
        if (const auto found = m_byPath.find(path); found != m_byPath.end()) isOpen[static_cast<std::size_t>(found->second)] = true;
    }
    for (std::size_t i = 0; i < m_modules.size(); ++i) {
        const int parent = m_modules[i].parent;
        if (parent >= 0 && !isOpen[static_cast<std::size_t>(parent)]) isOpen[i] = false;
    }
    return isOpen;
}

std::vector<bool> ScopeTree::fitting(std::int64_t limit) const {
    std::vector<bool> isOpen(m_modules.size(), false);
    std::vector<int> level;
    for (std::size_t i = 0; i < m_modules.size(); ++i)
        if (m_modules[i].parent < 0) level.push_back(static_cast<int>(i));
    auto visible = m_ownOfModel + static_cast<std::int64_t>(level.size());
    while (!level.empty()) {
        std::vector<int> inside;
        for (const int index : level) {
            const Module& module = m_modules[static_cast<std::size_t>(index)];
            visible += module.own + static_cast<std::int64_t>(module.children.size()) - 1;
            inside.insert(inside.end(), module.children.begin(), module.children.end());
        }
        if (visible > limit) break;
        for (const int index : level)
            isOpen[static_cast<std::size_t>(index)] = true;
        level = std::move(inside);
    }
    return isOpen;
}

int ScopeTree::closedAround(std::string_view nodeName, const std::vector<bool>& isOpen) const {
    int closed = -1;
    for (int module = moduleOf(nodeName); module >= 0; module = m_modules[static_cast<std::size_t>(module)].parent)
        if (!isOpen[static_cast<std::size_t>(module)]) closed = module;
    return closed;
}

} // namespace lathe::graph

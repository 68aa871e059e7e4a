#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

#include <torch/csrc/jit/ir/constants.h>

#include <core/formats/torchscript/flatten_torch.h>
#include <core/formats/torchscript/state_torch.h>

namespace lathe::formats {

namespace {

namespace jit = torch::jit;

std::optional<std::string> assignedPath(const jit::Node& node) {
    if (node.kind() != c10::prim::SetAttr) return std::nullopt;
    const auto owner = attributePath(*node.input(0));
    if (!owner) return std::nullopt;
    return owner->empty() ? node.s(c10::attr::name) : *owner + "." + node.s(c10::attr::name);
}

void collectAssigned(jit::Block* block, std::set<std::string>& paths) {
    for (jit::Node* node : block->nodes()) {
        if (const auto path = assignedPath(*node)) paths.insert(*path);
        for (jit::Block* inner : node->blocks())
            collectAssigned(inner, paths);
    }
}

/// What the graph can hold as the buffer of a state: tensors, and numbers as tensors of one element.
bool isKept(const c10::Type& type) {
    switch (type.kind()) {
    case c10::TypeKind::TensorType:
    case c10::TypeKind::IntType:
    case c10::TypeKind::FloatType:
    case c10::TypeKind::BoolType:
        return true;
    default:
        return false;
    }
}

class StateFlow {
public:
    StateFlow(jit::Graph& graph, const std::set<std::string>& paths) : m_graph(graph), m_paths(paths) {}

    void run() {
        m_start = m_graph.block()->param_node()->next();
        findTypes(m_graph.block());
        State state;
        walk(m_graph.block(), state);
        for (jit::Node* node : m_done)
            node->destroy();
        for (const auto& [path, value] : state) {
            if (!isKept(*m_types.at(path))) continue;
            const auto dot = path.rfind('.');
            jit::Value* owner = m_graph.inputs()[0];
            if (dot != std::string::npos) owner = attribute(path.substr(0, dot));
            const jit::WithInsertPoint end(m_graph.block());
            jit::Node* assignment = m_graph.insertNode(m_graph.create(c10::prim::SetAttr, {owner, value}, 0));
            assignment->s_(c10::attr::name, dot == std::string::npos ? path : path.substr(dot + 1));
            assignment->setScope(m_start->scope());
            m_kept.insert(path);
        }
    }

    [[nodiscard]] const std::set<std::string>& kept() const { return m_kept; }

private:
    using State = std::map<std::string, jit::Value*>; ///< what each attribute holds; nothing: what the model came with

    /// Of the attributes as they are declared: what is assigned may be of a narrower type.
    void findTypes(jit::Block* block) {
        for (jit::Node* node : block->nodes()) {
            if (const auto path = assignedPath(*node))
                m_types[*path] = node->input(0)->type()->expectRef<c10::ClassType>().getAttribute(node->s(c10::attr::name));
            for (jit::Block* inner : node->blocks())
                findTypes(inner);
        }
    }

    /// What the model came with, read at the start of the graph.
    jit::Value* original(const std::string& path) {
        jit::Value*& value = m_originals[path];
        return value = value != nullptr ? value : attribute(path);
    }

    jit::Value* attribute(const std::string& path) {
        const jit::WithInsertPoint start(m_start);
        jit::Value* owner = m_graph.inputs()[0];
        for (std::size_t begin = 0; begin <= path.size();) {
            const auto dot = std::min(path.find('.', begin), path.size());
            owner = m_graph.insertGetAttr(owner, path.substr(begin, dot - begin));
            owner->node()->setScope(m_start->scope());
            begin = dot + 1;
        }
        return owner;
    }

    jit::Value* held(const State& state, const std::string& path) {
        const auto found = state.find(path);
        return found != state.end() ? found->second : original(path);
    }

    void walk(jit::Block* block, State& state) {
        for (jit::Node* node : block->nodes()) {
            if (const auto path = assignedPath(*node)) {
                state[*path] = node->input(1);
                m_done.push_back(node);
            } else if (node->kind() == c10::prim::GetAttr) {
                const auto read = attributePath(*node->output());
                if (!read || !m_paths.contains(*read)) continue;
                if (const auto found = state.find(*read); found != state.end()) node->output()->replaceAllUsesWith(found->second);
            } else if (node->kind() == c10::prim::If) {
                branch(node, state);
            } else if (node->kind() == c10::prim::Loop) {
                loop(node, state);
            }
        }
    }

    void branch(jit::Node* node, State& state) {
        std::vector<State> after(2, state);
        std::set<std::string> changed;
        for (std::size_t i = 0; i < 2; ++i) {
            collectAssigned(node->blocks()[i], changed);
            walk(node->blocks()[i], after[i]);
        }
        for (const std::string& path : changed) {
            for (std::size_t i = 0; i < 2; ++i)
                node->blocks()[i]->registerOutput(held(after[i], path));
            state[path] = node->addOutput()->setType(m_types.at(path));
        }
    }

    void loop(jit::Node* node, State& state) {
        jit::Block* body = node->blocks()[0];
        std::set<std::string> changed;
        collectAssigned(body, changed);
        State inside = state;
        for (const std::string& path : changed) {
            node->addInput(held(state, path));
            inside[path] = body->addInput()->setType(m_types.at(path));
            state[path] = node->addOutput()->setType(m_types.at(path));
        }
        walk(body, inside);
        for (const std::string& path : changed)
            body->registerOutput(inside.at(path));
    }

    jit::Graph& m_graph;
    const std::set<std::string>& m_paths;
    jit::Node* m_start = nullptr;
    std::map<std::string, c10::TypePtr> m_types;
    std::map<std::string, jit::Value*> m_originals;
    std::vector<jit::Node*> m_done;
    std::set<std::string> m_kept;
};

} // namespace

AssignedState makeStateValues(jit::Graph& graph) {
    std::set<std::string> paths;
    collectAssigned(graph.block(), paths);
    if (paths.empty()) return {};
    StateFlow flow(graph, paths);
    flow.run();
    AssignedState assigned{flow.kept(), {}};
    std::ranges::set_difference(paths, assigned.kept, std::inserter(assigned.lost, assigned.lost.end()));
    return assigned;
}

} // namespace lathe::formats

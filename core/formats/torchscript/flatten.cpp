#include <core/formats/torchscript/flatten_torch.h>

#include <algorithm>
#include <set>

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/passes/lower_tuples.h>
#include <torch/csrc/jit/passes/peephole.h>
#include <torch/csrc/jit/passes/remove_exceptions.h>
#include <torch/csrc/jit/passes/remove_mutation.h>

#include <core/formats/torchscript/objects_torch.h>

namespace lathe::formats {

namespace {

namespace jit = torch::jit;

/// A file of a few kilobytes can hold functions that call each other ten times each; no real model comes near these.
constexpr std::size_t maxCalls = 100'000;
constexpr std::size_t maxNodes = 1'000'000;

/// The place in the Python source that the serialized code was made from, when the archive has kept it.
std::optional<jit::SourceRange> originalRange(const jit::SourceRange& range) {
    if (!range.source()) return std::nullopt;
    auto original = range.source()->findSourceRangeThatGenerated(range);
    if (original && original->source() && original->file_line_col()) return original;
    return std::nullopt;
}

graph::SourceLocation locationOf(const jit::SourceRange& range) {
    const auto place = range.file_line_col();
    if (!place || std::get<0>(*place).empty()) return {};
    return {std::get<0>(*place), static_cast<int>(std::get<1>(*place))};
}

/// Code of torch.nn says nothing about the model: the line that called it does.
bool isTorchsOwn(const graph::SourceLocation& location) {
    return location.file.empty() || location.file.find("/torch/nn/") != std::string::npos ||
           location.file.find("/torch/functional.py") != std::string::npos || location.file.find("/torch/_") != std::string::npos;
}

/// Scopes of the JIT are one interned name per node that all passes carry along: ours holds path and call.
jit::ScopePtr scopeFor(const std::string& path, int call) {
    const auto root = c10::make_intrusive<jit::Scope>();
    return root->push(c10::Symbol::scope(path + "#" + std::to_string(call)));
}

template<class Visit>
void forEachNode(jit::Node* first, const jit::Node* last, const Visit& visit) {
    for (jit::Node* node = first; node != last; node = node->next()) {
        visit(node);
        for (jit::Block* block : node->blocks())
            forEachNode(block->param_node()->next(), block->return_node(), visit);
    }
}

class Inliner {
public:
    explicit Inliner(jit::Graph& graph) : m_graph(graph) {}

    base::Result<> run() {
        forEachNode(first(m_graph.block()), m_graph.block()->return_node(),
                    [this](jit::Node* node) { settle(node, "", 0, jit::SourceRange()); });
        return inlineIn(m_graph.block());
    }

private:
    static jit::Node* first(jit::Block* block) { return block->param_node()->next(); }

    void settle(jit::Node* node, const std::string& path, int call, const jit::SourceRange& caller) {
        node->setScope(scopeFor(path, call));
        const auto original = originalRange(node->sourceRange());
        const bool useCaller = caller.source() && (!original || isTorchsOwn(locationOf(*original))) && !locationOf(caller).file.empty();
        node->setSourceRange(useCaller ? caller : original.value_or(jit::SourceRange()));
        ++m_nodes;
    }

    base::Result<> inlineIn(jit::Block* block) {
        for (jit::Node* node = first(block); node != block->return_node();) {
            for (jit::Block* inner : node->blocks()) {
                if (auto result = inlineIn(inner); !result) return result;
            }
            const bool isCall = node->kind() == c10::prim::CallMethod || node->kind() == c10::prim::CallFunction;
            jit::GraphFunction* callee = isCall ? jit::tryToGraphFunction(node) : nullptr;
            if (callee == nullptr) {
                node = node->next();
                continue;
            }
            const Origin origin = originOf(*node);
            std::string path = origin.scope;
            if (node->kind() == c10::prim::CallMethod)
                path = attributePath(*node->input(0)).value_or(path);
            else
                node->removeInput(0);
            // A function is part of the module that calls it; a method is a call of its own.
            const int call = node->kind() == c10::prim::CallMethod ? ++m_calls : origin.call;
            const jit::SourceRange caller = node->sourceRange();
            jit::Node* const before = node->prev();
            jit::Node* const after = node->next();
            jit::inlineCallTo(node, callee, callee->graph().get());
            forEachNode(before->next(), after, [&](jit::Node* inlined) { settle(inlined, path, call, caller); });
            if (++m_inlined > maxCalls || m_nodes > maxNodes)
                return base::failure(base::ErrorCode::Rejected,
                                     "The model has more than a million operations once its calls are resolved.");
            node = before->next();
        }
        return {};
    }

    jit::Graph& m_graph;
    int m_calls = 0;
    std::size_t m_inlined = 0;
    std::size_t m_nodes = 0;
};

/// An argument of forward that may be left out is left out, unless it is a tensor that is given: then it is there in each call.
void fixDefaults(jit::Graph& graph, const c10::FunctionSchema& schema, std::span<const std::string> given) {
    for (std::size_t index = graph.inputs().size(); index-- > 1;) {
        if (index >= schema.arguments().size() || !schema.arguments()[index].default_value()) continue;
        const bool isGiven = std::ranges::find(given, schema.arguments()[index].name()) != given.end();
        if (isGiven && graph.inputs()[index]->type()->isSubtypeOf(*c10::OptionalType::ofTensor())) {
            graph.inputs()[index]->setType(c10::TensorType::get());
            continue;
        }
        const jit::WithInsertPoint start(graph.block()->param_node()->next());
        graph.inputs()[index]->replaceAllUsesWith(graph.insertConstant(*schema.arguments()[index].default_value()));
        graph.eraseInput(index);
    }
}

/// How long a tensor of the model is is known: state that is empty before the first call.
void foldLengths(jit::Graph& graph, jit::Value& attribute, const at::Tensor& tensor) {
    if (!tensor.defined() || tensor.dim() == 0) return;
    std::vector<jit::Node*> lengths;
    for (const jit::Use& use : attribute.uses()) {
        if (use.user->kind() == c10::aten::len) lengths.push_back(use.user);
    }
    for (jit::Node* length : lengths) {
        const jit::WithInsertPoint here(length);
        jit::Value* constant = graph.insertConstant(tensor.size(0));
        constant->node()->copyMetadata(length);
        length->output()->replaceAllUsesWith(constant);
    }
}

/// Numbers, flags and None that the module holds become constants, so that `if self.training` can be decided.
void foldAttributes(jit::Graph& graph, const jit::Module& module, const std::set<std::string>& kept) {
    for (jit::Node* node : jit::findAllNodes(graph, c10::prim::GetAttr, true)) {
        const auto path = attributePath(*node->output());
        if (!path || kept.contains(*path)) continue;
        const c10::IValue value = attributeAt(module, *path);
        if (value.isTensor()) {
            node->output()->setType(c10::TensorType::get());
            foldLengths(graph, *node->output(), value.toTensor());
            continue;
        }
        if (value.isObject()) {
            if (!value.isCustomClass() && !value.toObjectRef().type()->is_module())
                node->output()->setType(value.type()); // not None, although it might have been
            continue;
        }
        const jit::WithInsertPoint here(node);
        if (const auto constant = jit::tryInsertConstant(graph, value)) {
            (*constant)->node()->copyMetadata(node);
            node->output()->replaceAllUsesWith(*constant);
        }
    }
}

/// In a branch for when an argument is given, the None that stands for it is called a number or a list. Once calls are inlined torch's own
/// passes would make a constant of that type of it, and then ask for its value.
void fixAbsentArguments(jit::Graph& graph) {
    const auto isNone = [](const jit::Value* value) {
        return value->node()->kind() == c10::prim::Constant && !value->node()->hasAttributes() &&
               value->type()->kind() != c10::TypeKind::FunctionType;
    };
    for (jit::Node* cast : jit::findAllNodes(graph, c10::prim::unchecked_cast, true)) {
        if (isNone(cast->input())) cast->output()->replaceAllUsesWith(cast->input());
    }
    for (jit::Node* constant : jit::findAllNodes(graph, c10::prim::Constant, true)) {
        if (isNone(constant->output())) constant->output()->setType(c10::NoneType::get());
    }
}

/// What a value is declared as decides what it is an instance of, unless it is declared as one of several.
void foldInstanceChecks(jit::Graph& graph) {
    for (jit::Node* check : jit::findAllNodes(graph, c10::prim::isinstance, true)) {
        const c10::TypePtr& type = check->input()->type();
        const auto& wanted = check->tys(c10::attr::types);
        const bool isInstance = std::ranges::any_of(wanted, [&](const c10::TypePtr& each) { return type->isSubtypeOf(*each); });
        const bool isOpen = type->kind() == c10::TypeKind::AnyType || type->kind() == c10::TypeKind::UnionType ||
                            type->kind() == c10::TypeKind::OptionalType;
        if (!isInstance && isOpen) continue;
        const jit::WithInsertPoint here(check);
        jit::Value* constant = graph.insertConstant(isInstance);
        constant->node()->copyMetadata(check);
        check->output()->replaceAllUsesWith(constant);
    }
}

const jit::Value* withoutCasts(const jit::Value* value) {
    while (value->node()->kind() == c10::prim::unchecked_cast)
        value = value->node()->input();
    return value;
}

bool isInside(const jit::Node& node, const jit::Node& outer) {
    for (const jit::Node* owner = &node; owner != nullptr; owner = owner->owningBlock()->owningNode()) {
        if (owner == &outer) return true;
    }
    return false;
}

/// What both branches give, and what a loop hands on as it got it, is known in front of them: an argument that is not given stays None.
bool foldCarried(jit::Block* block) {
    bool isFolded = false;
    const auto fold = [&](jit::Value* value, jit::Value* known) {
        if (value == known || !value->hasUses() || !known->type()->isSubtypeOf(*value->type())) return;
        value->replaceAllUsesWith(known);
        isFolded = true;
    };
    for (jit::Node* node : block->nodes()) {
        for (jit::Block* inner : node->blocks())
            isFolded = foldCarried(inner) || isFolded;
        for (std::size_t i = 0; i < node->outputs().size(); ++i) {
            if (node->kind() == c10::prim::If) {
                jit::Value* given[] = {node->blocks()[0]->outputs()[i], node->blocks()[1]->outputs()[i]};
                if (withoutCasts(given[0]) != withoutCasts(given[1])) continue;
                for (jit::Value* each : given) {
                    if (!isInside(*each->node(), *node)) fold(node->outputs()[i], each);
                }
            } else if (node->kind() == c10::prim::Loop) {
                jit::Value* carried = node->blocks()[0]->inputs()[i + 1];
                if (withoutCasts(node->blocks()[0]->outputs()[i + 1]) != carried) continue;
                fold(carried, node->inputs()[i + 2]);
                fold(node->outputs()[i], node->inputs()[i + 2]);
            }
        }
    }
    return isFolded;
}

std::size_t nodesIn(const jit::Block& block) {
    std::size_t count = 0;
    for (const jit::Node* node : block.nodes()) {
        ++count;
        for (const jit::Block* inner : node->blocks())
            count += nodesIn(*inner);
    }
    return count;
}

/// Every decision that falls can make the next one decidable. On some graphs torch's peephole pass says for ever that it has changed
/// something (scripted SSDlite), so rounds that leave as many nodes as before are only few.
void decide(std::shared_ptr<jit::Graph>& graph) {
    constexpr int mostIdleRounds = 5;
    for (int idleRounds = 0; idleRounds < mostIdleRounds;) {
        const std::size_t before = nodesIn(*graph->block());
        jit::LowerSimpleTuples(graph);
        const bool isFolded = foldCarried(graph->block());
        const bool isPropagated = jit::ConstantPropagationImmutableTypes(graph);
        const bool isPeeped = jit::PeepholeOptimize(graph, /*disable_shape_peepholes=*/true);
        jit::EliminateDeadCode(graph);
        if (!isPropagated && !isPeeped && !isFolded) return;
        idleRounds = isPropagated || isFolded || nodesIn(*graph->block()) != before ? 0 : idleRounds + 1;
    }
}

void simplify(std::shared_ptr<jit::Graph>& graph) {
    for (jit::Node* warning : jit::findAllNodes(*graph, c10::aten::warn, true))
        warning->destroy();
    foldInstanceChecks(*graph);
    decide(graph);
    dissolveObjects(*graph);
    fixAbsentArguments(*graph);
    jit::EliminateExceptions(graph);
    decide(graph);
    jit::RemoveListMutation(graph);
    jit::RemoveTensorMutation(graph);
    jit::EliminateDeadCode(graph);
}

} // namespace

Origin originOf(const jit::Node& node) {
    Origin origin;
    origin.source = locationOf(node.sourceRange());
    const std::string text = node.scopeName();
    const auto mark = text.rfind('#');
    if (mark == std::string::npos) return origin;
    origin.scope = text.substr(0, mark);
    origin.call = std::stoi(text.substr(mark + 1));
    return origin;
}

std::optional<std::string> attributePath(const jit::Value& value) {
    const jit::Node* node = value.node();
    if (node->kind() == c10::prim::Param) {
        const auto inputs = node->owningGraph()->inputs();
        const bool isSelf = !inputs.empty() && inputs[0] == &value;
        return isSelf ? std::optional<std::string>("") : std::nullopt;
    }
    if (node->kind() == c10::prim::unchecked_cast) return attributePath(*node->input());
    if (node->kind() != c10::prim::GetAttr) return std::nullopt;
    const auto parent = attributePath(*node->input());
    if (!parent) return std::nullopt;
    return parent->empty() ? node->s(c10::attr::name) : *parent + "." + node->s(c10::attr::name);
}

c10::IValue attributeAt(const jit::Module& module, const std::string& path) {
    c10::IValue value = module._ivalue();
    for (std::size_t start = 0; start < path.size();) {
        const auto dot = std::min(path.find('.', start), path.size());
        value = value.toObjectRef().getAttr(path.substr(start, dot - start));
        start = dot + 1;
    }
    return value;
}

base::Result<FlatGraph> flatten(jit::Module module, std::span<const std::string> given) {
    module.eval();
    const auto forward = module.find_method("forward");
    if (!forward) return base::failure(base::ErrorCode::Rejected, "The model has no forward method.");
    jit::GraphFunction* function = jit::tryToGraphFunction(forward->function());
    if (function == nullptr) return base::failure(base::ErrorCode::Rejected, "The model's forward method is not TorchScript.");
    std::shared_ptr<jit::Graph> graph = function->graph()->copy();
    if (auto result = Inliner(*graph).run(); !result) return base::forward(result);
    fixDefaults(*graph, function->getSchema(), given);
    AssignedState state = makeStateValues(*graph);
    foldAttributes(*graph, module, state.kept);
    simplify(graph);
    return FlatGraph{std::move(graph), std::move(state)};
}

} // namespace lathe::formats

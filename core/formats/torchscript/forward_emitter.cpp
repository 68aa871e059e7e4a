#include <core/formats/torchscript/forward_emitter_torch.h>

#include <algorithm>
#include <cctype>
#include <set>

#include <core/formats/operator_schema_torch.h>
#include <core/formats/torch_error_torch.h>
#include <core/graph/operators/operator.h>
#include <core/graph/state.h>

namespace lathe::formats {

namespace {

namespace jit = torch::jit;
using graph::Node;

c10::TypePtr typeOf(graph::TypeKind kind) {
    switch (kind) {
    case graph::TypeKind::Int:
        return c10::IntType::get();
    case graph::TypeKind::Float:
        return c10::FloatType::get();
    case graph::TypeKind::Bool:
        return c10::BoolType::get();
    case graph::TypeKind::String:
        return c10::StringType::get();
    case graph::TypeKind::IntList:
        return c10::ListType::ofInts();
    case graph::TypeKind::FloatList:
        return c10::ListType::ofFloats();
    case graph::TypeKind::BoolList:
        return c10::ListType::ofBools();
    case graph::TypeKind::TensorList:
        return c10::ListType::ofTensors();
    case graph::TypeKind::Optional:
        return c10::OptionalType::ofTensor();
    default:
        return c10::TensorType::get();
    }
}

/// Names of arguments are Python identifiers.
std::string identifier(const std::string& name) {
    std::string result = name;
    for (char& letter : result) {
        if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '_';
    }
    return result.empty() || std::isdigit(static_cast<unsigned char>(result[0])) != 0 || result == "self" ? "input_" + result : result;
}

/// The graph does not say what an empty list or dictionary is for: the first thing that is put into it does.
void decideElements(jit::Value& container, const jit::Value& element) {
    const bool isEmpty = container.node()->inputs().empty();
    const c10::TypePtr type = c10::unshapedType(element.type());
    if (isEmpty && container.node()->kind() == c10::prim::ListConstruct)
        container.setType(c10::ListType::create(type));
    else if (isEmpty && container.node()->kind() == c10::prim::DictConstruct)
        container.setType(c10::DictType::create(container.type()->expectRef<c10::DictType>().getKeyType(), type));
}

/// Dictionaries of TorchScript hold one type. One of several types, which Python may return, becomes a named tuple.
jit::Node* dictionary(jit::Graph& target, const std::vector<jit::Value*>& keys, const std::vector<jit::Value*>& elements) {
    const c10::TypePtr first = elements.empty() ? c10::TypePtr(c10::TensorType::get()) : c10::unshapedType(elements[0]->type());
    const bool isOfOneType = std::ranges::all_of(elements, [&](const jit::Value* each) { return each->type()->isSubtypeOf(*first); });
    if (isOfOneType) return target.createDict(keys.empty() ? c10::TypePtr(c10::StringType::get()) : keys[0]->type(), first, keys, elements);
    std::vector<std::string> fields;
    std::vector<c10::TypePtr> types;
    for (std::size_t index = 0; index < elements.size(); ++index) {
        const auto key = jit::toIValue(keys[index]);
        fields.push_back(identifier(key && key->isString() ? key->toStringRef() : std::to_string(index)));
        types.push_back(c10::unshapedType(elements[index]->type()));
    }
    std::set<std::string> taken;
    for (std::string& field : fields) {
        while (!taken.insert(field).second)
            field += "_";
    }
    return target.createTuple(elements, c10::TupleType::createNamed(c10::QualifiedName("__torch__.Outputs"), fields, types));
}

base::Message notWritten(const Node& node) { return {"export.noTorchScriptOf", {{"node", node.name}, {"op", node.op}}}; }

tl::unexpected<base::Error> unsupported(const Node& node, const base::Message& reason) {
    return base::failure(base::ErrorCode::Unsupported, {"file.because", {{"what", notWritten(node)}, {"reason", reason}}});
}

} // namespace

ForwardEmitter::ForwardEmitter(const graph::Graph& graph, jit::Graph& target, ModuleBuilder& modules)
    : m_graph(graph), m_uses(graph), m_target(target), m_modules(modules), m_values(graph, target, modules),
      m_quantized(graph, m_uses, m_values), m_order(graph) {}

base::Result<> ForwardEmitter::run() {
    for (const graph::ValueId input : m_graph.main.inputs) {
        jit::Value* value = m_target.addInput(identifier(m_graph.value(input).name));
        value->setType(typeOf(m_graph.value(input).type));
        m_values.set(input, value);
    }
    if (auto emitted = emitBlock(m_graph.main, m_target.block()); !emitted) return emitted;
    // Python functions return one thing.
    if (m_target.outputs().size() != 1) {
        const jit::WithInsertPoint end(m_target.block());
        std::vector<jit::Value*> outputs(m_target.outputs().begin(), m_target.outputs().end());
        jit::Value* tuple = m_target.insertNode(m_target.createTuple(outputs))->output();
        while (!m_target.outputs().empty())
            m_target.eraseOutput(0);
        m_target.registerOutput(tuple);
    }
    return {};
}

base::Result<> ForwardEmitter::emitBlock(const graph::Block& block, jit::Block* target) {
    const jit::WithInsertPoint end(target);
    for (const Node& node : block.nodes) {
        auto emitted = guarded(base::ErrorCode::Unsupported, notWritten(node), [&] { return emitNode(node); });
        if (!emitted) return emitted;
    }
    for (const graph::Operand& output : block.outputs)
        target->registerOutput(m_values.operand(output));
    return {};
}

base::Result<> ForwardEmitter::emitNode(const Node& node) {
    if (node.op == "prim::If") return emitIf(node);
    if (node.op == "prim::Loop") return emitLoop(node);
    if (node.op == graph::keepState) {
        m_modules.keep(m_values.operand(node.operands[0]), m_values.operand(node.operands[1]));
        return {};
    }
    if (emitStructure(node)) return {};
    auto isWritten = m_quantized.emit(node);
    if (!isWritten) return base::forward(isWritten);
    if (*isWritten) return {};
    if (const graph::Operator* known = graph::findOperator(node.op); known != nullptr && !known->unfused.empty()) {
        if (auto emitted = emitOperator(std::string(known->unfused), node, {}); !emitted) return emitted;
        m_values.set(node.results[0], m_values.call("aten::relu", {m_values.plain(node.results[0])}));
        return {};
    }
    return emitOperator(m_order.spelled(node), node, m_quantized.inputToPassThrough(node));
}

base::Result<> ForwardEmitter::emitIf(const Node& node) {
    if (node.blocks.size() != 2) return unsupported(node, "it has not two branches");
    jit::Node* made = m_target.insertNode(m_target.create(c10::prim::If, {m_values.operand(node.operands[0])}, 0));
    for (const graph::Block& block : node.blocks) {
        if (auto emitted = emitBlock(block, made->addBlock()); !emitted) return emitted;
    }
    for (std::size_t i = 0; i < node.results.size(); ++i) {
        const auto type =
            c10::unifyTypes(made->blocks()[0]->outputs()[i]->type(), made->blocks()[1]->outputs()[i]->type(), /*default_to_union=*/true);
        if (!type) return unsupported(node, "its branches give different types");
        made->addOutput()->setType(*type);
    }
    setResults(node, made);
    return {};
}

base::Result<> ForwardEmitter::emitLoop(const Node& node) {
    if (node.blocks.size() != 1 || node.blocks[0].inputs.empty()) return unsupported(node, "it has no body");
    std::vector<jit::Value*> inputs;
    for (const graph::Operand& operand : node.operands)
        inputs.push_back(m_values.operand(operand));
    jit::Node* made = m_target.insertNode(m_target.create(c10::prim::Loop, inputs, 0));
    jit::Block* body = made->addBlock();
    const graph::Block& block = node.blocks[0];
    if (inputs.size() != block.inputs.size() + 1 || node.results.size() + 2 != inputs.size())
        return unsupported(node, "its body does not carry what goes in");
    for (std::size_t i = 0; i < block.inputs.size(); ++i) {
        const c10::TypePtr type = i == 0 ? c10::TypePtr(c10::IntType::get()) : inputs[i + 1]->type();
        jit::Value* carried = body->addInput();
        carried->setType(type);
        m_values.set(block.inputs[i], carried);
        if (i > 0) made->addOutput()->setType(type);
    }
    if (auto emitted = emitBlock(block, body); !emitted) return emitted;
    setResults(node, made);
    return {};
}

bool ForwardEmitter::emitStructure(const Node& node) {
    const auto operands = [&] {
        std::vector<jit::Value*> values;
        for (const graph::Operand& operand : node.operands)
            values.push_back(m_values.operand(operand));
        return values;
    };
    jit::Node* made = nullptr;
    if (node.op == "prim::TupleConstruct") {
        made = m_target.createTuple(operands());
    } else if (node.op == "prim::TupleUnpack") {
        made = m_target.createTupleUnpack(operands().front());
    } else if (node.op == "prim::ListUnpack") {
        made = m_target.createListUnpack(operands().front(), node.results.size());
    } else if (node.op == "prim::ListConstruct") {
        const auto values = operands();
        const auto declared = typeOf(m_graph.value(node.results[0]).type);
        const auto* listType = declared->castRaw<c10::ListType>();
        made = m_target.createList(listType != nullptr ? listType->getElementType()
                                   : values.empty()    ? c10::TensorType::get()
                                                       : values[0]->type(),
                                   values);
    } else if (node.op == "prim::DictConstruct") {
        const auto values = operands();
        std::vector<jit::Value*> keys, elements;
        for (std::size_t i = 0; i + 1 < values.size(); i += 2) {
            keys.push_back(values[i]);
            elements.push_back(values[i + 1]);
        }
        made = dictionary(m_target, keys, elements);
    } else if (node.op == "prim::TupleIndex") {
        const auto values = operands();
        const auto elements = values[0]->type()->expectRef<c10::TupleType>().elements();
        const auto index = node.operands[1].literal<std::int64_t>().value_or(0);
        made = m_target.createTupleIndex(
            values[0], values[1],
            elements.at(static_cast<std::size_t>(index < 0 ? index + static_cast<std::int64_t>(elements.size()) : index)));
    } else {
        return false;
    }
    setResults(node, m_target.insertNode(made));
    return true;
}

base::Result<> ForwardEmitter::emitOperator(const std::string& op, const Node& node, std::optional<JitValues::Quantized> quantizedInput) {
    const c10::FunctionSchema* schema = findSchema(op);
    if (schema == nullptr) return unsupported(node, {"export.noSuchOperator", {}});
    std::vector<jit::NamedValue> arguments, named;
    for (std::size_t i = 0; i < node.operands.size(); ++i) {
        const c10::Argument* argument = i < schema->arguments().size() ? &schema->arguments()[i] : nullptr;
        if (argument == nullptr && !schema->is_vararg()) return unsupported(node, {"export.tooManyArguments", {}});
        const auto length = argument != nullptr && argument->N() ? std::optional<int>(*argument->N()) : std::nullopt;
        jit::Value* value = i == 0 && quantizedInput
                                ? quantizedInput->value
                                : m_values.operand(node.operands[i], argument != nullptr ? argument->type() : nullptr, length);
        if (argument != nullptr && argument->kwarg_only())
            named.emplace_back(argument->name(), value);
        else
            arguments.emplace_back(value);
    }
    const bool puts = op == "aten::append.t" || op == "aten::insert.t" || op.starts_with("aten::_set_item.");
    if (puts && arguments.size() > 1) decideElements(*arguments.front().value(m_target), *arguments.back().value(m_target));
    jit::Value* result = m_target.insert(c10::Symbol::fromQualString(schema->name()), arguments, named);
    if (quantizedInput) {
        m_values.setQuantized(node.results[0], {result, quantizedInput->activation});
    } else if (node.results.size() == 1) {
        m_values.set(node.results[0], result);
    } else if (!node.results.empty()) {
        // Several results come packed in a tuple.
        const auto parts = result->node()->inputs();
        if (result->node()->kind() != c10::prim::TupleConstruct || parts.size() != node.results.size())
            return unsupported(node, "it has another number of results");
        for (std::size_t i = 0; i < parts.size(); ++i)
            m_values.set(node.results[i], parts[i]);
    }
    return {};
}

void ForwardEmitter::setResults(const Node& node, jit::Node* made) {
    for (std::size_t i = 0; i < node.results.size(); ++i)
        m_values.set(node.results[i], made->outputs()[i]);
}

} // namespace lathe::formats

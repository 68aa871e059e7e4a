#include <core/formats/exported_program/emitter.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <set>

#include <core/base/unique_names.h>
#include <core/formats/exported_program/arguments_torch.h>
#include <core/formats/exported_program/meta.h>
#include <core/formats/exported_program/operators.h>
#include <core/formats/exported_program/program_sizes.h>
#include <core/formats/exported_program/signature_tree.h>
#include <core/formats/exported_program/types.h>
#include <core/formats/known_numbers.h>
#include <core/formats/memory_order.h>
#include <core/formats/operator_schema_torch.h>
#include <core/graph/operands.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/operator.h>
#include <core/graph/state.h>

namespace lathe::formats {

namespace {

using base::Json;
using base::Result;
using graph::Node;
using graph::Operand;
using graph::TypeKind;
using graph::ValueId;

constexpr int positional = 1, keyword = 2; ///< ArgumentKind of the schema
constexpr int schemaMajor = 8, schemaMinor = 17;

/// Operators whose result is as large as their first operand: what recipes insert may not have been run yet.
bool keepsShape(const std::string& op) {
    return graph::isQuantize(op) || graph::isDequantize(op) || op == graph::op::relu || op == "aten::relu_";
}

/// Names that torch.fx gives nobody, because Python has them: those that operators and inputs are called.
const std::set<std::string> pythonNames{
    "abs",   "all",    "and",    "any",  "as",     "bin",   "bool",   "bytes",  "class", "complex", "def",    "device", "dict",
    "dir",   "divmod", "eval",   "exec", "filter", "float", "for",    "format", "from",  "hash",    "hex",    "id",     "if",
    "in",    "inf",    "input",  "int",  "is",     "iter",  "lambda", "len",    "list",  "map",     "max",    "min",    "nan",
    "next",  "not",    "object", "open", "or",     "pass",  "pow",    "print",  "range", "repr",    "return", "round",  "set",
    "slice", "sorted", "str",    "sum",  "super",  "torch", "tuple",  "type",   "vars",  "while",   "with",   "yield",  "zip"};

class Emitter {
public:
    explicit Emitter(graph::Graph& graph)
        : m_graph(graph), m_uses(graph), m_order(graph), m_sizes(graph),
          m_known(graph, [this](ValueId id, std::int64_t axis) { return m_sizes.knownSize(id, axis); }) {
        for (const std::string& name : pythonNames)
            m_taken.insert(name);
    }

    Result<EmittedProgram> run() {
        if (auto added = addInputs(); !added) return base::forward(added);
        for (const Node& node : m_graph.main.nodes) {
            if (node.op == graph::keepState || isUnusedNumber(node)) continue; // kept state: see addOutputs
            auto emitted = emitNode(node);
            if (!emitted) {
                base::Error error = emitted.error();
                const std::string said = error.message.text();
                if (!said.starts_with("The ") && !said.starts_with(node.name))
                    error.message = {"file.because",
                                     {{"what", base::Message("export.noExportedProgramOf", {{"node", node.name}, {"op", node.op}})},
                                      {"reason", error.message}}};
                return tl::unexpected(error);
            }
        }
        if (auto added = addOutputs(); !added) return base::forward(added);
        return EmittedProgram{program(), std::move(m_weights)};
    }

private:
    static tl::unexpected<base::Error> unsupported(base::Message reason) {
        return base::failure(base::ErrorCode::Unsupported, std::move(reason));
    }

    // ---- names and descriptions

    /// Names are Python identifiers, each given once.
    std::string unusedName(const std::string& wanted) {
        std::string base;
        for (const char letter : wanted)
            base += std::isalnum(static_cast<unsigned char>(letter)) != 0 && static_cast<unsigned char>(letter) < 128 ? letter : '_';
        if (base.empty() || std::isdigit(static_cast<unsigned char>(base.front())) != 0) base = "n_" + base;
        return m_taken.take(base);
    }

    Operand resolve(Operand operand) const {
        for (auto found = operand.isValue() ? m_replaced.find(operand.value()) : m_replaced.end(); found != m_replaced.end();
             found = operand.isValue() ? m_replaced.find(operand.value()) : m_replaced.end())
            operand = found->second;
        if (auto* list = std::get_if<std::vector<Operand>>(&operand.content)) {
            for (Operand& element : *list)
                element = resolve(element);
        }
        return operand;
    }

    Result<> describe(ValueId id, const std::string& name, const Node* node) {
        const graph::Value& value = m_graph.value(id);
        std::optional<tensor::DType> dtype = value.dtype;
        std::optional<std::vector<SymbolicSize>> sizes;
        if (value.shape) {
            auto known = m_sizes.sizesOf(*value.shape);
            if (!known) return base::forward(known);
            sizes = std::move(*known);
        } else if (node != nullptr && keepsShape(node->op) && node->operands[0].isValue()) {
            if (const auto* known = m_sizes.ofTensor(resolve(node->operands[0]).value())) sizes = *known;
        }
        if (!dtype && sizes) dtype = tensor::DType::Float32;
        // What nobody reads may be anything.
        if (!sizes && node != nullptr && m_uses.uses(id).empty()) sizes.emplace();
        if (!dtype) dtype = tensor::DType::Float32;
        if (!sizes) return unsupported({"export.shapeIsNotKnown", {}});
        m_tensors[name] = tensorMeta(*dtype, *sizes, false);
        m_sizes.setTensor(id, std::move(*sizes));
        return {};
    }

    /// What was only asked for checks that have gone.
    bool isUnusedNumber(const Node& node) const {
        const auto isUnused = [&](ValueId id) { return m_graph.value(id).type != TypeKind::Tensor && m_uses.uses(id).empty(); };
        return !node.results.empty() && !graph::hasSideEffects(node) && std::ranges::all_of(node.results, isUnused);
    }

    // ---- inputs and outputs

    Result<> addInputs() {
        std::set<ValueId> used;
        const auto note = [&](const Operand& operand) { graph::forEachValue(operand, [&](ValueId id) { used.insert(id); }); };
        graph::forEachNode(m_graph, [&](const Node& node) {
            for (const Operand& operand : node.operands)
                note(operand);
        });
        for (const Operand& output : m_graph.main.outputs)
            note(output);
        // Parameters come before buffers.
        for (const bool wantsParameter : {true, false}) {
            for (std::size_t id = 0; id < m_graph.values.size(); ++id) {
                const graph::Value& value = m_graph.values[id];
                if (value.kind == graph::ValueKind::Weight && used.contains(static_cast<ValueId>(id)) &&
                    isParameter(value) == wantsParameter)
                    addWeight(static_cast<ValueId>(id), wantsParameter);
            }
        }
        for (const ValueId id : m_graph.main.inputs) {
            const graph::Value& value = m_graph.value(id);
            if (value.type != TypeKind::Tensor) return unsupported({"export.inputIsNoTensor", {{"input", value.name}}});
            const std::string name = m_names[id] = unusedName(value.name);
            if (auto described = describe(id, name, nullptr); !described)
                return unsupported({"export.shapeOfInputIsNotKnown", {{"input", value.name}}});
            m_inputs.push_back({{"as_tensor", {{"name", name}}}});
            m_inputSpecs.push_back({{"user_input", {{"arg", {{"as_tensor", {{"name", name}}}}}}}});
            m_inputNames.push_back(name);
        }
        return {};
    }

    /// Only floats can be trained.
    static bool isParameter(const graph::Value& value) {
        const tensor::DType dtype = value.data.dtype();
        return value.isParameter && (dtype == tensor::DType::Float32 || dtype == tensor::DType::Float64 ||
                                     dtype == tensor::DType::Float16 || dtype == tensor::DType::BFloat16);
    }

    void addWeight(ValueId id, bool asParameter) {
        const graph::Value& value = m_graph.value(id);
        const std::string name = m_names[id] = unusedName((asParameter ? "p_" : "b_") + value.name);
        m_tensors[name] = tensorMeta(value.data.dtype(), value.data.shape(), asParameter);
        std::vector<SymbolicSize> sizes;
        for (const std::int64_t size : value.data.shape())
            sizes.push_back({size, ""});
        m_sizes.setTensor(id, std::move(sizes));
        m_inputs.push_back({{"as_tensor", {{"name", name}}}});
        if (asParameter)
            m_inputSpecs.push_back({{"parameter", {{"arg", {{"name", name}}}, {"parameter_name", value.name}}}});
        else
            m_inputSpecs.push_back({{"buffer", {{"arg", {{"name", name}}}, {"buffer_name", value.name}, {"persistent", true}}}});
        m_weights.emplace_back(value.name, asParameter);
    }

    Result<> addOutputs() {
        std::vector<Operand> flat;
        const std::vector<Operand>& outputs = m_graph.main.outputs;
        m_returned = outputs.size() == 1 ? returnedTree(outputs.front(), flat) : returnedTree(Operand(outputs), flat);
        // What becomes of buffers stands before what the user gets.
        for (const graph::State& state : graph::statesOf(m_graph)) {
            auto json = plainArgumentJson(m_graph, resolve(Operand(state.next)), nameOf());
            if (!json || !json->contains("as_tensor"))
                return unsupported("What the model keeps in \"" + state.input + "\" is no tensor, which cannot be written.");
            m_outputs.push_back(*json);
            m_outputSpecs.push_back({{"buffer_mutation", {{"arg", (*json)["as_tensor"]}, {"buffer_name", state.input}}}});
        }
        for (const Operand& output : flat) {
            auto json = plainArgumentJson(m_graph, output, nameOf());
            if (!json) return unsupported("The model's output cannot be written: " + json.error().message.text() + ".");
            m_outputs.push_back(*json);
            m_outputSpecs.push_back({{"user_output", {{"arg", *json}}}});
        }
        return {};
    }

    /// What callers get of one output; its tensors and numbers are added to `flat`.
    SignatureTree returnedTree(const Operand& output, std::vector<Operand>& flat) const {
        const Operand resolved = resolve(output);
        SignatureTree tree;
        if (const auto* list = std::get_if<std::vector<Operand>>(&resolved.content)) {
            tree.kind = SignatureTree::Kind::Sequence;
            for (const Operand& element : *list)
                tree.children.push_back(returnedTree(element, flat));
            return tree;
        }
        const Node* producer = resolved.isValue() ? m_uses.producer(resolved.value()) : nullptr;
        if (producer == nullptr || producer->op != graph::op::dictConstruct) {
            flat.push_back(resolved);
            return tree;
        }
        tree.kind = SignatureTree::Kind::Dictionary;
        for (std::size_t index = 0; index + 1 < producer->operands.size(); index += 2) {
            tree.keys.push_back(producer->operands[index].literal<std::string>().value_or(std::to_string(index / 2)));
            tree.children.push_back(returnedTree(producer->operands[index + 1], flat));
        }
        return tree;
    }

    ValueName nameOf() const {
        return [this](ValueId id) {
            const auto found = m_names.find(id);
            return found == m_names.end() ? std::string() : found->second;
        };
    }

    // ---- nodes

    Result<> emitNode(const Node& node) {
        if (!node.blocks.empty()) return unsupported({"export.controlFlow", {}});
        if (foldNumber(node) || emitStructure(node)) return {};
        if (node.op == "aten::size.int") noteSize(node);
        if (const std::string op = numberOperator(node); !op.empty()) {
            Node ofNumbers = node;
            ofNumbers.op = op;
            ofNumbers.operands.resize(2);
            for (Operand& operand : ofNumbers.operands) {
                operand = resolve(operand);
                if (const auto number = m_known.of(operand)) operand = Operand(graph::Literal(*number));
            }
            m_graph.value(node.results[0]).type = TypeKind::Int;
            return emitOperator(ofNumbers);
        }
        if (const graph::Operator* known = graph::findOperator(node.op); known != nullptr && !known->unfused.empty())
            return emitFused(node, std::string(known->unfused));
        if (const std::string& op = m_order.spelled(node); op != node.op) {
            Node spelled = node;
            spelled.op = op;
            return emitOperator(spelled);
        }
        return emitOperator(node);
    }

    /// What tracing computes with tensors of sizes is computed with numbers where one of them is free; "" for all else.
    std::string numberOperator(const Node& node) const {
        static const std::map<std::string, std::string> operators{{"aten::add.Tensor", "aten::add.int"},
                                                                  {"aten::sub.Tensor", "aten::sub.int"},
                                                                  {"aten::mul.Tensor", "aten::mul.int"},
                                                                  {"aten::floor_divide", "aten::floordiv.int"}};
        const auto found = operators.find(node.op);
        if (found == operators.end()) return "";
        bool isFree = false;
        for (const std::size_t at : {0, 1}) {
            const Operand operand = resolve(node.operands[at]);
            const bool isFreeNumber = operand.isValue() && m_sizes.hasNumber(operand.value());
            if (!isFreeNumber && !m_known.of(operand)) return "";
            isFree = isFree || isFreeNumber;
        }
        const bool isScaled = node.operands.size() > 2 && node.operands[2].literal<std::int64_t>() != 1;
        return isFree && !isScaled ? found->second : "";
    }

    /// Lists, tuples and numbers that wrap others are what they hold.
    bool emitStructure(const Node& node) {
        if (node.op == graph::op::listConstruct || node.op == graph::op::tupleConstruct) {
            m_replaced[node.results[0]] = Operand(node.operands);
        } else if (node.op == graph::op::dictConstruct && isOutput(node.results[0])) {
            return true; // it becomes the tree of the outputs
        } else if (node.op == "prim::NumToTensor.Scalar" || node.op == "aten::Int.Tensor" || node.op == "aten::ScalarImplicit" ||
                   node.op == "aten::IntImplicit") {
            const Operand number = resolve(node.operands[0]);
            const bool isTensor = number.isValue() && m_graph.value(number.value()).type == TypeKind::Tensor;
            if (isTensor) return false;
            m_replaced[node.results[0]] = number;
        } else if (node.op == "prim::ListUnpack" || node.op == "prim::TupleUnpack") {
            const Operand list = resolve(node.operands[0]);
            const auto* elements = std::get_if<std::vector<Operand>>(&list.content);
            // The results of a list that an operator makes were named with it.
            if (elements == nullptr) return node.op == "prim::ListUnpack" && m_names.contains(node.results[0]);
            if (elements->size() != node.results.size()) return false;
            for (std::size_t i = 0; i < elements->size(); ++i)
                m_replaced[node.results[i]] = (*elements)[i];
        } else {
            return false;
        }
        return true;
    }

    /// Nothing in the model reads it but what is returned with it.
    [[nodiscard]] bool isOutput(ValueId id) const {
        return std::ranges::all_of(m_uses.uses(id), [this](const graph::UseIndex::Use& use) {
            if (use.node == nullptr) return true;
            const bool isAround = use.node->op == graph::op::dictConstruct || use.node->op == graph::op::tupleConstruct ||
                                  use.node->op == graph::op::listConstruct;
            return isAround && isOutput(use.node->results.front());
        });
    }

    /// A number that is known stands for the node.
    bool foldNumber(const Node& node) {
        Node resolved = node;
        for (Operand& operand : resolved.operands)
            operand = m_known.isLearned(operand) ? operand : resolve(operand);
        if (!m_known.learn(resolved)) return false;
        m_replaced[node.results[0]] = Operand(graph::Literal(*m_known.of(node.results[0])));
        return true;
    }

    /// The number that a size is called: an expression of symbols.
    void noteSize(const Node& node) {
        const Operand tensor = resolve(node.operands[0]);
        const auto axis = node.operands[1].literal<std::int64_t>();
        const SymbolicSize* size = tensor.isValue() && axis ? m_sizes.ofDimension(tensor.value(), *axis) : nullptr;
        if (size != nullptr) m_sizes.setNumber(node.results[0], *size);
    }

    Result<> emitFused(const Node& node, const std::string& op) {
        Node first = node;
        first.op = op;
        const std::string inner = unusedName(node.name + "_before_relu");
        Node relu;
        relu.op = graph::op::relu;
        relu.name = node.name + ".relu";
        relu.scope = node.scope;
        relu.source = node.source;
        m_names[node.results[0]] = inner;
        if (auto described = describe(node.results[0], inner, &node); !described) return described;
        auto arguments = argumentsOf(first);
        if (!arguments) return base::forward(arguments);
        append(first, *targetName(op), std::move(*arguments), Json::array({{{"as_tensor", {{"name", inner}}}}}), inner);
        const std::string name = unusedName(node.name);
        Json input = Json::array({{{"name", "self"}, {"arg", {{"as_tensor", {{"name", inner}}}}}, {"kind", positional}}});
        m_tensors[name] = m_tensors[inner];
        m_names[node.results[0]] = name;
        append(relu, "torch.ops.aten.relu.default", std::move(input), Json::array({{{"as_tensor", {{"name", name}}}}}), name);
        return {};
    }

    /// A number that is known, as a tensor again: PyTorch takes numbers for tensors in sums and products alone.
    Result<> makeTensors(Node& node) {
        static const std::set<std::string> arithmetic{"aten::add.Tensor",  "aten::sub.Tensor",   "aten::mul.Tensor",     "aten::div.Tensor",
                                                      "aten::rsub.Tensor", "aten::floor_divide", "aten::div.Tensor_mode"};
        if (arithmetic.contains(node.op)) return {};
        for (Operand& operand : node.operands) {
            const bool isTensor = operand.isValue() && m_graph.value(operand.value()).type == TypeKind::Tensor;
            const auto number = isTensor ? resolve(operand).literal<std::int64_t>() : std::nullopt;
            if (!number) continue;
            Node made;
            made.op = "aten::scalar_tensor";
            made.name = node.name + "_number";
            made.scope = node.scope;
            made.source = node.source;
            made.operands = {graph::Literal(*number), graph::Literal(static_cast<std::int64_t>(c10::ScalarType::Long))};
            made.results = {m_graph.addResult(made.name)};
            m_graph.value(made.results[0]).dtype = tensor::DType::Int64;
            m_graph.value(made.results[0]).shape.emplace();
            if (auto emitted = emitOperator(made); !emitted) return emitted;
            operand = made.results[0];
        }
        return {};
    }

    Result<> emitOperator(const Node& original) {
        Node node = original;
        if (auto made = makeTensors(node); !made) return made;
        const auto target = targetName(node.op);
        if (!target) return unsupported({"export.onlyTorchScript", {}});
        auto arguments = argumentsOf(node);
        if (!arguments) return base::forward(arguments);
        const std::string name = unusedName(node.name);
        auto outputs = outputsOf(node, name);
        if (!outputs) return base::forward(outputs);
        append(node, *target, std::move(*arguments), std::move(*outputs), name);
        return {};
    }

    Result<Json> argumentsOf(const Node& node) const {
        Json inputs = Json::array();
        const graph::Operator* known = graph::findOperator(node.op);
        const graph::Operator* qdq = known != nullptr && known->qdq != graph::Qdq::None ? known : nullptr; // PyTorch names them in Python
        const auto target = targetName(node.op);
        const bool isPython = target && !target->starts_with("torch.ops.");
        const c10::FunctionSchema* schema = qdq == nullptr && !isPython ? findSchema(schemaName(node.op)) : nullptr;
        if (qdq == nullptr && !isPython && schema == nullptr) return unsupported({"export.noSuchOperator", {}});
        for (std::size_t i = 0; i < node.operands.size(); ++i) {
            const Operand operand = resolve(node.operands[i]);
            std::string name;
            int kind = positional;
            Result<Json> argument;
            if (schema != nullptr) {
                if (i >= schema->arguments().size()) return unsupported({"export.tooManyArguments", {}});
                const c10::Argument& expected = schema->arguments()[i];
                name = expected.name();
                if (expected.kwarg_only()) kind = keyword;
                if (kind == keyword && operand.isNone()) continue;
                const auto length = expected.N() ? std::optional<int>(*expected.N()) : std::nullopt;
                argument = argumentJson(m_graph, operand, *expected.real_type(), length, nameOf());
            } else if (qdq != nullptr) {
                if (i >= qdq->operands.size()) return unsupported({"export.tooManyArguments", {}});
                name = qdq->operands[i].name;
                argument = name == "dtype" ? dtypeJson(operand) : plainArgumentJson(m_graph, operand, nameOf());
            } else {
                name = i == 0 ? "a" : "b";
                argument = plainArgumentJson(m_graph, operand, nameOf());
            }
            if (!argument) return argument;
            inputs.push_back({{"name", name}, {"arg", std::move(*argument)}, {"kind", kind}});
        }
        if (node.op == graph::op::dequantizePerToken) // the only one of its kind that has to be told
            inputs.push_back(
                {{"name", "output_dtype"}, {"arg", {{"as_scalar_type", schemaNumber(tensor::DType::Float32)}}}, {"kind", positional}});
        return inputs;
    }

    /// The operator that export calls may have another name here.
    static std::string schemaName(const std::string& op) { return op == "aten::size.int" ? "aten::sym_size.int" : op; }

    static Result<Json> dtypeJson(const Operand& operand) {
        const auto text = operand.literal<std::string>();
        const auto dtype = text ? tensor::dtypeFromName(*text) : std::nullopt;
        if (!dtype) return unsupported({"export.typeIsNotKnown", {}});
        return Json{{"as_scalar_type", schemaNumber(*dtype)}};
    }

    Result<Json> outputsOf(const Node& node, const std::string& name) {
        Json outputs = Json::array();
        for (std::size_t i = 0; i < node.results.size(); ++i) {
            const ValueId id = node.results[i];
            const std::string resultName = node.results.size() == 1 ? name : unusedName(name + "_result" + std::to_string(i));
            switch (m_graph.value(id).type) {
            case TypeKind::Tensor:
                m_names[id] = resultName;
                if (auto described = describe(id, resultName, &node); !described) return base::forward(described);
                outputs.push_back({{"as_tensor", {{"name", resultName}}}});
                break;
            case TypeKind::Int: {
                const auto size = sizeOfResult(node);
                if (!size) return unsupported("the number that it gives is not known");
                m_names[id] = resultName;
                m_sizes.setNumber(id, *size);
                m_sizeValues[resultName] = sizeJson(*size);
                outputs.push_back({{"as_sym_int", {{"as_name", resultName}}}});
                break;
            }
            case TypeKind::TensorList: {
                auto elements = elementsOf(id, name);
                if (!elements) return elements;
                outputs.push_back({{"as_tensors", std::move(*elements)}});
                break;
            }
            default:
                return unsupported("it gives neither tensors nor sizes");
            }
        }
        return outputs;
    }

    std::optional<SymbolicSize> sizeOfResult(const Node& node) const {
        if (const auto known = m_sizes.ofNumber(node.results[0])) return known;
        if (node.operands.size() != 2) return std::nullopt;
        const auto a = m_sizes.ofNumber(resolve(node.operands[0])), b = m_sizes.ofNumber(resolve(node.operands[1]));
        return a && b ? ProgramSizes::computed(node.op, *a, *b) : std::nullopt;
    }

    /// Names for the elements of a list that is only taken apart.
    Result<Json> elementsOf(ValueId list, const std::string& name) {
        const auto& uses = m_uses.uses(list);
        if (uses.size() != 1 || uses[0].node == nullptr || uses[0].node->op != "prim::ListUnpack")
            return unsupported("it makes a list whose length is not known");
        Json elements = Json::array();
        for (std::size_t i = 0; i < uses[0].node->results.size(); ++i) {
            const ValueId id = uses[0].node->results[i];
            const std::string elementName = m_names[id] = unusedName(name + "_result" + std::to_string(i));
            if (auto described = describe(id, elementName, uses[0].node); !described) return base::forward(described);
            elements.push_back({{"name", elementName}});
        }
        return elements;
    }

    void append(const Node& node, const std::string& target, Json inputs, Json outputs, const std::string& name) {
        Json metadata = Json::object();
        if (node.source.line > 0)
            metadata["stack_trace"] = "  File \"" + node.source.file + "\", line " + std::to_string(node.source.line) + ", in forward\n";
        metadata["nn_module_stack"] = moduleStack(node);
        m_nodes.push_back({{"target", target},
                           {"inputs", std::move(inputs)},
                           {"outputs", std::move(outputs)},
                           {"metadata", std::move(metadata)},
                           {"is_hop_single_tensor_return", nullptr},
                           {"name", name}});
    }

    /// One entry for each module on the way; a node that is called after its module and has a number is of another call of it.
    static std::string moduleStack(const Node& node) {
        constexpr std::string_view self = "L__self__", type = "torch.nn.modules.module.Module";
        std::string stack = std::string(self) + ",," + std::string(type);
        for (std::size_t end = 0; end < node.scope.size();) {
            end = std::min(node.scope.find('.', end), node.scope.size());
            const std::string path = node.scope.substr(0, end++);
            std::string key = std::string(self) + path;
            if (path == node.scope && node.name.starts_with(path + "_")) key += "@" + node.name.substr(path.size() + 1);
            stack += ";" + key + "," + path + "," + std::string(type);
        }
        return stack;
    }

    // ---- the whole

    Json program() {
        Json ranges = Json::object();
        for (const std::string& symbol : m_sizes.symbols())
            ranges[symbol] = {{"min_val", 1}, {"max_val", nullptr}};
        using Kind = SignatureTree::Kind;
        const SignatureTree arguments{Kind::Sequence, {}, std::vector<SignatureTree>(m_inputNames.size())};
        const SignatureTree inputs{Kind::Sequence, {}, {arguments, {Kind::Dictionary, {}, {}}}};
        const Json signature{{"inputs", Json::array()},
                             {"outputs", Json::array()},
                             {"in_spec", signatureText(inputs)},
                             {"out_spec", signatureText(m_returned)},
                             {"forward_arg_names", m_inputNames}};
        const Json graphJson{{"inputs", m_inputs},
                             {"outputs", m_outputs},
                             {"nodes", m_nodes},
                             {"tensor_values", m_tensors},
                             {"sym_int_values", m_sizeValues},
                             {"sym_bool_values", Json::object()},
                             {"is_single_tensor_return", false},
                             {"custom_obj_values", Json::object()},
                             {"sym_float_values", Json::object()}};
        return {{"graph_module",
                 {{"graph", graphJson},
                  {"signature", {{"input_specs", m_inputSpecs}, {"output_specs", m_outputSpecs}}},
                  {"module_call_graph", Json::array({{{"fqn", ""}, {"signature", signature}}})},
                  {"metadata", Json::object()},
                  {"treespec_namedtuple_fields", Json::object()}}},
                {"opset_version", {{"aten", 10}}},
                {"range_constraints", std::move(ranges)},
                {"schema_version", {{"major", schemaMajor}, {"minor", schemaMinor}}},
                {"verifiers", Json::array({"TRAINING"})},
                {"torch_version", "2.11.0"},
                {"guards_code", Json::array()}};
    }

    graph::Graph& m_graph; ///< tensors that turn out to be numbers are noted in it
    graph::UseIndex m_uses;
    MemoryOrder m_order;
    base::UniqueNames m_taken;
    std::map<ValueId, std::string> m_names;
    ProgramSizes m_sizes;
    KnownNumbers m_known;
    std::map<ValueId, Operand> m_replaced;
    std::vector<std::pair<std::string, bool>> m_weights;
    std::vector<std::string> m_inputNames;
    SignatureTree m_returned;
    Json m_inputs = Json::array(), m_inputSpecs = Json::array(), m_outputs = Json::array(), m_outputSpecs = Json::array(),
         m_nodes = Json::array(), m_tensors = Json::object(), m_sizeValues = Json::object();
};

} // namespace

base::Result<EmittedProgram> emitProgram(const graph::Graph& graph) {
    graph::Graph copy = graph;
    return Emitter(copy).run();
}

} // namespace lathe::formats

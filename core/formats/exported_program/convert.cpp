#include <core/formats/exported_program/convert.h>

#include <algorithm>
#include <limits>
#include <set>

#include <core/base/json_reader.h>
#include <core/formats/exported_program/metadata.h>
#include <core/formats/exported_program/operands.h>
#include <core/formats/exported_program/operators.h>
#include <core/formats/exported_program/signature_tree.h>
#include <core/formats/exported_program/types.h>
#include <core/formats/operator_schema_torch.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/operator.h>
#include <core/graph/state.h>

namespace lathe::formats {

namespace {

using base::Json;
using base::JsonReader;
using graph::Literal;
using graph::Operand;
using graph::TypeKind;

constexpr std::int64_t knownMajor = 8, knownMinor = 17;

/// Of batch norm in training: what it keeps for evaluation, and how often it has done so.
bool isNormStatistic(std::string_view buffer) {
    return buffer.ends_with("running_mean") || buffer.ends_with("running_var") || buffer.ends_with("num_batches_tracked");
}

struct NamedOperand {
    std::string name;
    Operand operand;
};

struct Origin {
    std::string scope;
    int call = 0;
    graph::SourceLocation source;
};

class Converter {
public:
    Converter(const JsonReader& program, const ExportedWeights& weights) : m_program(program), m_weights(weights) {}

    base::Result<ConvertedProgram> run() {
        checkVersion(m_program["schema_version"]);
        const JsonReader module = m_program["graph_module"], source = module["graph"], signature = module["signature"];
        Frame frame = frameOf(source);
        (void)signature["input_specs"].list([&](const JsonReader& spec) { return addInput(spec, frame), 0; });
        convertNodes(source, frame, m_result.graph.main, {});
        (void)signature["output_specs"].list([&](const JsonReader& spec) { return addOutput(spec, frame), 0; });
        readCallSignature(module);
        keepBuffers();
        noteRanges();
        mendStateShapes();
        return m_program.finish(std::move(m_result));
    }

private:
    void checkVersion(const JsonReader& version) {
        const std::int64_t major = version["major"].integer(), minor = version["minor"].integer();
        const std::string text = std::to_string(major) + "." + std::to_string(minor);
        if (m_program.isGood() && major != knownMajor)
            version.fail("is " + text + ", but only version " + std::to_string(knownMajor) + " can be read" +
                         (major > knownMajor ? ": the file is from a newer PyTorch" : ": export the model again"));
        if (minor != knownMinor)
            m_result.notes.push_back(
                {"file.schemaVersion", {{"version", text}, {"known", std::to_string(knownMajor) + "." + std::to_string(knownMinor)}}});
    }

    void noteRanges() {
        if (!m_program.has("range_constraints")) return;
        const JsonReader ranges = m_program["range_constraints"];
        if (!ranges.json().is_object()) return ranges.fail("is not an object");
        constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();
        for (const auto& [symbol, range] : ranges.json().items()) {
            const JsonReader in = ranges[symbol];
            const std::string name = symbol.substr(0, 64);
            const std::int64_t least = in.has("min_val") ? in["min_val"].integer() : 0;
            const std::int64_t most = in.has("max_val") ? in["max_val"].integer() : unlimited;
            if (most == unlimited)
                m_result.notes.push_back({"file.sizeAtLeast", {{"size", name}, {"least", least}}});
            else
                m_result.notes.push_back({"file.sizeBetween", {{"size", name}, {"least", least}, {"most", most}}});
        }
    }

    /// PyTorch writes the last states of recurrent layers with a wrong shape where there are several layers or directions; they are as
    /// large as the first ones.
    void mendStateShapes() {
        graph::Graph& graph = m_result.graph;
        graph::forEachNode(graph, [&graph](graph::Node& node) {
            const bool isRecurrent =
                node.op.starts_with("aten::lstm") || node.op.starts_with("aten::gru") || node.op.starts_with("aten::rnn_");
            if (!isRecurrent || node.operands.size() < 2) return;
            const auto* list = std::get_if<std::vector<Operand>>(&node.operands[1].content);
            for (std::size_t result = 1; result < node.results.size(); ++result) {
                if (list != nullptr && list->size() < result) return;
                const Operand& first = list != nullptr ? (*list)[result - 1] : node.operands[1];
                if (first.isValue()) graph.value(node.results[result]).shape = graph.value(first.value()).shape;
            }
        });
    }

    // ---- values

    void define(const JsonReader& at, Frame& frame, const std::string& name, Operand operand) {
        if (!frame.names.emplace(name, std::move(operand)).second) at.fail("defines \"" + name.substr(0, 64) + "\" a second time");
    }

    void describe(const JsonReader& at, graph::Value& value, const Frame& frame, const std::string& name) const {
        const auto found = frame.tensors.find(name);
        if (found == frame.tensors.end()) return;
        const JsonReader meta(*found->second, "The description of \"" + name.substr(0, 64) + "\"");
        value.dtype = dtypeFromSchema(meta["dtype"].integer());
        value.shape = meta["sizes"].list(
            [](const JsonReader& size) {
                if (size.has("as_int")) return graph::Dim{size["as_int"].integer(0), ""};
                return graph::Dim{-1, symbolText(size["as_expr"]["expr_str"].text())};
            },
            64);
        (void)at.take(meta.finish(0));
    }

    /// A new value that nothing but `name` (when not empty) stands for.
    graph::ValueId addValue(const JsonReader& at, Frame& frame, const std::string& name, TypeKind type, graph::ValueKind kind) {
        const auto id = static_cast<graph::ValueId>(m_result.graph.values.size());
        graph::Value value;
        value.kind = kind;
        value.name = name.empty() ? "unused" : name;
        value.type = type;
        if (type == TypeKind::Tensor && !name.empty()) describe(at, value, frame, name);
        m_result.graph.values.push_back(std::move(value));
        if (!name.empty()) define(at, frame, name, Operand(id));
        return id;
    }

    // ---- inputs and outputs of the program

    void addInput(const JsonReader& spec, Frame& frame) {
        if (spec.has("parameter"))
            addWeight(spec["parameter"], "parameter_name", frame, true);
        else if (spec.has("buffer"))
            addWeight(spec["buffer"], "buffer_name", frame, false);
        else if (spec.has("tensor_constant"))
            addWeight(spec["tensor_constant"], "tensor_constant_name", frame, false);
        else if (spec.has("user_input"))
            addUserInput(spec["user_input"]["arg"], frame);
        else if (spec.has("constant_input"))
            addConstantInput(spec["constant_input"], frame);
        else if (spec.has("custom_obj"))
            spec.fail("is the custom object \"" + spec["custom_obj"]["custom_obj_name"].text() + "\", which cannot be used");
        else if (!spec.has("token"))
            spec.fail("is an input of an unknown kind");
    }

    void addWeight(const JsonReader& in, std::string_view nameKey, Frame& frame, bool isParameter) {
        const std::string name = in[nameKey].text(), argumentName = in["arg"]["name"].text();
        const auto found = m_weights.find(name);
        if (in.isGood() && found == m_weights.end()) in.fail("is \"" + name.substr(0, 128) + "\", which the archive does not hold");
        if (!in.isGood()) return;
        auto [known, isNew] = m_weightIds.emplace(name, -1);
        if (isNew) known->second = m_result.graph.addWeight(name, found->second, isParameter);
        define(in, frame, argumentName, Operand(known->second));
    }

    void addConstantInput(const JsonReader& in, Frame& frame) {
        define(in, frame, in["name"].text(), readArgument(in["value"], frame));
        m_givesInput.push_back(false);
    }

    void addUserInput(const JsonReader& arg, Frame& frame) {
        m_givesInput.push_back(false);
        const auto add = [&](const std::string& name, TypeKind type) {
            m_result.graph.main.inputs.push_back(addValue(arg, frame, name, type, graph::ValueKind::Input));
            m_givesInput.back() = true;
        };
        if (arg.has("as_tensor"))
            add(arg["as_tensor"]["name"].text(), TypeKind::Tensor);
        else if (arg.has("as_sym_int") && arg["as_sym_int"].has("as_name"))
            add(arg["as_sym_int"]["as_name"].text(), TypeKind::Int);
        else if (arg.has("as_sym_float") && arg["as_sym_float"].has("as_name"))
            add(arg["as_sym_float"]["as_name"].text(), TypeKind::Float);
        else if (arg.has("as_sym_bool") && arg["as_sym_bool"].has("as_name"))
            add(arg["as_sym_bool"]["as_name"].text(), TypeKind::Bool);
        else
            (void)readArgument(arg, frame); // a number that export has made a constant of: only looked at
    }

    void addOutput(const JsonReader& spec, Frame& frame) {
        graph::Block& main = m_result.graph.main;
        if (spec.has("user_output")) {
            main.outputs.push_back(readArgument(spec["user_output"]["arg"], frame));
        } else if (spec.has("loss_output")) {
            main.outputs.push_back(definedValue(spec, frame, spec["loss_output"]["arg"]["name"].text()));
        } else if (spec.has("buffer_mutation")) {
            const std::string buffer = spec["buffer_mutation"]["buffer_name"].text();
            const auto state = m_weightIds.find(buffer);
            if (isNormStatistic(buffer)) return;
            if (state == m_weightIds.end())
                return spec.fail("changes the buffer \"" + buffer.substr(0, 64) + "\", which the program has not");
            const Operand next = definedValue(spec, frame, spec["buffer_mutation"]["arg"]["name"].text());
            if (next.isValue()) keep(state->second, next.value());
        }
    }

    // ---- what callers give and get

    /// Dictionaries and names come from the signature of the whole; the graph itself only knows tensors.
    void readCallSignature(const JsonReader& module) {
        if (!m_program.isGood() || !module.has("module_call_graph")) return;
        const Json none, &fields = module.has("treespec_namedtuple_fields") ? module["treespec_namedtuple_fields"].json() : none;
        (void)module["module_call_graph"].list([&](const JsonReader& call) {
            if (!call["fqn"].text().empty() || !call.has("signature")) return 0;
            const JsonReader signature = call["signature"];
            const auto treeOf = [&](const char* key) -> std::optional<SignatureTree> {
                if (!signature.has(key)) return std::nullopt;
                auto tree = signatureTree(signature[key].text(1 << 24), fields);
                if (!tree) m_result.notes.push_back({"file.signatureIsNotRead", {{"part", key}, {"reason", tree.error().message}}});
                return tree ? std::optional(std::move(*tree)) : std::nullopt;
            };
            if (const auto inputs = treeOf("in_spec"); inputs && leafCount(*inputs) == m_givesInput.size())
                noteInputNames(inputKeys(*inputs));
            auto& outputs = m_result.graph.main.outputs;
            if (const auto tree = treeOf("out_spec"); tree && leafCount(*tree) == outputs.size()) returnAs(*tree);
            return 0;
        });
    }

    /// Of what callers give, inputs are what is no constant.
    void noteInputNames(const std::vector<std::string>& keys) {
        for (std::size_t index = 0; index < keys.size(); ++index) {
            if (m_givesInput[index]) m_result.inputNames.push_back(keys[index]);
        }
    }

    /// The outputs, which are flat, in the dictionaries and tuples of `tree`.
    void returnAs(const SignatureTree& tree) {
        const std::vector<Operand> leaves = m_result.graph.main.outputs;
        std::size_t next = 0;
        if (tree.kind == SignatureTree::Kind::Leaf) return;
        if (tree.kind == SignatureTree::Kind::Dictionary) {
            m_result.graph.main.outputs = {together(tree, leaves, next)};
            return;
        }
        m_result.outputNames = tree.keys;
        m_result.graph.main.outputs.clear();
        for (const SignatureTree& child : tree.children)
            m_result.graph.main.outputs.push_back(together(child, leaves, next));
    }

    Operand together(const SignatureTree& tree, const std::vector<Operand>& leaves, std::size_t& next) {
        if (tree.kind == SignatureTree::Kind::Leaf) return leaves[next++];
        const bool isDictionary = tree.kind == SignatureTree::Kind::Dictionary;
        std::vector<Operand> operands;
        for (std::size_t index = 0; index < tree.children.size(); ++index) {
            if (isDictionary) operands.emplace_back(Literal(tree.keys[index]));
            operands.push_back(together(tree.children[index], leaves, next));
        }
        const graph::ValueId result = m_result.graph.addResult("returned", isDictionary ? TypeKind::Dict : TypeKind::Tuple);
        append(m_result.graph.main, {}, std::string(isDictionary ? graph::op::dictConstruct : graph::op::tupleConstruct),
               std::move(operands))
            .results = {result};
        return Operand(result);
    }

    void keep(graph::ValueId state, graph::ValueId next) {
        graph::Node node;
        node.op = graph::keepState;
        node.name = "keep_state#" + std::to_string(m_keptStates++);
        node.operands = {Operand(state), Operand(next)};
        m_result.graph.main.nodes.push_back(std::move(node));
    }

    /// Programs that are not decomposed write into their buffers: what becomes of each is known when that is pure.
    void keepBuffers() {
        std::set<graph::ValueId> kept;
        for (const graph::Node& node : m_result.graph.main.nodes) {
            if (node.op == graph::keepState) kept.insert(node.operands[0].value());
        }
        for (const auto& [name, id] : m_weightIds) {
            if (!m_result.graph.value(id).isParameter && !isNormStatistic(name) && !kept.contains(id)) keep(id, id);
        }
    }

    // ---- nodes

    void convertNodes(const JsonReader& source, Frame& frame, graph::Block& block, const Origin& outer) {
        (void)source["nodes"].list([&](const JsonReader& node) { return convertNode(node, frame, block, outer), 0; });
    }

    Origin originOf(const JsonReader& node, const Origin& outer) {
        Origin origin = outer;
        if (!node.has("metadata")) return origin;
        const JsonReader metadata = node["metadata"];
        constexpr std::size_t maxTextBytes = 1 << 20;
        if (metadata.has("nn_module_stack")) {
            const ModuleCall call = moduleCall(metadata["nn_module_stack"].text(maxTextBytes));
            if (!call.scope.empty()) {
                origin.scope = call.scope;
                const auto next = static_cast<int>(m_calls.size()) + 1;
                origin.call = m_calls.emplace(call.key + " " + call.scope, next).first->second;
            }
        }
        if (metadata.has("stack_trace")) {
            const auto source = sourceLine(metadata["stack_trace"].text(maxTextBytes));
            if (!source.file.empty()) origin.source = source;
        }
        return origin;
    }

    graph::Node& append(graph::Block& block, const Origin& origin, std::string op, std::vector<Operand> operands) {
        graph::Node node;
        node.op = std::move(op);
        node.name = "node" + std::to_string(m_result.calls.size());
        node.scope = origin.scope;
        node.source = origin.source;
        node.operands = std::move(operands);
        m_result.calls[node.name] = origin.call;
        block.nodes.push_back(std::move(node));
        return block.nodes.back();
    }

    void convertNode(const JsonReader& node, Frame& frame, graph::Block& block, const Origin& outer) {
        const std::string target = node["target"].text();
        if (isOnlyCheck(target)) return;
        const Origin origin = originOf(node, outer);
        if (target == "torch.ops.higher_order.cond") return convertCondition(node, frame, block, origin);
        if (target == "torch.ops.higher_order.wrap_with_set_grad_enabled" || isAutocastOff(node, target))
            return inlineGraph(node, frame, block, origin);

        const std::vector<NamedOperand> inputs = node["inputs"].list([&](const JsonReader& input) {
            return NamedOperand{input["name"].text(), readArgument(input["arg"], frame)};
        });
        std::vector<TypeKind> kinds;
        kinds.reserve(inputs.size());
        for (const NamedOperand& input : inputs)
            kinds.push_back(kindOf(input.operand));
        const std::string op = operatorName(target, kinds);
        const c10::FunctionSchema* schema = op.find("quantized_decomposed::") == 0 ? nullptr : findSchema(op);
        std::vector<Operand> operands = schema != nullptr && !schema->is_vararg() && target.starts_with("torch.ops.")
                                            ? inSchemaOrder(node, *schema, inputs)
                                            : inGivenOrder(op, inputs);
        if (!node.isGood()) return;
        append(block, origin, op, std::move(operands));
        addResults(node["outputs"], frame, block, origin, schema);
    }

    TypeKind kindOf(const Operand& operand) const {
        if (operand.isValue()) return m_result.graph.value(operand.value()).type;
        if (operand.literal<std::int64_t>()) return TypeKind::Int;
        if (operand.literal<std::vector<std::int64_t>>()) return TypeKind::IntList;
        if (operand.literal<double>()) return TypeKind::Float;
        if (operand.literal<bool>()) return TypeKind::Bool;
        if (operand.isLiteral()) return TypeKind::Any;
        const auto& list = std::get<std::vector<Operand>>(operand.content);
        for (const Operand& element : list) {
            if (kindOf(element) != TypeKind::Int) return TypeKind::List;
        }
        return TypeKind::IntList;
    }

    std::vector<Operand> inSchemaOrder(const JsonReader& node, const c10::FunctionSchema& schema,
                                       const std::vector<NamedOperand>& inputs) const {
        std::vector<Operand> operands;
        std::size_t used = 0;
        for (const c10::Argument& expected : schema.arguments()) {
            const auto given = std::ranges::find(inputs, expected.name(), &NamedOperand::name);
            if (given != inputs.end()) {
                operands.push_back(given->operand);
                ++used;
            } else if (const auto literal = defaultOf(expected)) {
                operands.emplace_back(*literal);
            } else {
                node.fail("calls " + schema.name() + " without \"" + expected.name() + "\"");
                return {};
            }
        }
        if (used != inputs.size()) node.fail("calls " + schema.name() + " with arguments that it does not have");
        return operands;
    }

    /// QDQ names its element type, and always gives float32: an argument that says so is not kept.
    static std::vector<Operand> inGivenOrder(const std::string& op, const std::vector<NamedOperand>& inputs) {
        const bool isQdq = graph::isQuantize(op) || graph::isDequantize(op) || graph::choosesQparams(op);
        std::vector<Operand> operands;
        for (const NamedOperand& input : inputs) {
            if (isQdq && (input.name == "out_dtype" || input.name == "output_dtype")) continue;
            operands.push_back(input.operand);
            if (!isQdq || input.name != "dtype") continue;
            if (const auto aten = input.operand.literal<std::int64_t>()) {
                if (const auto dtype = dtypeFromSchema(schemaScalarType(*aten).value_or(0)))
                    operands.back() = Operand(Literal(std::string(tensor::name(*dtype))));
            }
        }
        return operands;
    }

    void addResults(const JsonReader& outputs, Frame& frame, graph::Block& block, const Origin& origin, const c10::FunctionSchema* schema) {
        std::vector<graph::ValueId> results;
        struct Unpacked {
            graph::ValueId list;
            std::vector<graph::ValueId> elements;
        };
        std::vector<Unpacked> lists;
        (void)outputs.list([&](const JsonReader& output) {
            if (output.has("as_tensors") || output.has("as_optional_tensors")) {
                const graph::ValueId list = addValue(output, frame, "", TypeKind::TensorList, graph::ValueKind::Result);
                results.push_back(list);
                lists.push_back({list, resultsOf(output, frame)});
            } else {
                const auto made = resultsOf(output, frame);
                results.insert(results.end(), made.begin(), made.end());
            }
            return 0;
        });
        while (schema != nullptr && results.size() < schema->returns().size())
            results.push_back(addValue(outputs, frame, "", TypeKind::Tensor, graph::ValueKind::Result));
        block.nodes.back().results = std::move(results);
        for (Unpacked& list : lists)
            append(block, origin, "prim::ListUnpack", {Operand(list.list)}).results = std::move(list.elements);
    }

    /// New values for what one output of a node defines.
    std::vector<graph::ValueId> resultsOf(const JsonReader& output, Frame& frame) {
        std::vector<graph::ValueId> results;
        const auto add = [&](const std::string& name, TypeKind type) {
            results.push_back(addValue(output, frame, name, type, graph::ValueKind::Result));
        };
        const auto addSymbol = [&](const char* key, TypeKind type) {
            add(output[key].has("as_name") ? output[key]["as_name"].text() : "", type);
        };
        if (output.has("as_tensor"))
            add(output["as_tensor"]["name"].text(), TypeKind::Tensor);
        else if (output.has("as_tensors"))
            (void)output["as_tensors"].list([&](const JsonReader& each) { return add(each["name"].text(), TypeKind::Tensor), 0; });
        else if (output.has("as_optional_tensors"))
            (void)output["as_optional_tensors"].list([&](const JsonReader& each) {
                return add(each.has("as_tensor") ? each["as_tensor"]["name"].text() : "", TypeKind::Tensor), 0;
            });
        else if (output.has("as_optional_tensor"))
            add(output["as_optional_tensor"].has("as_tensor") ? output["as_optional_tensor"]["as_tensor"]["name"].text() : "",
                TypeKind::Tensor);
        else if (output.has("as_sym_int"))
            addSymbol("as_sym_int", TypeKind::Int);
        else if (output.has("as_sym_float"))
            addSymbol("as_sym_float", TypeKind::Float);
        else if (output.has("as_sym_bool"))
            addSymbol("as_sym_bool", TypeKind::Bool);
        else
            add("", TypeKind::Any);
        return results;
    }

    // ---- graphs in graphs

    /// The operands that a branch is called with, one after the other.
    static void flatten(const Operand& operand, std::vector<Operand>& flat) {
        if (const auto* list = std::get_if<std::vector<Operand>>(&operand.content)) {
            for (const Operand& element : *list)
                flatten(element, flat);
        } else if (const auto numbers = operand.literal<std::vector<std::int64_t>>()) {
            for (const std::int64_t value : *numbers)
                flat.emplace_back(Literal(value));
        } else {
            flat.push_back(operand);
        }
    }

    /// Adds the nodes of a graph that is an argument to `block` and returns what it returns.
    std::vector<Operand> call(const JsonReader& graphArgument, const std::vector<Operand>& operands, graph::Block& block,
                              const Origin& origin) {
        const JsonReader source = graphArgument["as_graph"]["graph"];
        Frame frame = frameOf(source);
        std::size_t next = 0;
        (void)source["inputs"].list([&](const JsonReader& input) {
            const std::string name = input.has("as_tensor")    ? input["as_tensor"]["name"].text()
                                     : input.has("as_sym_int") ? input["as_sym_int"]["as_name"].text()
                                                               : "";
            if (next >= operands.size()) return source.fail("takes more inputs than it is given"), 0;
            if (!name.empty()) define(input, frame, name, operands[next]);
            ++next;
            return 0;
        });
        convertNodes(source, frame, block, origin);
        std::vector<Operand> outputs;
        for (const Operand& output : source["outputs"].list([&](const JsonReader& each) { return readArgument(each, frame); }))
            flatten(output, outputs);
        return outputs;
    }

    void convertCondition(const JsonReader& node, Frame& frame, graph::Block& block, const Origin& origin) {
        const auto inputs = node["inputs"].list([](const JsonReader& input) { return input["arg"]; });
        if (!node.isGood()) return;
        if (inputs.size() < 3 || !inputs[1].has("as_graph") || !inputs[2].has("as_graph"))
            return node.fail("is a condition without two branches");
        Operand condition = readArgument(inputs[0], frame);
        std::vector<Operand> operands;
        for (std::size_t i = 3; i < inputs.size(); ++i)
            flatten(readArgument(inputs[i], frame), operands);
        if (kindOf(condition) == TypeKind::Tensor) {
            const graph::ValueId flag = addValue(node, frame, "", TypeKind::Bool, graph::ValueKind::Result);
            append(block, origin, "aten::Bool.Tensor", {condition}).results = {flag};
            condition = Operand(flag);
        }
        std::vector<graph::Block> branches(2);
        for (std::size_t i = 0; i < 2; ++i)
            branches[i].outputs = call(inputs[i + 1], operands, branches[i], origin);
        std::vector<graph::ValueId> results;
        (void)node["outputs"].list([&](const JsonReader& output) {
            const auto made = resultsOf(output, frame);
            results.insert(results.end(), made.begin(), made.end());
            return 0;
        });
        if (!node.isGood()) return;
        for (const graph::Block& branch : branches) {
            if (branch.outputs.size() != results.size()) return node.fail("has a branch with another number of results");
        }
        graph::Node& made = append(block, origin, "prim::If", {condition});
        made.blocks = std::move(branches);
        made.results = std::move(results);
    }

    /// The first flag says whether other element types are wanted inside.
    static bool isAutocastOff(const JsonReader& node, const std::string& target) {
        if (target != "torch.ops.higher_order.wrap_with_autocast") return false;
        for (const JsonReader& input : node["inputs"].list([](const JsonReader& each) { return each["arg"]; })) {
            if (input.has("as_bool")) return !input["as_bool"].boolean();
        }
        return false;
    }

    /// Switching gradients on or off around a graph means nothing here, nor does switching autocast off: its nodes are added as if they
    /// stood in the graph around it.
    void inlineGraph(const JsonReader& node, Frame& frame, graph::Block& block, const Origin& origin) {
        const auto inputs = node["inputs"].list([](const JsonReader& input) { return input["arg"]; });
        std::vector<Operand> operands;
        const JsonReader* body = nullptr;
        for (const JsonReader& input : inputs) {
            if (input.has("as_graph"))
                body = &input;
            else if (body != nullptr)
                flatten(readArgument(input, frame), operands);
        }
        if (!node.isGood()) return;
        if (body == nullptr) return node.fail("has no graph");
        const std::vector<Operand> outputs = call(*body, operands, block, origin);
        std::vector<std::string> names;
        (void)node["outputs"].list([&](const JsonReader& output) {
            if (output.has("as_tensor")) names.push_back(output["as_tensor"]["name"].text());
            if (output.has("as_tensors")) {
                for (const std::string& name : output["as_tensors"].list([](const JsonReader& each) { return each["name"].text(); }))
                    names.push_back(name);
            }
            return 0;
        });
        if (!node.isGood()) return;
        if (names.size() != outputs.size()) return node.fail("has another number of results than its graph");
        for (std::size_t i = 0; i < names.size(); ++i)
            define(node, frame, names[i], outputs[i]);
    }

    const JsonReader& m_program;
    const ExportedWeights& m_weights;
    ConvertedProgram m_result;
    std::map<std::string, graph::ValueId> m_weightIds;
    std::map<std::string, int> m_calls;
    std::vector<bool> m_givesInput; ///< for each value that callers give: false for constants, which are only looked at
    int m_keptStates = 0;
};

} // namespace

ImportProblem changedBuffer(const std::string& buffer) {
    return {"prim::SetAttr", "", "", "The model changes its own buffer \"" + buffer + "\" while it runs."};
}

base::Result<ConvertedProgram> convertExportedProgram(const base::Json& program, const ExportedWeights& weights) {
    const JsonReader in(program, "The program");
    return Converter(in, weights).run();
}

} // namespace lathe::formats

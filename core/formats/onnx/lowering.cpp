#include <core/formats/onnx/lowering.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <unordered_set>
#include <utility>

#include <core/formats/node_names.h>
#include <core/formats/onnx/call.h>
#include <core/formats/onnx/microsoft_operators.h>
#include <core/formats/onnx/sequence.h>
#include <core/formats/onnx/tensor_data.h>
#include <core/graph/operators/operator.h>

namespace lathe::formats::onnx {

namespace {

std::string quoted(const std::string& name) { return "\"" + name + "\""; }

std::optional<std::vector<graph::Dim>> dimsOf(const std::optional<std::vector<Dimension>>& shape) {
    if (!shape) return std::nullopt;
    std::vector<graph::Dim> dims;
    for (const Dimension& dimension : *shape)
        dims.push_back({dimension.value >= 0 ? dimension.value : -1, dimension.value >= 0 ? "" : dimension.parameter});
    return dims;
}

std::string place(const graph::SourceLocation& source) {
    return source.line > 0 ? source.file + ":" + std::to_string(source.line) : source.file;
}

} // namespace

Lowering::Lowering(const ModelProto& model, ExternalData& files) : m_model(model), m_files(files) {
    for (const auto& [domain, version] : model.opsets) {
        if (domain.empty()) m_opset = version;
    }
}

void Lowering::run() {
    const GraphProto& main = m_model.graph;
    if (main.hasSparseInitializers) throw BrokenModel{"has sparse initializers, which Lathe does not read."};
    countUses(main);
    m_nodeNames.collect(main);
    m_block = &graph.main;
    m_scopes.emplace_back();
    addInitializers(main);
    addInputs();
    for (const NodeProto& node : main.nodes)
        lowerNode(node);
    for (const ValueInfo& output : main.outputs)
        graph.main.outputs.emplace_back(tensorOf(output.name));
    addKnownTypes(main);
    nameOutputs();
}

void Lowering::countUses(const GraphProto& body) {
    for (const NodeProto& node : body.nodes) {
        for (const std::string& input : node.inputs)
            ++m_uses[input];
        for (const AttributeProto& attribute : node.attributes) {
            for (const GraphProto& inner : attribute.g)
                countUses(inner);
        }
    }
    for (const ValueInfo& output : body.outputs)
        ++m_uses[output.name];
}

int Lowering::uses(const std::string& name) const {
    const auto found = m_uses.find(name);
    return found == m_uses.end() ? 0 : found->second;
}

void Lowering::addInitializers(const GraphProto& body) {
    for (const TensorProto& proto : body.initializers) {
        if (proto.name.empty()) throw BrokenModel{"has an initializer without a name."};
        if (m_scopes.back().contains(proto.name)) throw BrokenModel{"has two initializers called " + quoted(proto.name) + "."};
        auto data = readTensor(proto, m_files);
        if (!data) throw BrokenModel{"cannot be read: the initializer " + quoted(proto.name) + " " + data.error().message.text()};
        const bool isTrained = data->dtype() == tensor::DType::Float32 || data->dtype() == tensor::DType::Float64 ||
                               data->dtype() == tensor::DType::Float16 || data->dtype() == tensor::DType::BFloat16;
        const graph::ValueId id = newWeight(proto.name, std::move(*data), isTrained);
        noteNarrowType(id, proto.dataType);
        bind(proto.name, id);
    }
}

void Lowering::addInputs() {
    std::unordered_set<std::string_view> initializers;
    for (const TensorProto& proto : m_model.graph.initializers)
        initializers.insert(proto.name);
    for (const ValueInfo& input : m_model.graph.inputs) {
        if (m_scopes.back().contains(input.name)) {
            // Before IR version 4 initializers are inputs too.
            if (initializers.contains(input.name)) continue;
            throw BrokenModel{"has two inputs called " + quoted(input.name) + "."};
        }
        if (input.name.empty()) throw BrokenModel{"has an input without a name."};
        const auto dtype = dtypeOf(input.elementType);
        const bool isSequence = isSequenceOfTensors(input);
        const graph::TypeKind notTensor = isSequence ? graph::TypeKind::TensorList : graph::TypeKind::Any;
        const graph::ValueId id =
            newValue({input.isTensor ? dtype : std::nullopt, dimsOf(input.shape)}, input.isTensor ? graph::TypeKind::Tensor : notTensor);
        graph.value(id).kind = graph::ValueKind::Input;
        graph.value(id).name = m_valueNames.take(input.name);
        if (!isSequence && (!input.isTensor || !dtype)) {
            const std::string what = input.isTensor ? "holds elements of type " + name(input.elementType) : "is no tensor";
            problems.push_back({"onnx::Input", "", "", "The input " + quoted(input.name) + " " + what + ", which Lathe has not."});
        }
        noteNarrowType(id, input.elementType);
        graph.main.inputs.push_back(id);
        bind(input.name, id);
    }
}

void Lowering::noteNarrowType(graph::ValueId id, ElementType type) {
    if (type == ElementType::Int4 || type == ElementType::UInt4 || type == ElementType::UInt16) narrowTypes[id] = type;
}

graph::ValueId Lowering::newValue(const Known& known, graph::TypeKind type) {
    graph::Value value;
    value.type = type;
    value.dtype = known.dtype;
    value.shape = known.shape;
    graph.values.push_back(std::move(value));
    return static_cast<graph::ValueId>(graph.values.size() - 1);
}

graph::ValueId Lowering::newWeight(const std::string& wanted, tensor::Tensor data, bool isParameter) {
    graph::Value value;
    value.kind = graph::ValueKind::Weight;
    value.name = m_valueNames.take(wanted);
    value.dtype = data.dtype();
    value.shape = graph::dims(data.shape());
    value.data = std::move(data);
    value.isParameter = isParameter;
    graph.values.push_back(std::move(value));
    return static_cast<graph::ValueId>(graph.values.size() - 1);
}

graph::Node& Lowering::append(std::string op, std::vector<graph::Operand> operands) {
    graph::Node node;
    node.op = std::move(op);
    node.operands = std::move(operands);
    m_block->nodes.push_back(std::move(node));
    return m_block->nodes.back();
}

Lowering::Item& Lowering::find(const std::string& name) {
    for (auto scope = m_scopes.rbegin(); scope != m_scopes.rend(); ++scope) {
        if (const auto found = scope->find(name); found != scope->end()) return found->second;
    }
    throw BrokenModel{"uses the value " + quoted(name) + " where nothing has computed it yet."};
}

graph::ValueId Lowering::tensorOf(const std::string& name) {
    Item& item = find(name);
    if (item.id >= 0) return item.id;
    const Numbers& numbers = *item.numbers;
    Integers known;
    for (const Operand& element : numbers.elements) {
        if (const auto literal = element.literal<std::int64_t>()) known.push_back(*literal);
    }
    const tensor::Shape shape = numbers.isScalar ? tensor::Shape{} : tensor::Shape{static_cast<std::int64_t>(numbers.elements.size())};
    const Known result{DType::Int64, graph::dims(shape)};
    graph::ValueId id = -1;
    if (known.size() == numbers.elements.size()) {
        id = newWeight(name, tensor::Tensor::of<std::int64_t>(shape, known), false);
    } else {
        const auto emit = [&](std::string op, Operands operands) {
            id = newValue(result);
            append(std::move(op), std::move(operands)).results = {id};
            return id;
        };
        emit("aten::_list_to_tensor", {Operand(numbers.elements)}); // without the type Clang copies the list
        emit("aten::to.dtype", {id, dtypeNumber(DType::Int64), flag(false), flag(false), none()});
        if (numbers.isScalar) emit("aten::reshape", {id, integers({})});
    }
    // A node of an inner block is not seen outside of it.
    if (item.block == m_block) {
        item.id = id;
        for (std::size_t depth = m_scopes.size(); depth-- > 0;) {
            if (!m_scopes[depth].contains(name)) continue;
            m_made.emplace_back(depth, name);
            break;
        }
    }
    return id;
}

std::optional<Numbers> Lowering::numbersOf(const std::string& name) { return find(name).numbers; }

void Lowering::bind(const std::string& name, graph::ValueId id) {
    if (!m_scopes.back().emplace(name, Item{id, std::nullopt, m_block}).second)
        throw BrokenModel{"computes the value " + quoted(name) + " twice."};
}

void Lowering::bind(const std::string& name, Numbers numbers) {
    if (!m_scopes.back().emplace(name, Item{-1, std::move(numbers), m_block}).second)
        throw BrokenModel{"computes the value " + quoted(name) + " twice."};
}

void Lowering::lowerBlock(const GraphProto& body, graph::Block& block, const std::function<void()>& bindInputs) {
    graph::Block* const outer = std::exchange(m_block, &block);
    m_scopes.emplace_back();
    bindInputs();
    addInitializers(body);
    for (const NodeProto& node : body.nodes)
        lowerNode(node);
    for (const ValueInfo& output : body.outputs)
        block.outputs.emplace_back(tensorOf(output.name));
    addKnownTypes(body);
    m_scopes.pop_back();
    m_block = outer;
}

void Lowering::fillBlock(graph::Block& block, const std::function<void()>& fill) {
    graph::Block* const outer = std::exchange(m_block, &block);
    fill();
    m_block = outer;
}

void Lowering::lowerNode(const NodeProto& node) {
    if (node.opType.empty()) throw BrokenModel{"has a node without an operator."};
    for (const std::string& input : node.inputs) {
        if (!input.empty()) (void)find(input);
    }
    const std::size_t first = m_block->nodes.size();
    const std::size_t firstValue = graph.values.size();
    graph::Block* const block = m_block;
    const std::size_t depth = m_scopes.size();
    const std::size_t firstMade = m_made.size();
    std::optional<std::vector<NodeProto>> parts; ///< of the standard, that are the node
    // As if the node had never been tried.
    const auto undo = [&](const std::string& reason) {
        m_block = block;
        m_scopes.resize(depth);
        for (const std::string& output : node.outputs)
            m_scopes.back().erase(output);
        for (const NodeProto& part : parts.value_or(std::vector<NodeProto>{})) {
            for (const std::string& output : part.outputs)
                m_scopes.back().erase(output);
        }
        m_block->nodes.resize(first);
        for (std::size_t id = firstValue; id < graph.values.size(); ++id)
            m_valueNames.release(graph.values[id].name);
        graph.values.resize(firstValue);
        for (; m_made.size() > firstMade; m_made.pop_back()) {
            const auto& [scope, name] = m_made.back();
            if (scope >= depth) continue; // gone with its block
            if (const auto found = m_scopes[scope].find(name); found != m_scopes[scope].end()) found->second.id = -1;
        }
        const Origin origin = originOf(node);
        problems.push_back({"onnx::" + node.opType, origin.modulePath, place(origin.source), reason});
        keepAsIs(node);
    };
    Call call(*this, node);
    try {
        const bool isOurDomain = node.domain.empty() || node.domain == "ai.onnx";
        const Lower lower = isOurDomain ? findOperator(node.domain, node.opType) : nullptr;
        if (!lower) parts = standardNodes(call);
        if (!lower && !parts) {
            call.refuse(isOurDomain
                            ? "Lathe has nothing for the operator " + node.opType + " of ONNX."
                            : "The operator " + node.opType + " is of the domain " + quoted(node.domain) + ", which Lathe does not know.");
        }
        if (lower) lower(call);
        for (const NodeProto& part : parts.value_or(std::vector<NodeProto>{})) {
            Call inner(*this, part);
            findOperator({}, part.opType)(inner);
        }
        for (std::size_t index = 0; index < node.outputs.size(); ++index) {
            if (call.wantsOutput(index) && !m_scopes.back().contains(node.outputs[index]))
                call.refuse("Lathe does not compute output " + std::to_string(index) + " of " + node.opType + ".");
        }
    } catch (const std::out_of_range&) {
        undo("The inputs or attributes of " + node.opType + " do not fit together.");
    } catch (const Refusal& refusal) {
        undo(refusal.reason);
    }
    nameNodes(node, first);
    if (depth == 1) m_made.clear();
}

void Lowering::keepAsIs(const NodeProto& node) {
    std::vector<graph::Operand> operands;
    for (const std::string& input : node.inputs) {
        if (input.empty())
            operands.emplace_back();
        else
            operands.emplace_back(tensorOf(input));
    }
    std::vector<graph::ValueId> results;
    for (const std::string& output : node.outputs) {
        results.push_back(newValue({}));
        if (!output.empty()) bind(output, results.back());
    }
    append("onnx::" + node.opType, std::move(operands)).results = std::move(results);
}

void Lowering::nameNodes(const NodeProto& source, std::size_t first) {
    auto& nodes = m_block->nodes;
    if (first == nodes.size()) return;
    const Origin origin = originOf(source);
    const bool isLayer = graph::isWeighted(nodes.back().op) && nodes.back().operands.size() > 1 && nodes.back().operands[1].isValue() &&
                         graph.value(nodes.back().operands[1].value()).kind == graph::ValueKind::Weight;
    const std::string name = isLayer ? m_nodeNames.takeLayer(source, origin) : m_nodeNames.take(source, origin);
    if (isLayer) nameWeight(nodes.back().operands[1].value(), name);
    for (std::size_t index = first; index < nodes.size(); ++index) {
        graph::Node& node = nodes[index];
        node.scope = origin.modulePath;
        node.source = origin.source;
        node.name = index + 1 == nodes.size() ? name : m_nodeNames.take(name + "_" + shortName(node.op));
        for (std::size_t result = 0; result < node.results.size(); ++result) {
            const std::string suffix = node.results.size() == 1 ? "_out" : "_out" + std::to_string(result);
            graph.value(node.results[result]).name = m_valueNames.take(node.name + suffix);
        }
    }
}

void Lowering::nameWeight(graph::ValueId id, const std::string& layer) {
    graph::Value& weight = graph.value(id);
    const bool isNumbered = weight.name.starts_with("val_") || weight.name.starts_with("onnx::");
    if (!isNumbered || !m_valueNames.isFree(layer + ".weight")) return;
    m_valueNames.release(weight.name);
    weight.name = m_valueNames.take(layer + ".weight");
}

void Lowering::nameOutputs() {
    for (const ValueInfo& output : m_model.graph.outputs) {
        graph::Value& value = graph.value(tensorOf(output.name));
        if (value.kind != graph::ValueKind::Result || value.name == output.name) continue;
        m_valueNames.release(value.name);
        value.name = m_valueNames.take(output.name);
    }
    // What was made for a block or for an output has no name yet.
    for (graph::Value& value : graph.values) {
        if (value.name.empty()) value.name = m_valueNames.take("value");
    }
    graph::forEachNode(graph, [this](graph::Node& node) {
        if (node.name.empty()) node.name = m_nodeNames.take(shortName(node.op));
    });
}

void Lowering::addKnownTypes(const GraphProto& body) {
    const auto add = [this](const ValueInfo& info) {
        const auto found = m_scopes.back().find(info.name);
        if (found == m_scopes.back().end() || found->second.id < 0 || !info.isTensor) return;
        graph::Value& value = graph.value(found->second.id);
        if (!value.dtype) value.dtype = dtypeOf(info.elementType);
        if (const auto shape = dimsOf(info.shape); shape && value.kind == graph::ValueKind::Result) value.shape = shape;
    };
    for (const ValueInfo& info : body.valueInfos)
        add(info);
    for (const ValueInfo& info : body.outputs)
        add(info);
}

} // namespace lathe::formats::onnx

#include <core/formats/onnx/emission.h>

#include <core/formats/onnx/kept_state.h>
#include <core/formats/onnx/message_writer.h>
#include <core/graph/input_dtype.h>
#include <core/graph/model_outputs.h>
#include <core/graph/operators/library_names.h>
#include <core/graph/state.h>

namespace lathe::formats::onnx {

namespace {

constexpr std::int64_t sharedElements = 256;

/// Values are called as in PyTorch's own exports, by their node: "conv1" for what we call "conv1_out". Inputs, outputs and weights keep
/// their names.
std::vector<std::string> namesOf(const graph::Graph& graph) {
    constexpr std::string_view ending = "_out";
    std::vector<std::string> names;
    std::set<std::string> taken;
    for (const graph::Value& value : graph.values) {
        names.push_back(value.name);
        taken.insert(value.name);
    }
    std::set<graph::ValueId> outputs;
    for (const graph::Operand& output : graph.main.outputs) {
        if (output.isValue()) outputs.insert(output.value());
    }
    for (std::size_t at = 0; at < names.size(); ++at) {
        const auto id = static_cast<graph::ValueId>(at);
        if (graph.value(id).kind != graph::ValueKind::Result || outputs.contains(id) || !names[at].ends_with(ending)) continue;
        std::string byNode = names[at].substr(0, names[at].size() - ending.size());
        if (!byNode.empty() && taken.insert(byNode).second) names[at] = std::move(byNode);
    }
    return names;
}

/// Of results that nobody has described: numbers of places are whole, whatever they are places of. Others are taken for float32.
std::optional<tensor::DType> typeOfPlaces(const graph::UseIndex& uses, graph::ValueId id) {
    static const std::set<std::string_view> firstIsPlaces{"aten::argmax",  "aten::argmin", "aten::argsort",
                                                          "aten::nonzero", graph::op::nms, graph::op::nonMaxSuppression};
    static const std::set<std::string_view> secondIsPlaces{"aten::topk", "aten::sort", "aten::sort.stable", "aten::max.dim",
                                                           "aten::min.dim"};
    const graph::Node* node = uses.producer(id);
    if (node == nullptr) return std::nullopt;
    const bool isFirst = node->results.front() == id;
    return (isFirst ? firstIsPlaces : secondIsPlaces).contains(node->op) ? std::optional(tensor::DType::Int64) : std::nullopt;
}

std::string valueInfo(const graph::Value& value, const std::string& name) {
    std::vector<Dimension> shape;
    for (const graph::Dim& dim : value.shape.value_or(std::vector<graph::Dim>{}))
        shape.push_back({dim.symbol.empty() ? dim.size : -1, dim.symbol});
    return valueMessage(name, elementTypeOf(value.dtype.value_or(tensor::DType::Float32)), value.shape ? &shape : nullptr);
}

} // namespace

Emission::Emission(const graph::Graph& graph, std::int64_t opset, ProductWeights productWeights)
    : m_graph(graph), m_uses(graph), m_opset(opset), m_productWeights(productWeights), m_names(namesOf(graph)) {
    for (const std::string& name : m_names)
        m_constantNames.take(name);
}

std::string Emission::name(const graph::Operand& operand, tensor::DType dtype) {
    if (operand.isNone()) return "";
    if (operand.isValue()) {
        const graph::ValueId id = operand.value();
        if (const auto found = m_aliases.find(id); found != m_aliases.end()) return found->second;
        const graph::Value& value = m_graph.value(id);
        if (value.kind == graph::ValueKind::Weight) m_usedWeights.insert(id);
        return m_names[static_cast<std::size_t>(id)];
    }
    double number = 0;
    if (const auto real = operand.literal<double>())
        number = *real;
    else if (const auto whole = operand.literal<std::int64_t>())
        number = static_cast<double>(*whole);
    else if (const auto truth = operand.literal<bool>())
        number = *truth ? 1 : 0;
    else
        throw CannotEmit{"has an operand that ONNX has no constant for"};
    return constant("number", tensor::Tensor::of<double>({}, {number}).to(dtype), elementTypeOf(dtype));
}

std::string Emission::integerVector(const graph::Operand& operand) {
    if (const auto literal = operand.literal<std::vector<std::int64_t>>()) return integers(*literal);
    if (operand.isValue()) return name(operand);
    const auto* list = std::get_if<std::vector<graph::Operand>>(&operand.content);
    if (!list) throw CannotEmit{"has no list of integers where one is needed"};
    std::vector<std::string> parts;
    for (const graph::Operand& element : *list) {
        const auto literal = element.literal<std::int64_t>();
        parts.push_back(literal ? integers({*literal}) : name(element));
    }
    return add("Concat", parts, {integerAttribute("axis", 0)});
}

std::string Emission::constant(const std::string& wanted, const tensor::Tensor& data, ElementType type) {
    if (data.elementCount() <= sharedElements) {
        // Without a name the message is what the constant holds.
        const auto [known, isNew] = m_constants.try_emplace(tensorMessage("", data, type));
        if (!isNew) return known->second;
        known->second = m_constantNames.take(wanted);
        m_initializers.push_back(tensorMessage(known->second, data, type));
        return known->second;
    }
    std::string unique = m_node->name + "/" + wanted + "_" + std::to_string(m_parts++);
    m_initializers.push_back(tensorMessage(unique, data, type));
    return unique;
}

std::string Emission::integers(const std::vector<std::int64_t>& values) {
    return constant("integers", tensor::Tensor::of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values), ElementType::Int64);
}

std::string Emission::add(const std::string& op, const std::vector<std::string>& inputs, const std::vector<std::string>& attributes) {
    std::string output = m_node->name + "/" + op + "_" + std::to_string(m_parts++);
    m_nodes.push_back(nodeMessage(output, op, inputs, {output}, attributes));
    return output;
}

void Emission::addTo(const std::string& output, const std::string& op, const std::vector<std::string>& inputs,
                     const std::vector<std::string>& attributes) {
    addTo(std::vector<std::string>{output}, op, inputs, attributes);
}

void Emission::addTo(const std::vector<std::string>& outputs, const std::string& op, const std::vector<std::string>& inputs,
                     const std::vector<std::string>& attributes) {
    // Names are unique: a node of ours that becomes several with outputs of its own gives its name to the first.
    const std::string name = m_isNameGiven ? m_node->name + "/" + op + "_" + std::to_string(m_parts++) : m_node->name;
    m_isNameGiven = true;
    m_nodes.push_back(nodeMessage(name, op, inputs, outputs, attributes));
}

std::string Emission::finish(const std::string& modelName) {
    const graph::Node outputs{.op = "", .name = "output", .scope = "", .source = {}, .operands = {}, .results = {}, .blocks = {}};
    startNode(outputs);
    std::vector<std::string> inputInfos, outputInfos;
    for (const graph::ValueId input : m_graph.main.inputs) {
        graph::Value value = m_graph.value(input);
        value.dtype = graph::inputDType(m_graph, m_uses, input);
        inputInfos.push_back(valueInfo(value, value.name));
    }
    std::set<graph::ValueId> returned;
    for (const auto& [key, operand] : graph::modelOutputs(m_graph, m_uses)) {
        if (!operand.isValue()) throw CannotEmit{"returns something that is no tensor"};
        const graph::ValueId output = operand.value();
        graph::Value value = m_graph.value(output);
        if (!value.dtype) value.dtype = typeOfPlaces(m_uses, output);
        const std::string there = name(graph::Operand(output));
        // A value that is there under another name, is asked for twice or by a key gets a name of its own here, which nothing else has.
        const bool isNamed = key.empty() && there == value.name && returned.insert(output).second;
        const std::string own = isNamed ? there : m_constantNames.take(key.empty() ? value.name : key);
        if (!isNamed) addTo(own, "Identity", {there});
        outputInfos.push_back(valueInfo(value, own));
    }
    StateNames states;
    for (const graph::State& state : graph::statesOf(m_graph)) {
        // The initializer of the same name is what a call begins with that does not give the input.
        inputInfos.push_back(valueInfo(m_graph.value(state.value), state.input));
        const std::string own = m_constantNames.take(state.output);
        addTo(own, "Identity", {name(graph::Operand(state.next))});
        outputInfos.push_back(valueInfo(m_graph.value(state.next), own));
        states.emplace_back(state.input, own);
    }
    for (const graph::ValueId id : m_usedWeights) {
        const graph::Value& value = m_graph.value(id);
        const auto found = m_weightTypes.find(id);
        m_initializers.push_back(
            tensorMessage(value.name, value.data, found == m_weightTypes.end() ? elementTypeOf(value.data.dtype()) : found->second));
    }
    return modelMessage(modelName, m_opset, m_nodes, m_initializers, inputInfos, outputInfos) + statePropertiesMessage(states);
}

} // namespace lathe::formats::onnx

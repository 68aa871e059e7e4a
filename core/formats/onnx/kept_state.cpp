#include <core/formats/onnx/kept_state.h>

#include <algorithm>

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include <core/formats/onnx/tensor_data.h>
#include <core/graph/state.h>

namespace lathe::formats::onnx {

namespace {

constexpr std::string_view property = "lathe.state.";
constexpr protozero::pbf_tag_type metadataField = 14, keyField = 1, valueField = 2;

/// The bytes are those of a model that was read without an error.
StateNames stateNames(Bytes bytes) {
    StateNames states;
    protozero::pbf_reader model(bytes.data(), bytes.size());
    while (model.next()) {
        if (model.tag() != metadataField || model.wire_type() != protozero::pbf_wire_type::length_delimited) {
            model.skip();
            continue;
        }
        protozero::pbf_reader entry = model.get_message();
        std::string key, value;
        while (entry.next()) {
            const bool isText = entry.wire_type() == protozero::pbf_wire_type::length_delimited;
            if (isText && entry.tag() == keyField)
                key = entry.get_string();
            else if (isText && entry.tag() == valueField)
                value = entry.get_string();
            else
                entry.skip();
        }
        if (key.starts_with(property)) states.emplace_back(key.substr(property.size()), std::move(value));
    }
    return states;
}

} // namespace

std::string statePropertiesMessage(const StateNames& states) {
    std::string bytes;
    protozero::pbf_writer writer(bytes);
    for (const auto& [input, output] : states) {
        std::string entry;
        protozero::pbf_writer entryWriter(entry);
        entryWriter.add_string(keyField, std::string(property) + input);
        entryWriter.add_string(valueField, output);
        writer.add_message(metadataField, entry);
    }
    return bytes;
}

TakenStates::TakenStates(ModelProto& model, Bytes bytes) {
    StateNames names;
    try {
        names = stateNames(bytes);
    } catch (const protozero::exception&) {
        return; // only what nobody else reads
    }
    GraphProto& graph = model.graph;
    for (const auto& [input, output] : names) {
        const auto initializer = std::ranges::find(graph.initializers, input, &TensorProto::name);
        const auto next = std::ranges::find(graph.outputs, output, &ValueInfo::name);
        const bool isThere = initializer != graph.initializers.end() && next != graph.outputs.end() &&
                             std::ranges::find(graph.inputs, input, &ValueInfo::name) != graph.inputs.end();
        if (!isThere) continue;
        m_states.push_back({std::move(*initializer), static_cast<std::size_t>(next - graph.outputs.begin())});
        graph.initializers.erase(initializer);
    }
}

base::Result<> TakenStates::keepIn(graph::Graph& graph, ExternalData& files) const {
    std::vector<graph::Operand> outputs = graph.main.outputs;
    std::vector<bool> isState(outputs.size(), false);
    for (const State& state : m_states) {
        auto data = readTensor(state.initializer, files);
        if (!data)
            return base::failure(base::ErrorCode::Rejected,
                                 "cannot be read: the initializer \"" + state.initializer.name + "\" " + data.error().message.text());
        const auto buffer =
            std::ranges::find_if(graph.main.inputs, [&](graph::ValueId id) { return graph.value(id).name == state.initializer.name; });
        if (buffer == graph.main.inputs.end() || state.output >= outputs.size() || isState[state.output]) continue;
        isState[state.output] = true;
        graph::Value& value = graph.value(*buffer);
        value.kind = graph::ValueKind::Weight;
        value.dtype = data->dtype();
        value.shape = graph::dims(data->shape());
        value.data = std::move(*data);
        graph::Node node;
        node.op = graph::keepState;
        node.name = graph.freeNodeName("keep_state");
        node.operands = {graph::Operand(*buffer), outputs[state.output]};
        graph.main.nodes.push_back(std::move(node));
        graph.main.inputs.erase(buffer);
    }
    graph.main.outputs.clear();
    for (std::size_t index = 0; index < outputs.size(); ++index) {
        if (!isState[index]) graph.main.outputs.push_back(std::move(outputs[index]));
    }
    return {};
}

} // namespace lathe::formats::onnx

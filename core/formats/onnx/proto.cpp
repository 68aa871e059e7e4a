#include <core/formats/onnx/proto.h>

#include <protozero/pbf_reader.hpp>

namespace lathe::formats::onnx {

namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

constexpr int maxDepth = 100;
constexpr std::size_t maxInputs = 65536;

/// Ends parsing; caught in `guarded` below.
struct Refusal {
    std::string message;
};

std::string text(pbf_reader& reader) { return reader.get_string(); }

/// Fields of the wrong wire type are no fields of ours.
bool is(const pbf_reader& reader, pbf_wire_type type) { return reader.wire_type() == type; }

/// A repeated number, packed or not.
template<class T, class Read, class ReadPacked>
void append(pbf_reader& reader, std::vector<T>& list, const Read& read, const ReadPacked& readPacked) {
    if (is(reader, pbf_wire_type::length_delimited)) {
        for (const auto value : readPacked())
            list.push_back(static_cast<T>(value));
    } else {
        list.push_back(static_cast<T>(read()));
    }
}

void appendIntegers(pbf_reader& reader, std::vector<std::int64_t>& list) {
    if (!is(reader, pbf_wire_type::length_delimited) && !is(reader, pbf_wire_type::varint)) return reader.skip();
    append(
        reader, list, [&] { return reader.get_int64(); }, [&] { return reader.get_packed_int64(); });
}

void appendFloats(pbf_reader& reader, std::vector<float>& list) {
    if (!is(reader, pbf_wire_type::length_delimited) && !is(reader, pbf_wire_type::fixed32)) return reader.skip();
    append(
        reader, list, [&] { return reader.get_float(); }, [&] { return reader.get_packed_float(); });
}

void appendDoubles(pbf_reader& reader, std::vector<double>& list) {
    if (!is(reader, pbf_wire_type::length_delimited) && !is(reader, pbf_wire_type::fixed64)) return reader.skip();
    append(
        reader, list, [&] { return reader.get_double(); }, [&] { return reader.get_packed_double(); });
}

std::int64_t integer(pbf_reader& reader) {
    if (is(reader, pbf_wire_type::varint)) return reader.get_int64();
    throw protozero::unknown_pbf_wire_type_exception();
}

float number(pbf_reader& reader) {
    if (is(reader, pbf_wire_type::fixed32)) return reader.get_float();
    throw protozero::unknown_pbf_wire_type_exception();
}

pbf_reader message(pbf_reader& reader) {
    if (is(reader, pbf_wire_type::length_delimited)) return reader.get_message();
    throw protozero::unknown_pbf_wire_type_exception();
}

/// StringStringEntryProto.
std::pair<std::string, std::string> property(pbf_reader reader) {
    std::pair<std::string, std::string> entry;
    while (reader.next()) {
        switch (reader.tag()) {
        case 1:
            entry.first = text(reader);
            break;
        case 2:
            entry.second = text(reader);
            break;
        default:
            reader.skip();
        }
    }
    return entry;
}

TensorProto tensor(pbf_reader reader) {
    TensorProto result;
    while (reader.next()) {
        switch (reader.tag()) {
        case 1:
            appendIntegers(reader, result.dims);
            break;
        case 2:
            result.dataType = static_cast<ElementType>(integer(reader));
            break;
        case 4:
            appendFloats(reader, result.floatData);
            break;
        case 5:
        case 7:
        case 11:
            appendIntegers(reader, result.integerData);
            break;
        case 8:
            result.name = text(reader);
            break;
        case 9: {
            const auto view = reader.get_view();
            result.rawData = {view.data(), view.size()};
            result.hasRawData = true;
            break;
        }
        case 10:
            appendDoubles(reader, result.doubleData);
            break;
        case 13:
            result.externalData.push_back(property(message(reader)));
            break;
        case 14:
            result.isExternal = integer(reader) == 1;
            break;
        default:
            reader.skip();
        }
    }
    return result;
}

std::vector<Dimension> shape(pbf_reader reader) {
    std::vector<Dimension> dimensions;
    while (reader.next()) {
        if (reader.tag() != 1) {
            reader.skip();
            continue;
        }
        pbf_reader inner = message(reader);
        Dimension dimension;
        while (inner.next()) {
            if (inner.tag() == 1)
                dimension.value = integer(inner);
            else if (inner.tag() == 2)
                dimension.parameter = text(inner);
            else
                inner.skip();
        }
        dimensions.push_back(std::move(dimension));
    }
    return dimensions;
}

void type(pbf_reader reader, ValueInfo& info, int depth = 0);

/// The only field of TypeProto.Sequence and TypeProto.Optional.
void elementType(pbf_reader reader, ValueInfo& info, int depth) {
    while (reader.next()) {
        if (reader.tag() == 1)
            type(message(reader), info, depth);
        else
            reader.skip();
    }
}

/// TypeProto.Tensor, and what holds tensors; other types leave isTensor false, and so do those in more others than any model has.
void type(pbf_reader reader, ValueInfo& info, int depth) {
    constexpr protozero::pbf_tag_type tensorType = 1, sequenceType = 4, optionalType = 9;
    constexpr int deepest = 4;
    if (depth > deepest) return;
    while (reader.next()) {
        if (reader.tag() == sequenceType) {
            // Without isTensor: see isSequenceOfTensors.
            ValueInfo element;
            elementType(message(reader), element, depth + 1);
            if (element.isTensor) info.elementType = element.elementType;
            continue;
        }
        if (reader.tag() == optionalType) {
            elementType(message(reader), info, depth + 1);
            continue;
        }
        if (reader.tag() != tensorType) {
            reader.skip();
            continue;
        }
        info.isTensor = true;
        pbf_reader inner = message(reader);
        while (inner.next()) {
            if (inner.tag() == 1)
                info.elementType = static_cast<ElementType>(integer(inner));
            else if (inner.tag() == 2)
                info.shape = shape(message(inner));
            else
                inner.skip();
        }
    }
}

ValueInfo valueInfo(pbf_reader reader) {
    ValueInfo info;
    while (reader.next()) {
        if (reader.tag() == 1)
            info.name = text(reader);
        else if (reader.tag() == 2)
            type(message(reader), info);
        else
            reader.skip();
    }
    return info;
}

GraphProto graph(pbf_reader reader, int depth);

AttributeProto attribute(pbf_reader reader, int depth) {
    AttributeProto result;
    while (reader.next()) {
        switch (reader.tag()) {
        case 1:
            result.name = text(reader);
            break;
        case 2:
            result.f = number(reader);
            break;
        case 3:
            result.i = integer(reader);
            break;
        case 4:
            result.s = text(reader);
            break;
        case 5:
            result.t.assign(1, tensor(message(reader)));
            break;
        case 6:
            result.g.assign(1, graph(message(reader), depth + 1));
            break;
        case 7:
            appendFloats(reader, result.floats);
            break;
        case 8:
            appendIntegers(reader, result.ints);
            break;
        case 9:
            result.strings.push_back(text(reader));
            break;
        case 20:
            result.type = static_cast<std::int32_t>(integer(reader));
            break;
        default:
            reader.skip();
        }
    }
    return result;
}

NodeProto node(pbf_reader reader, int depth) {
    NodeProto result;
    while (reader.next()) {
        switch (reader.tag()) {
        case 1:
            result.inputs.push_back(text(reader));
            break;
        case 2:
            result.outputs.push_back(text(reader));
            break;
        case 3:
            result.name = text(reader);
            break;
        case 4:
            result.opType = text(reader);
            break;
        case 5:
            result.attributes.push_back(attribute(message(reader), depth));
            break;
        case 7:
            result.domain = text(reader);
            break;
        case 9:
            result.metadata.push_back(property(message(reader)));
            break;
        default:
            reader.skip();
        }
    }
    if (result.inputs.size() > maxInputs || result.outputs.size() > maxInputs)
        throw Refusal{"has a node with more than 65536 inputs or outputs (\"" + result.name + "\", " + result.opType + ")."};
    return result;
}

GraphProto graph(pbf_reader reader, int depth) {
    if (depth > maxDepth) throw Refusal{"nests graphs deeper than 100 levels."};
    GraphProto result;
    while (reader.next()) {
        switch (reader.tag()) {
        case 1:
            result.nodes.push_back(node(message(reader), depth));
            break;
        case 2:
            result.name = text(reader);
            break;
        case 5:
            result.initializers.push_back(tensor(message(reader)));
            break;
        case 11:
            result.inputs.push_back(valueInfo(message(reader)));
            break;
        case 12:
            result.outputs.push_back(valueInfo(message(reader)));
            break;
        case 13:
            result.valueInfos.push_back(valueInfo(message(reader)));
            break;
        case 15:
            result.hasSparseInitializers = true;
            reader.skip();
            break;
        default:
            reader.skip();
        }
    }
    return result;
}

std::pair<std::string, std::int64_t> opset(pbf_reader reader) {
    std::pair<std::string, std::int64_t> result;
    while (reader.next()) {
        if (reader.tag() == 1)
            result.first = text(reader);
        else if (reader.tag() == 2)
            result.second = integer(reader);
        else
            reader.skip();
    }
    if (result.first == "ai.onnx") result.first.clear();
    return result;
}

ModelProto model(pbf_reader reader) {
    ModelProto result;
    while (reader.next()) {
        switch (reader.tag()) {
        case 1:
            result.irVersion = integer(reader);
            break;
        case 2:
            result.producerName = text(reader);
            break;
        case 3:
            result.producerVersion = text(reader);
            break;
        case 7:
            result.graph = graph(message(reader), 1);
            result.hasGraph = true;
            break;
        case 8:
            result.opsets.push_back(opset(message(reader)));
            break;
        default:
            reader.skip();
        }
    }
    return result;
}

template<class Read>
auto guarded(Bytes bytes, const Read& read) -> base::Result<decltype(read(pbf_reader{}))> {
    try {
        return read(pbf_reader(bytes.data(), bytes.size()));
    } catch (const Refusal& refusal) {
        return base::failure(base::ErrorCode::Rejected, refusal.message);
    } catch (const protozero::exception&) {
        return base::failure(base::ErrorCode::Rejected, "is cut off or damaged: its fields do not add up.");
    }
}

} // namespace

base::Result<ModelProto> parseModel(Bytes bytes) {
    return guarded(bytes, [](pbf_reader reader) { return model(reader); });
}

base::Result<TensorProto> parseTensor(Bytes bytes) {
    return guarded(bytes, [](pbf_reader reader) { return tensor(reader); });
}

} // namespace lathe::formats::onnx

#include <core/formats/onnx/message_writer.h>

#include <protozero/pbf_writer.hpp>

namespace lathe::formats::onnx {

namespace {

using protozero::pbf_writer;

/// AttributeProto.AttributeType.
enum class AttributeType { Float = 1, Integer = 2, Text = 3, Integers = 7, Texts = 8 };

constexpr std::int64_t irOfOpset17 = 8, irOfOpset21 = 10;

template<class Add>
std::string attributeMessage(std::string_view name, AttributeType type, const Add& add) {
    std::string bytes;
    pbf_writer writer(bytes);
    writer.add_string(1, name.data(), name.size());
    add(writer);
    writer.add_enum(20, static_cast<std::int32_t>(type));
    return bytes;
}

} // namespace

std::string integerAttribute(std::string_view name, std::int64_t value) {
    return attributeMessage(name, AttributeType::Integer, [&](pbf_writer& writer) { writer.add_int64(3, value); });
}

std::string floatAttribute(std::string_view name, float value) {
    return attributeMessage(name, AttributeType::Float, [&](pbf_writer& writer) { writer.add_float(2, value); });
}

std::string textAttribute(std::string_view name, std::string_view value) {
    return attributeMessage(name, AttributeType::Text, [&](pbf_writer& writer) { writer.add_bytes(4, value.data(), value.size()); });
}

std::string integersAttribute(std::string_view name, const std::vector<std::int64_t>& values) {
    return attributeMessage(name, AttributeType::Integers, [&](pbf_writer& writer) {
        for (const std::int64_t value : values)
            writer.add_int64(8, value);
    });
}

std::string textsAttribute(std::string_view name, const std::vector<std::string>& values) {
    return attributeMessage(name, AttributeType::Texts, [&](pbf_writer& writer) {
        for (const std::string& value : values)
            writer.add_string(9, value);
    });
}

std::string nodeMessage(const std::string& name, const std::string& op, const std::vector<std::string>& inputs,
                        const std::vector<std::string>& outputs, const std::vector<std::string>& attributes) {
    std::string bytes;
    pbf_writer writer(bytes);
    for (const std::string& input : inputs)
        writer.add_string(1, input);
    for (const std::string& output : outputs)
        writer.add_string(2, output);
    writer.add_string(3, name);
    writer.add_string(4, op);
    for (const std::string& attribute : attributes)
        writer.add_message(5, attribute);
    return bytes;
}

std::string tensorMessage(const std::string& name, const tensor::Tensor& data, ElementType type) {
    const tensor::Tensor flat = data.contiguous();
    std::string bytes;
    pbf_writer writer(bytes);
    for (const std::int64_t dimension : flat.shape())
        writer.add_int64(1, dimension);
    writer.add_enum(2, static_cast<std::int32_t>(type));
    writer.add_string(8, name);
    const char* raw = reinterpret_cast<const char*>(flat.storage()->bytes().data()) + flat.byteOffset();
    const auto count = static_cast<std::size_t>(flat.byteCount());
    if (type == ElementType::Int4 || type == ElementType::UInt4) {
        std::string packed((count + 1) / 2, '\0');
        for (std::size_t index = 0; index < count; ++index) {
            const unsigned half = static_cast<unsigned char>(raw[index]) & 15U;
            packed[index / 2] = static_cast<char>(static_cast<unsigned char>(packed[index / 2]) | (index % 2 == 0 ? half : half << 4U));
        }
        writer.add_bytes(9, packed);
    } else {
        writer.add_bytes(9, raw, count);
    }
    return bytes;
}

std::string valueMessage(const std::string& name, ElementType type, const std::vector<Dimension>* shape) {
    std::string dims, tensorType, wholeType, bytes;
    if (shape) {
        pbf_writer dimsWriter(dims);
        for (const Dimension& dimension : *shape) {
            std::string one;
            pbf_writer writer(one);
            if (dimension.value >= 0)
                writer.add_int64(1, dimension.value);
            else if (!dimension.parameter.empty())
                writer.add_string(2, dimension.parameter);
            dimsWriter.add_message(1, one);
        }
    }
    pbf_writer tensorWriter(tensorType);
    tensorWriter.add_enum(1, static_cast<std::int32_t>(type));
    if (shape) tensorWriter.add_message(2, dims);
    pbf_writer(wholeType).add_message(1, tensorType);
    pbf_writer writer(bytes);
    writer.add_string(1, name);
    writer.add_message(2, wholeType);
    return bytes;
}

std::string modelMessage(const std::string& name, std::int64_t opset, const std::vector<std::string>& nodes,
                         const std::vector<std::string>& initializers, const std::vector<std::string>& inputs,
                         const std::vector<std::string>& outputs) {
    std::string graph, opsetMessage, bytes;
    pbf_writer graphWriter(graph);
    for (const std::string& node : nodes)
        graphWriter.add_message(1, node);
    graphWriter.add_string(2, name);
    for (const std::string& initializer : initializers)
        graphWriter.add_message(5, initializer);
    for (const std::string& input : inputs)
        graphWriter.add_message(11, input);
    for (const std::string& output : outputs)
        graphWriter.add_message(12, output);
    pbf_writer opsetWriter(opsetMessage);
    opsetWriter.add_string(1, "");
    opsetWriter.add_int64(2, opset);
    pbf_writer writer(bytes);
    writer.add_int64(1, opset < 21 ? irOfOpset17 : irOfOpset21);
    writer.add_string(2, "Lathe");
    writer.add_message(7, graph);
    writer.add_message(8, opsetMessage);
    return bytes;
}

ElementType elementTypeOf(tensor::DType dtype) {
    switch (dtype) {
    case tensor::DType::Bool:
        return ElementType::Bool;
    case tensor::DType::UInt8:
        return ElementType::UInt8;
    case tensor::DType::Int8:
        return ElementType::Int8;
    case tensor::DType::Int16:
        return ElementType::Int16;
    case tensor::DType::Int32:
        return ElementType::Int32;
    case tensor::DType::Int64:
        return ElementType::Int64;
    case tensor::DType::Float16:
        return ElementType::Float16;
    case tensor::DType::BFloat16:
        return ElementType::BFloat16;
    case tensor::DType::Float32:
        return ElementType::Float;
    case tensor::DType::Float64:
        return ElementType::Double;
    }
    return ElementType::Undefined;
}

} // namespace lathe::formats::onnx

#include <core/formats/onnx/emit.h>

#include <core/formats/onnx/message_writer.h>

namespace lathe::formats::onnx {

std::int64_t integerAt(const Node& node, std::size_t index, std::int64_t otherwise) {
    return index < node.operands.size() ? node.operands[index].literal<std::int64_t>().value_or(otherwise) : otherwise;
}

double numberAt(const Node& node, std::size_t index, double otherwise) {
    if (index >= node.operands.size()) return otherwise;
    if (const auto whole = node.operands[index].literal<std::int64_t>()) return static_cast<double>(*whole);
    return node.operands[index].literal<double>().value_or(otherwise);
}

bool flagAt(const Node& node, std::size_t index, bool otherwise) {
    return index < node.operands.size() ? node.operands[index].literal<bool>().value_or(otherwise) : otherwise;
}

Integers listAt(const Node& node, std::size_t index, std::size_t count, std::int64_t otherwise) {
    if (index >= node.operands.size()) return Integers(count, otherwise);
    if (const auto one = node.operands[index].literal<std::int64_t>()) return Integers(count, *one);
    auto list = node.operands[index].literal<Integers>();
    if (!list) throw CannotEmit{"has sizes that are computed while the model runs"};
    if (list->empty()) return Integers(count, otherwise);
    if (list->size() == 1) list->assign(count, list->front());
    if (list->size() != count) throw CannotEmit{"has lists of the wrong length"};
    return *list;
}

std::string input(Emission& emission, const Node& node, std::size_t index) {
    if (index >= node.operands.size()) return "";
    return emission.name(node.operands[index]);
}

tensor::DType typeOf(const Emission& emission, const Operand& operand) {
    return operand.isValue() ? emission.graph().value(operand.value()).dtype.value_or(tensor::DType::Float32) : tensor::DType::Float32;
}

std::optional<tensor::DType> knownType(const Emission& emission, const Operand& operand) {
    return operand.isValue() ? emission.graph().value(operand.value()).dtype : std::nullopt;
}

std::string castTo(Emission& emission, const std::string& value, tensor::DType dtype) {
    return emission.add("Cast", {value}, {integerAttribute("to", static_cast<std::int64_t>(elementTypeOf(dtype)))});
}

std::string asType(Emission& emission, const Operand& operand, tensor::DType dtype) {
    const std::string name = emission.name(operand, dtype);
    const auto from = knownType(emission, operand);
    return from && *from != dtype ? castTo(emission, name, dtype) : name;
}

tensor::DType resultType(const Emission& emission, const Node& node, const Operand& otherwise) {
    return emission.graph().value(node.results.front()).dtype.value_or(typeOf(emission, otherwise));
}

void sameValue(Emission& emission, const Node& node) { emission.alias(node.results.front(), input(emission, node, 0)); }

} // namespace lathe::formats::onnx

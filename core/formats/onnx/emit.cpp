#include <core/formats/onnx/emit.h>

#include <algorithm>

#include <core/formats/onnx/message_writer.h>

namespace lathe::formats::onnx {

namespace {

/// Its literal is read; what is computed must not pass for the default.
void refuseComputed(const Node& node, std::size_t index) {
    if (index < node.operands.size() && !node.operands[index].isLiteral())
        throw CannotEmit{"has a number that is computed while the model runs"};
}

/// Any: what scripts and traces call Scalar.
bool isNumberType(graph::TypeKind type) {
    return type == graph::TypeKind::Int || type == graph::TypeKind::Float || type == graph::TypeKind::Bool || type == graph::TypeKind::Any;
}

} // namespace

std::int64_t integerAt(const Node& node, std::size_t index, std::int64_t otherwise) {
    refuseComputed(node, index);
    return index < node.operands.size() ? node.operands[index].literal<std::int64_t>().value_or(otherwise) : otherwise;
}

double numberAt(const Node& node, std::size_t index, double otherwise) {
    refuseComputed(node, index);
    if (index >= node.operands.size()) return otherwise;
    if (const auto whole = node.operands[index].literal<std::int64_t>()) return static_cast<double>(*whole);
    return node.operands[index].literal<double>().value_or(otherwise);
}

bool flagAt(const Node& node, std::size_t index, bool otherwise) {
    refuseComputed(node, index);
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

Integers startsAndEnds(Integers padding) {
    const Integers once = padding;
    padding.insert(padding.end(), once.begin(), once.end());
    return padding;
}

void addUnless(std::int64_t usual, std::vector<std::string>& attributes, std::string_view name, const Integers& values) {
    if (std::ranges::any_of(values, [usual](std::int64_t value) { return value != usual; }))
        attributes.push_back(integersAttribute(name, values));
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
    const bool isNumber = operand.isValue() && isNumberType(emission.graph().value(operand.value()).type);
    if (isNumber) return castTo(emission, scalar(emission, operand, tensor::DType::Int64), dtype);
    const std::string name = emission.name(operand, dtype);
    const auto from = knownType(emission, operand);
    return from && *from != dtype ? castTo(emission, name, dtype) : name;
}

tensor::DType resultType(const Emission& emission, const Node& node, const Operand& otherwise) {
    return emission.graph().value(node.results.front()).dtype.value_or(typeOf(emission, otherwise));
}

std::optional<std::int64_t> rankOf(const Emission& emission, const Operand& operand) {
    if (!operand.isValue()) return std::nullopt;
    const auto& shape = emission.graph().value(operand.value()).shape;
    return shape ? std::optional(static_cast<std::int64_t>(shape->size())) : std::nullopt;
}

std::int64_t knownRank(const Emission& emission, const Operand& operand) {
    const auto rank = rankOf(emission, operand);
    if (!rank) throw CannotEmit{"reads a tensor of an unknown number of dimensions"};
    return *rank;
}

std::optional<std::int64_t> sizeOf(const Emission& emission, const Operand& operand, std::int64_t axis) {
    const auto rank = rankOf(emission, operand);
    if (!rank || axis < -*rank || axis >= *rank) return std::nullopt;
    const graph::Dim& dim = (*emission.graph().value(operand.value()).shape)[static_cast<std::size_t>(axis < 0 ? axis + *rank : axis)];
    return dim.size < 0 ? std::nullopt : std::optional(dim.size);
}

std::int64_t knownSize(const Emission& emission, const Operand& operand, std::int64_t axis) {
    const auto size = sizeOf(emission, operand, axis);
    if (!size) throw CannotEmit{"needs the size of dimension " + std::to_string(axis) + ", which is not known"};
    return *size;
}

std::string sizeVector(Emission& emission, const Operand& operand, std::int64_t axis) {
    if (const auto size = sizeOf(emission, operand, axis)) return emission.integers({*size});
    return emission.add("Gather", {emission.add("Shape", {emission.name(operand)}), emission.integers({axis})},
                        {integerAttribute("axis", 0)});
}

std::string shapePart(Emission& emission, const std::string& x, std::int64_t first, std::int64_t last) {
    return emission.add("Slice",
                        {emission.add("Shape", {x}), emission.integers({first}), emission.integers({last}), emission.integers({0})});
}

std::string scalar(Emission& emission, const Operand& operand, tensor::DType dtype) {
    if (operand.isLiteral()) return emission.name(operand, dtype);
    const std::string flat = emission.add("Reshape", {emission.name(operand), emission.integers({})});
    return dtype == tensor::DType::Int64 ? flat : castTo(emission, flat, dtype);
}

std::string one(Emission& emission, const Operand& operand) {
    if (const auto literal = operand.literal<std::int64_t>()) return emission.integers({*literal});
    return emission.name(operand);
}

std::string sliced(Emission& emission, const std::string& x, std::int64_t axis, std::int64_t first, std::int64_t last, std::int64_t step) {
    return emission.add("Slice",
                        {x, emission.integers({first}), emission.integers({last}), emission.integers({axis}), emission.integers({step})});
}

std::string joined(Emission& emission, const std::vector<std::string>& parts, std::int64_t axis) {
    return emission.add("Concat", parts, {integerAttribute("axis", axis)});
}

std::string number(Emission& emission, double value, tensor::DType dtype) { return emission.name(Operand(graph::Literal(value)), dtype); }

std::string wholeNumber(Emission& emission, std::int64_t value) {
    return emission.name(Operand(graph::Literal(value)), tensor::DType::Int64);
}

std::vector<std::string> listOf(Emission& emission, const Operand& operand) {
    if (operand.isValue()) {
        if (const std::vector<std::string>* elements = emission.list(operand.value())) return *elements;
    }
    const auto* list = std::get_if<std::vector<Operand>>(&operand.content);
    if (!list) throw CannotEmit{"reads a list that is computed while the model runs"};
    std::vector<std::string> names;
    for (const Operand& element : *list)
        names.push_back(emission.name(element));
    return names;
}

bool has(const Node& node, std::size_t index) { return index < node.operands.size() && !node.operands[index].isNone(); }

bool isUsed(const Emission& emission, const Node& node, std::size_t result) {
    return result < node.results.size() && !emission.uses().uses(node.results[result]).empty();
}

std::string reduced(Emission& emission, const std::string& op, const std::string& x, const Integers& axes, bool keeps) {
    const std::string keepsAttribute = integerAttribute("keepdims", keeps ? 1 : 0);
    if (axes.empty()) return emission.add(op, {x}, {keepsAttribute});
    if (emission.opset() >= 18 || op == "ReduceSum") return emission.add(op, {x, emission.integers(axes)}, {keepsAttribute});
    return emission.add(op, {x}, {integersAttribute("axes", axes), keepsAttribute});
}

void sameValue(Emission& emission, const Node& node) { emission.alias(node.results.front(), input(emission, node, 0)); }

} // namespace lathe::formats::onnx

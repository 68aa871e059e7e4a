#include <core/formats/onnx/call.h>

#include <algorithm>
#include <array>
#include <utility>

#include <core/formats/onnx/folding.h>

namespace lathe::formats::onnx {

Operand integer(std::int64_t value) { return Operand(Literal(value)); }
Operand number(double value) { return Operand(Literal(value)); }
Operand flag(bool value) { return Operand(Literal(value)); }
Operand integers(Integers values) { return Operand(Literal(std::move(values))); }

Operand integersOf(const Operands& elements) {
    Integers literals;
    for (const Operand& element : elements) {
        const auto literal = element.literal<std::int64_t>();
        if (!literal) return {elements};
        literals.push_back(*literal);
    }
    return integers(std::move(literals));
}

Operand scalarOf(const tensor::Tensor& data) {
    if (data.dtype() == DType::Bool) return flag(data.toFloats().front() != 0);
    if (data.dtype() == DType::Int64) return integer(data.values<std::int64_t>().front());
    const double value = data.to(DType::Float64).values<double>().front();
    const bool isFloat = data.dtype() == DType::Float32 || data.dtype() == DType::Float64 || data.dtype() == DType::Float16 ||
                         data.dtype() == DType::BFloat16;
    return isFloat ? number(value) : integer(static_cast<std::int64_t>(value));
}

Operand none() { return Operand(); }

Operand dtypeNumber(DType dtype) {
    // c10::ScalarType.
    switch (dtype) {
    case DType::UInt8:
        return integer(0);
    case DType::Int8:
        return integer(1);
    case DType::Int16:
        return integer(2);
    case DType::Int32:
        return integer(3);
    case DType::Int64:
        return integer(4);
    case DType::Float16:
        return integer(5);
    case DType::Float32:
        return integer(6);
    case DType::Float64:
        return integer(7);
    case DType::Bool:
        return integer(11);
    case DType::BFloat16:
        return integer(15);
    }
    return integer(6);
}

std::optional<std::vector<Dim>> broadcast(const std::optional<std::vector<Dim>>& a, const std::optional<std::vector<Dim>>& b) {
    if (!a || !b) return std::nullopt;
    const std::vector<Dim>& longer = a->size() >= b->size() ? *a : *b;
    const std::vector<Dim>& shorter = a->size() >= b->size() ? *b : *a;
    std::vector<Dim> result = longer;
    const std::size_t shift = longer.size() - shorter.size();
    for (std::size_t axis = 0; axis < shorter.size(); ++axis) {
        Dim& dim = result[axis + shift];
        if (dim.size == 1)
            dim = shorter[axis];
        else if (dim.size < 0 && shorter[axis].size > 1)
            dim = shorter[axis];
        else if (dim.size < 0 && shorter[axis].size < 0 && dim.symbol != shorter[axis].symbol)
            dim = Dim{};
    }
    return result;
}

std::vector<Dim> unknownDims(std::size_t rank) { return std::vector<Dim>(rank); }

ValueId Call::input(std::size_t index) {
    if (!has(index)) refuse("The operator " + m_node.opType + " lacks its input " + std::to_string(index) + ".");
    return m_lowering.tensorOf(m_node.inputs[index]);
}

const tensor::Tensor* Call::constantOf(ValueId id) {
    const graph::Value& found = value(id);
    return found.kind == graph::ValueKind::Weight ? &found.data : nullptr;
}

const tensor::Tensor* Call::constant(std::size_t index) {
    if (!has(index)) return nullptr;
    if (const auto numbers = m_lowering.numbersOf(m_node.inputs[index])) {
        const bool isKnown = std::ranges::all_of(numbers->elements, [](const Operand& element) { return element.isLiteral(); });
        if (!isKnown) return nullptr;
    }
    return constantOf(input(index));
}

double Call::constantNumber(std::size_t index, std::string_view what) {
    const tensor::Tensor* data = constant(index);
    if (!data || data->elementCount() != 1) refuse("The " + std::string(what) + " of " + m_node.opType + " is not one constant number.");
    return data->to(DType::Float64).values<double>().front();
}

Integers Call::constantIntegers(std::size_t index, std::string_view what) {
    const tensor::Tensor* data = constant(index);
    if (!data || data->elementCount() > 65536)
        refuse("The " + std::string(what) + " of " + m_node.opType + " are computed while the model runs.");
    const tensor::Tensor wide = data->to(DType::Int64);
    const auto values = wide.values<std::int64_t>();
    return {values.begin(), values.end()};
}

std::optional<Numbers> Call::knownNumbers(std::size_t index) {
    if (!has(index)) return std::nullopt;
    if (auto numbers = m_lowering.numbersOf(m_node.inputs[index])) return numbers;
    const ValueId id = input(index);
    const tensor::Tensor* data = constantOf(id);
    if (!data || data->shape().size() > 1 || data->elementCount() > 64) return std::nullopt;
    if (data->dtype() != DType::Int64 && data->dtype() != DType::Int32) return std::nullopt;
    Numbers numbers;
    numbers.isScalar = data->shape().empty();
    for (const std::int64_t element : constantIntegers(index, "elements"))
        numbers.elements.push_back(integer(element));
    return numbers;
}

Operands Call::numbers(std::size_t index, std::optional<std::size_t> length) {
    if (const auto known = knownNumbers(index)) return known->elements;
    const ValueId id = input(index);
    auto shape = graph::staticShape(value(id));
    if (!shape && length) shape = tensor::Shape{static_cast<std::int64_t>(*length)};
    if (!shape || shape->size() > 1 || (shape->size() == 1 && shape->front() > 64))
        refuse("How many numbers input " + std::to_string(index) + " of " + m_node.opType + " holds is known only while the model runs.");
    Operands elements;
    if (shape->empty()) return {emitScalar("aten::Int.Tensor", {id}, graph::TypeKind::Int)};
    for (std::int64_t at = 0; at < shape->front(); ++at) {
        const ValueId element = emit("aten::select.int", {id, integer(0), integer(at)}, {dtype(id), std::vector<Dim>{}});
        elements.emplace_back(emitScalar("aten::Int.Tensor", {element}, graph::TypeKind::Int));
    }
    return elements;
}

Operand Call::integerList(std::size_t index) {
    if (const auto known = knownNumbers(index)) return integersOf(known->elements);
    // It takes 32-bit integers only.
    return emitScalar("aten::_tensor_to_list", {cast(input(index), DType::Int32)}, graph::TypeKind::IntList);
}

const AttributeProto* Call::attribute(std::string_view name) const {
    const auto found = std::ranges::find(m_node.attributes, name, &AttributeProto::name);
    return found == m_node.attributes.end() ? nullptr : &*found;
}

std::int64_t Call::integerAttribute(std::string_view name, std::int64_t otherwise) const {
    const AttributeProto* found = attribute(name);
    return found ? found->i : otherwise;
}

double Call::floatAttribute(std::string_view name, double otherwise) const {
    const AttributeProto* found = attribute(name);
    return found ? static_cast<double>(found->f) : otherwise;
}

std::string Call::textAttribute(std::string_view name, std::string_view otherwise) const {
    const AttributeProto* found = attribute(name);
    return found ? found->s : std::string(otherwise);
}

std::optional<Integers> Call::integersAttribute(std::string_view name) const {
    const AttributeProto* found = attribute(name);
    return found ? std::optional(found->ints) : std::nullopt;
}

bool Call::isFloat(ValueId id) const {
    const auto type = dtype(id);
    return !type || *type == DType::Float32 || *type == DType::Float64 || *type == DType::Float16 || *type == DType::BFloat16;
}

std::optional<std::int64_t> Call::rank(ValueId id) const {
    const auto& shape = value(id).shape;
    return shape ? std::optional(static_cast<std::int64_t>(shape->size())) : std::nullopt;
}

std::int64_t Call::needRank(ValueId id) const {
    const auto known = rank(id);
    if (!known) refuse("How many dimensions the input of " + m_node.opType + " has is not known.");
    return *known;
}

Operand Call::size(ValueId id, std::int64_t dimension) {
    const auto& shape = value(id).shape;
    const auto axis = shape && dimension < 0 ? dimension + static_cast<std::int64_t>(shape->size()) : dimension;
    if (shape && (axis < 0 || axis >= static_cast<std::int64_t>(shape->size())))
        refuse("Dimension " + std::to_string(dimension) + " of an input of " + m_node.opType + " does not exist.");
    if (shape && (*shape)[static_cast<std::size_t>(axis)].size >= 0) return integer((*shape)[static_cast<std::size_t>(axis)].size);
    return emitScalar("aten::size.int", {id, integer(axis)}, graph::TypeKind::Int);
}

Operand Call::difference(const Operand& a, const Operand& b) {
    const auto left = a.literal<std::int64_t>(), right = b.literal<std::int64_t>();
    if (left && right) return integer(*left - *right);
    return emitScalar("aten::sub.int", {a, b}, graph::TypeKind::Int);
}

std::int64_t Call::axisOf(std::int64_t axis, ValueId id) const {
    if (const auto known = rank(id); known && (axis < -*known || axis >= std::max<std::int64_t>(*known, 1)))
        refuse("The axis " + std::to_string(axis) + " of " + m_node.opType + " does not exist.");
    return axis >= 0 ? axis : axis + needRank(id);
}

ValueId Call::emit(std::string op, Operands operands, Known known) {
    if (auto folded = fold(m_lowering.graph, op, operands)) return weight("value", std::move(*folded));
    return emitMany(std::move(op), std::move(operands), 1, std::move(known)).front();
}

std::vector<ValueId> Call::emitMany(std::string op, Operands operands, std::size_t count, Known known) {
    std::vector<ValueId> results;
    for (std::size_t index = 0; index < count; ++index)
        results.push_back(m_lowering.newValue(known));
    m_lowering.append(std::move(op), std::move(operands)).results = results;
    return results;
}

ValueId Call::emitScalar(std::string op, Operands operands, graph::TypeKind type) {
    const ValueId id = m_lowering.newValue({}, type);
    m_lowering.append(std::move(op), std::move(operands)).results = {id};
    return id;
}

ValueId Call::cast(ValueId id, DType wanted) {
    if (dtype(id) == wanted) return id;
    return emit("aten::to.dtype", {id, dtypeNumber(wanted), flag(false), flag(false), none()}, {wanted, value(id).shape});
}

ValueId Call::weight(std::string_view suffix, tensor::Tensor data) {
    const std::string base = m_node.outputs.empty() || m_node.outputs.front().empty() ? std::string(suffix) : m_node.outputs.front();
    return m_lowering.newWeight(base, std::move(data), false);
}

ValueId Call::reshape(ValueId id, Integers shape) {
    std::vector<Dim> dims;
    for (const std::int64_t size : shape)
        dims.push_back({size, ""});
    return emit("aten::reshape", {id, integers(std::move(shape))}, {dtype(id), dims});
}

void Call::output(std::size_t index, ValueId id) {
    if (wantsOutput(index)) m_lowering.bind(m_node.outputs[index], id);
}

void Call::output(std::size_t index, Numbers numbers) {
    if (wantsOutput(index)) m_lowering.bind(m_node.outputs[index], std::move(numbers));
}

void Call::refuse(std::string reason) const { throw Refusal{std::move(reason)}; }

} // namespace lathe::formats::onnx

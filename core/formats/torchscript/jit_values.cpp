#include <core/formats/torchscript/jit_values_torch.h>

#include <algorithm>

#include <torch/csrc/jit/ir/constants.h>

#include <core/formats/aten_tensor_torch.h>

namespace lathe::formats {

namespace {

namespace jit = torch::jit;
using graph::Literal;
using graph::Operand;

bool isSameView(const tensor::Tensor& a, const tensor::Tensor& b) {
    return a.storage() == b.storage() && a.byteOffset() == b.byteOffset() && a.dtype() == b.dtype() && a.shape() == b.shape() &&
           a.strides() == b.strides();
}

c10::TypePtr withoutOptional(c10::TypePtr type) {
    while (type && type->kind() == c10::TypeKind::OptionalType)
        type = type->expectRef<c10::OptionalType>().getElementType();
    return type;
}

/// As a list that is constructed: TorchScript prints constant lists without their type when they are empty.
template<class T>
jit::Value* insertList(jit::Graph& graph, const std::vector<T>& numbers, const c10::TypePtr& elementType) {
    std::vector<jit::Value*> values;
    values.reserve(numbers.size());
    for (const T number : numbers)
        values.push_back(graph.insertConstant(number));
    return graph.insertNode(graph.createList(elementType, values))->output();
}

} // namespace

JitValues::JitValues(const graph::Graph& source, jit::Graph& target, ModuleBuilder& modules)
    : m_source(source), m_target(target), m_modules(modules) {}

const JitValues::Quantized* JitValues::quantized(graph::ValueId id) const {
    const auto found = m_quantized.find(id);
    return found == m_quantized.end() ? nullptr : &found->second;
}

at::Tensor JitValues::weight(graph::ValueId id) {
    const graph::Value& value = m_source.value(id);
    for (const auto& [ours, theirs] : m_tensors) {
        if (isSameView(ours, value.data)) return theirs;
    }
    at::Tensor shared = shareAsAten(value.data.contiguous());
    m_tensors.emplace_back(value.data, shared);
    return shared;
}

jit::Value* JitValues::plain(graph::ValueId id) {
    if (const auto found = m_plain.find(id); found != m_plain.end()) return found->second;
    jit::Value* value = nullptr;
    if (const auto* known = quantized(id)) {
        value = dequantizeAfter(known->value);
    } else if (const auto found = m_dequantizable.find(id); found != m_dequantizable.end()) {
        value = dequantizeAfter(found->second);
    } else {
        const graph::Value& source = m_source.value(id);
        TORCH_CHECK(source.kind == graph::ValueKind::Weight, "\"", source.name, "\" is used before it is computed");
        at::Tensor tensor = weight(id);
        if (source.isParameter && tensor.is_floating_point()) tensor = tensor.detach().requires_grad_();
        value = m_modules.add(source.name, tensor, source.isParameter ? ModuleBuilder::Role::Parameter : ModuleBuilder::Role::Buffer);
    }
    m_plain[id] = value;
    return value;
}

jit::Value* JitValues::dequantizeAfter(jit::Value* quantized) {
    // Right behind the quantized value, so that it can be used wherever that can.
    const bool isInput = quantized->node()->kind() == c10::prim::Param;
    const jit::WithInsertPoint here(isInput ? quantized->node()->owningBlock()->param_node()->next() : quantized->node()->next());
    return call("aten::dequantize", {quantized});
}

jit::Value* JitValues::list(const std::vector<Operand>& elements, c10::TypePtr elementType) {
    std::vector<jit::Value*> values;
    values.reserve(elements.size());
    for (const Operand& element : elements)
        values.push_back(operand(element, elementType));
    if (!elementType || elementType->kind() == c10::TypeKind::VarType || elementType->kind() == c10::TypeKind::AnyType)
        elementType = values.empty() ? c10::TensorType::get() : values.front()->type();
    return m_target.insertNode(m_target.createList(elementType, values))->output();
}

jit::Value* JitValues::operand(const Operand& operand, const c10::TypePtr& formal, std::optional<int> listLength) {
    if (operand.isValue()) return plain(operand.value());
    const c10::TypePtr type = withoutOptional(formal);
    const auto* listType = type ? type->castRaw<c10::ListType>() : nullptr;
    const c10::TypePtr elementType = listType != nullptr ? listType->getElementType() : nullptr;
    if (const auto* elements = std::get_if<std::vector<Operand>>(&operand.content)) return list(*elements, elementType);

    const Literal& literal = std::get<Literal>(operand.content);
    if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&literal)) {
        const bool isFloat = elementType && elementType->kind() == c10::TypeKind::FloatType;
        return isFloat ? insertList(m_target, std::vector<double>(numbers->begin(), numbers->end()), elementType) : intList(*numbers);
    }
    if (const auto* numbers = std::get_if<std::vector<double>>(&literal)) return insertList(m_target, *numbers, c10::FloatType::get());
    if (const auto* flags = std::get_if<std::vector<bool>>(&literal)) return insertList(m_target, *flags, c10::BoolType::get());
    if (const auto* text = std::get_if<std::string>(&literal)) {
        const bool isDevice = type && type->kind() == c10::TypeKind::DeviceObjType;
        return m_target.insertConstant(isDevice ? c10::IValue(c10::Device(*text)) : c10::IValue(*text));
    }
    if (const auto* number = std::get_if<std::int64_t>(&literal)) {
        // One number may stand for a list of equal ones, and a whole number for a fraction.
        if (listType != nullptr && listLength) return intList(std::vector<std::int64_t>(static_cast<std::size_t>(*listLength), *number));
        const bool isFloat = type && type->kind() == c10::TypeKind::FloatType;
        return m_target.insertConstant(isFloat ? c10::IValue(static_cast<double>(*number)) : c10::IValue(*number));
    }
    if (const auto* number = std::get_if<double>(&literal)) return m_target.insertConstant(*number);
    if (const auto* flag = std::get_if<bool>(&literal)) return m_target.insertConstant(*flag);
    return m_target.insertConstant(c10::IValue());
}

jit::Value* JitValues::intList(const std::vector<std::int64_t>& numbers) { return insertList(m_target, numbers, c10::IntType::get()); }

jit::Value* JitValues::call(const char* op, std::vector<jit::NamedValue> arguments) {
    return m_target.insert(c10::Symbol::fromQualString(op), arguments);
}

} // namespace lathe::formats

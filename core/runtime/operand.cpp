#include <core/runtime/operand_torch.h>

#include <algorithm>

#include <ATen/ScalarOps.h>
#include <ATen/core/List.h>

namespace lathe::runtime {

namespace {

using c10::IValue;
using c10::TypeKind;

template<class T>
std::vector<IValue> toValues(const std::vector<T>& elements) {
    std::vector<IValue> values;
    values.reserve(elements.size());
    for (const T element : elements)
        values.emplace_back(element);
    return values;
}

std::optional<IValue> convertScalar(const IValue& value, const c10::Type& type, c10::Device device) {
    switch (type.kind()) {
    case TypeKind::TensorType:
        if (value.isScalar()) {
            at::Tensor scalar = at::scalar_to_tensor(value.toScalar());
            scalar.unsafeGetTensorImpl()->set_wrapped_number(true);
            return scalar;
        }
        return std::nullopt;
    case TypeKind::NumberType:
        return value.isScalar() ? std::optional(value) : std::nullopt;
    case TypeKind::IntType:
    case TypeKind::SymIntType:
    case TypeKind::ScalarTypeType:
    case TypeKind::LayoutType:
    case TypeKind::MemoryFormatType:
        if (value.isInt()) return value;
        if (value.isBool()) return IValue(static_cast<std::int64_t>(value.toBool()));
        if (value.isString()) {
            if (const auto dtype = tensor::dtypeFromName(value.toStringRef())) return IValue(static_cast<std::int64_t>(scalarType(*dtype)));
        }
        return std::nullopt;
    case TypeKind::FloatType:
    case TypeKind::SymFloatType:
        if (value.isDouble()) return value;
        return value.isInt() ? std::optional(IValue(static_cast<double>(value.toInt()))) : std::nullopt;
    case TypeKind::BoolType:
    case TypeKind::SymBoolType:
        if (value.isBool()) return value;
        return value.isInt() ? std::optional(IValue(value.toInt() != 0)) : std::nullopt;
    case TypeKind::StringType:
        return value.isString() ? std::optional(value) : std::nullopt;
    case TypeKind::DeviceObjType:
        return IValue(device);
    case TypeKind::AnyType:
    case TypeKind::VarType:
        return value;
    default:
        return std::nullopt;
    }
}

std::optional<IValue> convert(const IValue& value, const c10::TypePtr& type, std::optional<std::int32_t> fixedLength, c10::Device device) {
    if (type->kind() == TypeKind::OptionalType) {
        if (value.isNone()) return value;
        return convert(value, type->expectRef<c10::OptionalType>().getElementType(), fixedLength, device);
    }
    if (value.isNone()) {
        const bool fits = type->kind() == TypeKind::NoneType || type->kind() == TypeKind::AnyType || type->kind() == TypeKind::VarType ||
                          type->kind() == TypeKind::GeneratorType;
        return fits ? std::optional(value) : std::nullopt;
    }
    if (type->kind() != TypeKind::ListType) {
        if (value.isList() && type->kind() != TypeKind::AnyType && type->kind() != TypeKind::VarType) return std::nullopt;
        return value.isList() ? std::optional(value) : convertScalar(value, *type, device);
    }
    const c10::TypePtr elementType = type->expectRef<c10::ListType>().getElementType();
    // "t[]": of whatever it is a list of.
    if (elementType->kind() == TypeKind::VarType && value.isList()) return value;
    std::vector<IValue> elements;
    if (value.isList()) {
        for (const IValue& element : value.toListRef())
            elements.push_back(element);
    } else if (fixedLength) {
        // TorchScript writes `stride=1` for `int[2] stride`.
        elements.assign(static_cast<std::size_t>(*fixedLength), value);
    } else {
        return std::nullopt;
    }
    for (IValue& element : elements) {
        const auto converted = convert(element, elementType, std::nullopt, device);
        if (!converted) return std::nullopt;
        element = *converted;
    }
    return makeList(elements, elementType);
}

} // namespace

IValue makeList(std::span<const IValue> elements, c10::TypePtr elementType) {
    if (!elementType) {
        const auto known = std::find_if(elements.begin(), elements.end(), [](const IValue& element) { return !element.isNone(); });
        if (known == elements.end() || known->isTensor())
            elementType = c10::TensorType::get();
        else
            elementType = known->type();
        const bool hasNone = std::any_of(elements.begin(), elements.end(), [](const IValue& element) { return element.isNone(); });
        if (hasNone) elementType = c10::OptionalType::create(elementType);
    }
    c10::impl::GenericList list(elementType);
    list.reserve(elements.size());
    for (const IValue& element : elements)
        list.push_back(element);
    return list;
}

IValue convertLiteral(const graph::Literal& literal) {
    struct Visitor {
        IValue operator()(std::monostate) const { return {}; }
        IValue operator()(bool value) const { return value; }
        IValue operator()(std::int64_t value) const { return value; }
        IValue operator()(double value) const { return value; }
        IValue operator()(const std::string& value) const { return value; }
        IValue operator()(const std::vector<std::int64_t>& value) const { return makeList(toValues(value), c10::IntType::get()); }
        IValue operator()(const std::vector<double>& value) const { return makeList(toValues(value), c10::FloatType::get()); }
        IValue operator()(const std::vector<bool>& value) const {
            std::vector<IValue> elements;
            for (const bool element : value)
                elements.emplace_back(element);
            return makeList(elements, c10::BoolType::get());
        }
    };
    return std::visit(Visitor{}, literal);
}

std::optional<IValue> convertLiteral(const graph::Literal& literal, const c10::Argument& argument, c10::Device device) {
    return convert(convertLiteral(literal), argument.type(), argument.N(), device);
}

void OperandList::addConstant(IValue constant) {
    Item item;
    item.constant = std::move(constant);
    m_items.push_back(std::move(item));
}

void OperandList::addSlot(graph::ValueId slot) {
    Item item;
    item.kind = Kind::Slot;
    item.slot = slot;
    m_items.push_back(std::move(item));
}

void OperandList::addOptionalTensorList(graph::ValueId slot) {
    Item item;
    item.kind = Kind::OptionalTensorList;
    item.slot = slot;
    m_items.push_back(std::move(item));
}

void OperandList::addList(OperandList elements, c10::TypePtr elementType) {
    Item item;
    item.kind = Kind::List;
    item.list.push_back(std::move(elements));
    item.elementType = std::move(elementType);
    m_items.push_back(std::move(item));
}

void OperandList::push(const Slots& slots, torch::jit::Stack& stack) const {
    for (const Item& item : m_items) {
        switch (item.kind) {
        case Kind::Constant:
            stack.push_back(item.constant);
            break;
        case Kind::Slot:
            stack.push_back(slots[static_cast<std::size_t>(item.slot)]);
            break;
        case Kind::OptionalTensorList: {
            const IValue& value = slots[static_cast<std::size_t>(item.slot)];
            if (!value.isList()) {
                stack.push_back(value);
                break;
            }
            const auto elements = value.toListRef();
            stack.push_back(makeList(std::span(elements.data(), elements.size()), c10::OptionalType::create(c10::TensorType::get())));
            break;
        }
        case Kind::List: {
            torch::jit::Stack elements;
            item.list.front().push(slots, elements);
            stack.push_back(makeList(elements, item.elementType));
            break;
        }
        }
    }
}

namespace {

bool isOptionalTensorList(const c10::TypePtr& type) {
    if (type->kind() != TypeKind::ListType) return false;
    const c10::TypePtr element = type->expectRef<c10::ListType>().getElementType();
    return element->kind() == TypeKind::OptionalType &&
           element->expectRef<c10::OptionalType>().getElementType()->kind() == TypeKind::TensorType;
}

c10::TypePtr withoutOptional(const c10::TypePtr& type) {
    return type->kind() == TypeKind::OptionalType ? type->expectRef<c10::OptionalType>().getElementType() : type;
}

/// Could a value of this kind be what the schema asks for? Unknown kinds always could.
bool mayFit(graph::TypeKind kind, const c10::TypePtr& argumentType) {
    const c10::TypePtr type = withoutOptional(argumentType);
    if (type->kind() == TypeKind::AnyType || type->kind() == TypeKind::VarType) return true;
    const auto isScalar = [&](std::initializer_list<TypeKind> kinds) {
        return std::find(kinds.begin(), kinds.end(), type->kind()) != kinds.end();
    };
    switch (kind) {
    case graph::TypeKind::Tensor:
        return isScalar({TypeKind::TensorType, TypeKind::NumberType});
    case graph::TypeKind::Int:
        return isScalar({TypeKind::IntType, TypeKind::NumberType, TypeKind::FloatType, TypeKind::SymIntType, TypeKind::ScalarTypeType});
    case graph::TypeKind::Float:
        return isScalar({TypeKind::FloatType, TypeKind::NumberType});
    case graph::TypeKind::Bool:
        return isScalar({TypeKind::BoolType, TypeKind::NumberType});
    case graph::TypeKind::String:
        return isScalar({TypeKind::StringType, TypeKind::DeviceObjType});
    case graph::TypeKind::IntList:
    case graph::TypeKind::FloatList:
    case graph::TypeKind::BoolList:
    case graph::TypeKind::TensorList:
    case graph::TypeKind::List:
        return isScalar({TypeKind::ListType, TypeKind::DynamicType});
    default:
        return true;
    }
}

base::Result<OperandList> bindList(const graph::Graph& graph, const std::vector<graph::Operand>& elements, const c10::TypePtr& elementType,
                                   c10::Device device);

base::Result<> bindOne(OperandList& list, const graph::Graph& graph, const graph::Operand& operand, const c10::TypePtr& type,
                       std::optional<std::int32_t> fixedLength, const std::string& argumentName, c10::Device device) {
    if (operand.isValue()) {
        if (!mayFit(graph.value(operand.value()).type, type))
            return base::failure(base::ErrorCode::Rejected, "The operand '" + argumentName + "' has not the type " + type->str() + ".");
        if (isOptionalTensorList(type))
            list.addOptionalTensorList(operand.value());
        else
            list.addSlot(operand.value());
        return {};
    }
    if (operand.isLiteral()) {
        auto converted = convert(convertLiteral(std::get<graph::Literal>(operand.content)), type, fixedLength, device);
        if (!converted)
            return base::failure(base::ErrorCode::Rejected,
                                 "The constant for '" + argumentName + "' cannot be read as " + type->str() + ".");
        list.addConstant(std::move(*converted));
        return {};
    }
    const c10::TypePtr listType = withoutOptional(type);
    if (listType->kind() != TypeKind::ListType)
        return base::failure(base::ErrorCode::Rejected,
                             "The operand '" + argumentName + "' is a list where " + type->str() + " is needed.");
    const c10::TypePtr elementType = listType->expectRef<c10::ListType>().getElementType();
    auto elements = bindList(graph, std::get<std::vector<graph::Operand>>(operand.content), elementType, device);
    if (!elements) return base::forward(elements);
    list.addList(std::move(*elements), elementType->kind() == TypeKind::VarType ? nullptr : elementType);
    return {};
}

base::Result<OperandList> bindList(const graph::Graph& graph, const std::vector<graph::Operand>& elements, const c10::TypePtr& elementType,
                                   c10::Device device) {
    OperandList list;
    for (const graph::Operand& element : elements) {
        if (auto bound = bindOne(list, graph, element, elementType, std::nullopt, "list element", device); !bound)
            return base::forward(bound);
    }
    return list;
}

} // namespace

base::Result<OperandList> bindOperands(const graph::Graph& graph, const std::vector<graph::Operand>& operands,
                                       const c10::FunctionSchema& schema, c10::Device device) {
    const auto& arguments = schema.arguments();
    if (operands.size() > arguments.size()) {
        return base::failure(base::ErrorCode::Rejected, schema.name() + " takes " + std::to_string(arguments.size()) + " operands, not " +
                                                            std::to_string(operands.size()) + ".");
    }
    OperandList list;
    for (std::size_t index = 0; index < arguments.size(); ++index) {
        const c10::Argument& argument = arguments[index];
        if (index < operands.size()) {
            auto bound = bindOne(list, graph, operands[index], argument.type(), argument.N(), argument.name(), device);
            if (!bound) return base::forward(bound);
        } else if (argument.default_value()) {
            list.addConstant(*argument.default_value());
        } else {
            return base::failure(base::ErrorCode::Rejected, schema.name() + " needs an operand '" + argument.name() + "'.");
        }
    }
    return list;
}

OperandList bindOperands(const std::vector<graph::Operand>& operands) {
    OperandList list;
    for (const graph::Operand& operand : operands) {
        if (operand.isValue())
            list.addSlot(operand.value());
        else if (operand.isLiteral())
            list.addConstant(convertLiteral(std::get<graph::Literal>(operand.content)));
        else
            list.addList(bindOperands(std::get<std::vector<graph::Operand>>(operand.content)), nullptr);
    }
    return list;
}

} // namespace lathe::runtime

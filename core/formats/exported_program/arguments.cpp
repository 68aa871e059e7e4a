#include <core/formats/exported_program/arguments_torch.h>

#include <algorithm>
#include <cmath>

#include <core/formats/exported_program/types.h>

namespace lathe::formats {

namespace {

using base::Json;
using graph::Operand;
using graph::TypeKind;
using IntList = std::vector<std::int64_t>;

tl::unexpected<base::Error> unsupported(const std::string& what) { return base::failure(base::ErrorCode::Unsupported, what); }

base::Result<Json> valueJson(const graph::Graph& graph, graph::ValueId id, const ValueName& nameOf) {
    const std::string name = nameOf(id);
    switch (graph.value(id).type) {
    case TypeKind::Tensor:
        return Json{{"as_tensor", {{"name", name}}}};
    case TypeKind::Int:
        return Json{{"as_sym_int", {{"as_name", name}}}};
    case TypeKind::Float:
        return Json{{"as_sym_float", {{"as_name", name}}}};
    case TypeKind::Bool:
        return Json{{"as_sym_bool", {{"as_name", name}}}};
    default:
        return unsupported("\"" + graph.value(id).name + "\" is a list or object that is made at run time");
    }
}

base::Result<Json> intListJson(const graph::Graph& graph, const std::vector<Operand>& elements, const ValueName& nameOf) {
    Json list = Json::array();
    for (const Operand& element : elements) {
        if (const auto number = element.literal<std::int64_t>())
            list.push_back({{"as_int", *number}});
        else if (element.isValue() && graph.value(element.value()).type == TypeKind::Int)
            list.push_back({{"as_name", nameOf(element.value())}});
        else
            return unsupported("a list of numbers holds something else");
    }
    return Json{{"as_sym_ints", std::move(list)}};
}

base::Result<Json> tensorListJson(const std::vector<Operand>& elements, const ValueName& nameOf) {
    const bool isOptional = std::ranges::any_of(elements, [](const Operand& element) { return element.isNone(); });
    Json list = Json::array();
    for (const Operand& element : elements) {
        if (!element.isNone() && !element.isValue()) return unsupported("a list of tensors holds something else");
        if (element.isNone())
            list.push_back({{"as_none", true}});
        else if (isOptional)
            list.push_back({{"as_tensor", {{"name", nameOf(element.value())}}}});
        else
            list.push_back({{"name", nameOf(element.value())}});
    }
    return Json{{isOptional ? "as_optional_tensors" : "as_tensors", std::move(list)}};
}

base::Result<Json> numberJson(const char* key, std::optional<std::int64_t> number) {
    if (!number) return unsupported("a constant has no counterpart");
    return Json{{key, *number}};
}

base::Result<Json> integerJson(std::int64_t number, c10::TypeKind kind) {
    switch (kind) {
    case c10::TypeKind::ScalarTypeType:
        return numberJson("as_scalar_type", schemaScalarType(number));
    case c10::TypeKind::MemoryFormatType:
        return numberJson("as_memory_format", schemaMemoryFormat(number));
    case c10::TypeKind::LayoutType:
        return numberJson("as_layout", number == 0 ? std::optional(stridedLayout) : std::nullopt);
    case c10::TypeKind::FloatType:
        return Json{{"as_float", static_cast<double>(number)}};
    case c10::TypeKind::BoolType:
        return Json{{"as_bool", number != 0}};
    default:
        return Json{{"as_int", number}};
    }
}

base::Result<Json> literalJson(const graph::Literal& literal, c10::TypeKind kind) {
    if (std::holds_alternative<std::monostate>(literal)) return Json{{"as_none", true}};
    if (const auto* flag = std::get_if<bool>(&literal)) return Json{{"as_bool", *flag}};
    if (const auto* number = std::get_if<std::int64_t>(&literal)) return integerJson(*number, kind);
    if (const auto* number = std::get_if<double>(&literal)) return Json{{"as_float", floatJson(*number)}};
    if (const auto* list = std::get_if<IntList>(&literal)) return Json{{"as_ints", *list}};
    if (const auto* list = std::get_if<std::vector<bool>>(&literal)) return Json{{"as_bools", *list}};
    if (const auto* list = std::get_if<std::vector<double>>(&literal)) {
        Json numbers = Json::array();
        for (const double number : *list)
            numbers.push_back(floatJson(number));
        return Json{{"as_floats", std::move(numbers)}};
    }
    const std::string& text = std::get<std::string>(literal);
    if (kind == c10::TypeKind::DeviceObjType) return Json{{"as_device", {{"type", text.substr(0, text.find(':'))}, {"index", nullptr}}}};
    if (kind == c10::TypeKind::ScalarTypeType) {
        const auto dtype = tensor::dtypeFromName(text);
        return numberJson("as_scalar_type", dtype ? std::optional(schemaNumber(*dtype)) : std::nullopt);
    }
    return Json{{"as_string", text}};
}

} // namespace

Json floatJson(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
    return value;
}

base::Result<Json> plainArgumentJson(const graph::Graph& graph, const Operand& operand, const ValueName& nameOf) {
    if (operand.isValue()) return valueJson(graph, operand.value(), nameOf);
    if (operand.isLiteral()) return literalJson(std::get<graph::Literal>(operand.content), c10::TypeKind::AnyType);
    return intListJson(graph, std::get<std::vector<Operand>>(operand.content), nameOf);
}

base::Result<Json> argumentJson(const graph::Graph& graph, const Operand& operand, const c10::Type& fullType, std::optional<int> listLength,
                                const ValueName& nameOf) {
    if (const auto* optional = fullType.castRaw<c10::OptionalType>())
        return argumentJson(graph, operand, *optional->getElementType(), listLength, nameOf);
    const auto* listType = fullType.castRaw<c10::ListType>();
    if (const auto* list = std::get_if<std::vector<Operand>>(&operand.content)) {
        if (listType == nullptr) return unsupported("a list stands where none is taken");
        const bool holdsTensors = listType->getElementType()->kind() == c10::TypeKind::TensorType ||
                                  listType->getElementType()->kind() == c10::TypeKind::OptionalType;
        return holdsTensors ? tensorListJson(*list, nameOf) : intListJson(graph, *list, nameOf);
    }
    // One number stands for all of a list of fixed length.
    const auto number = operand.literal<std::int64_t>();
    if (listType != nullptr && number && listLength) return Json{{"as_ints", IntList(static_cast<std::size_t>(*listLength), *number)}};
    if (operand.isValue()) return valueJson(graph, operand.value(), nameOf);
    return literalJson(std::get<graph::Literal>(operand.content), fullType.kind());
}

} // namespace lathe::formats

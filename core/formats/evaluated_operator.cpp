#include <core/formats/evaluated_operator.h>

#include <new>

#include <ATen/ScalarOps.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/jit/runtime/operator.h>

#include <core/formats/aten_tensor_torch.h>

namespace lathe::formats {

namespace {

using c10::IValue;
using c10::TypeKind;

struct NotConstant {};

IValue convert(const graph::Graph& graph, const graph::Operand& operand, const c10::TypePtr& type, std::int64_t& elements);

IValue convertList(const graph::Graph& graph, const std::vector<graph::Operand>& list, const c10::TypePtr& elementType,
                   std::int64_t& elements) {
    c10::impl::GenericList result(elementType);
    for (const graph::Operand& element : list)
        result.push_back(convert(graph, element, elementType, elements));
    return result;
}

IValue convertLiteral(const graph::Literal& literal, const c10::TypePtr& type) {
    if (std::holds_alternative<std::monostate>(literal)) return {};
    if (const auto* list = std::get_if<std::vector<std::int64_t>>(&literal)) return *list;
    if (const auto* text = std::get_if<std::string>(&literal)) return *text;
    IValue scalar;
    if (const auto* truth = std::get_if<bool>(&literal))
        scalar = *truth;
    else if (const auto* whole = std::get_if<std::int64_t>(&literal))
        scalar = *whole;
    else if (const auto* real = std::get_if<double>(&literal))
        scalar = *real;
    else
        throw NotConstant{};
    if (type->kind() != TypeKind::TensorType) return scalar;
    at::Tensor tensor = at::scalar_to_tensor(scalar.toScalar());
    tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
    return tensor;
}

IValue convert(const graph::Graph& graph, const graph::Operand& operand, const c10::TypePtr& type, std::int64_t& elements) {
    if (const auto* optional = type->castRaw<c10::OptionalType>()) {
        if (operand.isNone()) return {};
        return convert(graph, operand, optional->getElementType(), elements);
    }
    if (operand.isLiteral()) return convertLiteral(std::get<graph::Literal>(operand.content), type);
    if (!operand.isValue()) {
        const auto* list = type->castRaw<c10::ListType>();
        if (!list) throw NotConstant{};
        return convertList(graph, std::get<std::vector<graph::Operand>>(operand.content), list->getElementType(), elements);
    }
    const graph::Value& value = graph.value(operand.value());
    if (value.kind != graph::ValueKind::Weight) throw NotConstant{};
    elements += value.data.elementCount();
    return shareAsAten(value.data);
}

tensor::Tensor copyOf(const at::Tensor& result, tensor::DType dtype) {
    const at::Tensor flat = result.contiguous();
    const auto bytes = std::span(static_cast<const std::byte*>(flat.const_data_ptr()), flat.nbytes());
    return {dtype, flat.sizes().vec(), tensor::Storage::copyOf(bytes)};
}

} // namespace

std::optional<tensor::Tensor> evaluatedOperator(const graph::Graph& graph, const std::string& op,
                                                const std::vector<graph::Operand>& operands, std::int64_t mostElements) {
    const auto dot = op.find('.');
    const c10::OperatorName name(op.substr(0, dot), dot == std::string::npos ? "" : op.substr(dot + 1));
    const auto handle = c10::Dispatcher::singleton().findSchema(name);
    if (!handle) return std::nullopt;
    try {
        const c10::InferenceMode inference;
        const auto& arguments = handle->schema().arguments();
        if (operands.size() > arguments.size()) return std::nullopt;
        torch::jit::Stack stack;
        std::int64_t elements = 0;
        for (std::size_t index = 0; index < arguments.size(); ++index) {
            if (index < operands.size())
                stack.push_back(convert(graph, operands[index], arguments[index].type(), elements));
            else
                stack.push_back(arguments[index].default_value().value_or(IValue()));
        }
        if (elements > mostElements) return std::nullopt;
        handle->callBoxed(stack);
        if (stack.size() != 1 || !stack.front().isTensor()) return std::nullopt;
        const auto dtype = dtypeOf(stack.front().toTensor().scalar_type());
        if (!dtype) return std::nullopt;
        return copyOf(stack.front().toTensor(), *dtype);
    } catch (const NotConstant&) {
        return std::nullopt;
    } catch (const std::bad_alloc&) {
        throw; // of the reader's memory
    } catch (const c10::OutOfMemoryError&) {
        throw;
    } catch (const c10::Error&) {
        // It will be told when the model runs, with the name of the node.
        return std::nullopt;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

} // namespace lathe::formats

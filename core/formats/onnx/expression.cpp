#include <core/formats/onnx/expression.h>

#include <algorithm>

namespace lathe::formats::onnx {

Expression Expression::scalar(Call& call, const Operand& operand, DType dtype) {
    const auto whole = operand.literal<std::int64_t>();
    const auto value = whole ? std::optional(static_cast<double>(*whole)) : operand.literal<double>();
    if (value) return {call, call.weight("number", tensor::Tensor::of<double>({}, {*value}).to(dtype))};
    return {call, call.emit("aten::scalar_tensor", {operand, dtypeNumber(dtype), none(), none(), none()}, {dtype, std::vector<Dim>{}})};
}

Expression Expression::arange(Call& call, const Operand& count, DType dtype) {
    const std::vector<Dim> shape{Dim{std::max<std::int64_t>(count.literal<std::int64_t>().value_or(-1), -1), ""}};
    return {call, call.emit("aten::arange", {count, dtypeNumber(dtype), none(), none(), none()}, {dtype, shape})};
}

Expression Expression::binary(const char* op, const Expression& other, bool hasAlpha, bool isComparison) const {
    const Known a = m_call->known(m_id), b = m_call->known(other.m_id);
    Operands operands{m_id, other.m_id};
    if (hasAlpha) operands.push_back(integer(1));
    return {*m_call, m_call->emit(op, std::move(operands), {isComparison ? DType::Bool : a.dtype, broadcast(a.shape, b.shape)})};
}

Expression Expression::withNumber(const char* op, double other, bool hasAlpha, bool isComparison) const {
    Known known = m_call->known(m_id);
    if (isComparison) known.dtype = DType::Bool;
    // A number with a fraction would make floats of integers.
    const bool isWhole = !m_call->isFloat(m_id) && other == static_cast<double>(static_cast<std::int64_t>(other));
    Operands operands{m_id, isWhole ? integer(static_cast<std::int64_t>(other)) : number(other)};
    if (hasAlpha) operands.push_back(integer(1));
    return {*m_call, m_call->emit(op, std::move(operands), std::move(known))};
}

Expression Expression::apply(const char* op) const { return {*m_call, m_call->emit(op, {m_id}, m_call->known(m_id))}; }

Expression Expression::unsqueeze(std::int64_t axis) const {
    Known known = m_call->known(m_id);
    if (known.shape) {
        const auto rank = static_cast<std::int64_t>(known.shape->size());
        const std::int64_t place = axis < 0 ? axis + rank + 1 : axis;
        if (place < 0 || place > rank) m_call->refuse("An input of " + m_call->node().opType + " has too few dimensions.");
        known.shape->insert(known.shape->begin() + place, Dim{1, ""});
    }
    return {*m_call, m_call->emit("aten::unsqueeze", {m_id, integer(axis)}, std::move(known))};
}

Expression Expression::clamp(const Operand& smallest, const Operand& largest) const {
    return {*m_call, m_call->emit("aten::clamp", {m_id, smallest, largest}, m_call->known(m_id))};
}

Expression where(const Expression& condition, const Expression& a, const Expression& b) {
    Call& call = *condition.m_call;
    const auto branches = broadcast(call.value(a).shape, call.value(b).shape);
    return {call, call.emit("aten::where.self", {condition.id(), a.id(), b.id()},
                            {call.dtype(a), broadcast(branches, call.value(condition).shape)})};
}

} // namespace lathe::formats::onnx

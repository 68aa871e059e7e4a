#pragma once

#include <core/formats/onnx/call.h>

namespace lathe::formats::onnx {

/// A value of the graph that is being lowered, combined with C++'s operators: `(place + 0.5) / scale - 0.5` becomes the nodes that compute
/// it. Shapes are those of broadcasting, the element type that of the left operand; comparisons give Bool. Both sides belong to one Call.
class Expression {
public:
    Expression(Call& call, ValueId id) : m_call(&call), m_id(id) {}
    /// A number without dimensions: `operand` is a literal or a value of type Int or Float.
    static Expression scalar(Call& call, const Operand& operand, DType dtype);
    static Expression real(Call& call, const Operand& operand) { return scalar(call, operand, DType::Float64); }
    /// 0, 1, … count - 1 as `dtype`.
    static Expression arange(Call& call, const Operand& count, DType dtype);

    [[nodiscard]] ValueId id() const { return m_id; }
    operator ValueId() const { return m_id; } // NOLINT(google-explicit-constructor): it is that value

    [[nodiscard]] Expression operator+(const Expression& other) const { return binary("aten::add.Tensor", other, true); }
    [[nodiscard]] Expression operator-(const Expression& other) const { return binary("aten::sub.Tensor", other, true); }
    [[nodiscard]] Expression operator*(const Expression& other) const { return binary("aten::mul.Tensor", other); }
    [[nodiscard]] Expression operator/(const Expression& other) const { return binary("aten::div.Tensor", other); }
    [[nodiscard]] Expression operator+(double other) const { return withNumber("aten::add.Scalar", other, true); }
    [[nodiscard]] Expression operator-(double other) const { return withNumber("aten::sub.Scalar", other, true); }
    [[nodiscard]] Expression operator*(double other) const { return withNumber("aten::mul.Scalar", other); }
    [[nodiscard]] Expression operator/(double other) const { return withNumber("aten::div.Scalar", other); }
    [[nodiscard]] Expression operator<(const Expression& other) const { return binary("aten::lt.Tensor", other, false, true); }
    [[nodiscard]] Expression operator<(double other) const { return withNumber("aten::lt.Scalar", other, false, true); }
    [[nodiscard]] Expression operator<=(double other) const { return withNumber("aten::le.Scalar", other, false, true); }
    [[nodiscard]] Expression operator==(double other) const { return withNumber("aten::eq.Scalar", other, false, true); }
    [[nodiscard]] Expression operator|(const Expression& other) const { return binary("aten::logical_or", other); }

    /// An operator of one operand that keeps dtype and shape.
    [[nodiscard]] Expression apply(const char* op) const;
    [[nodiscard]] Expression cast(DType dtype) const { return {*m_call, m_call->cast(m_id, dtype)}; }
    [[nodiscard]] Expression unsqueeze(std::int64_t axis) const;
    /// Elements outside go to the nearer end; an end that is `none()` is open.
    [[nodiscard]] Expression clamp(const Operand& smallest, const Operand& largest) const;
    /// A value of type Int: the only element, rounded towards 0.
    [[nodiscard]] Operand toInt() const { return Operand(m_call->emitScalar("aten::Int.Tensor", {m_id}, graph::TypeKind::Int)); }

    /// condition ? a : b, element by element.
    friend Expression where(const Expression& condition, const Expression& a, const Expression& b);

private:
    [[nodiscard]] Expression binary(const char* op, const Expression& other, bool hasAlpha = false, bool isComparison = false) const;
    [[nodiscard]] Expression withNumber(const char* op, double other, bool hasAlpha = false, bool isComparison = false) const;

    Call* m_call;
    ValueId m_id;
};

[[nodiscard]] Expression where(const Expression& condition, const Expression& a, const Expression& b);

} // namespace lathe::formats::onnx

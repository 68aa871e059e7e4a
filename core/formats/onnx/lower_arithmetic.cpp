// Operators that work element by element: arithmetic, comparison, logic, rounding.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <core/formats/onnx/operators.h>

namespace lathe::formats::onnx {

namespace {

Known broadcastOf(Call& call, ValueId a, ValueId b, std::optional<DType> dtype) {
    return {dtype, broadcast(call.value(a).shape, call.value(b).shape)};
}

constexpr char absOp[] = "aten::abs";
constexpr char negOp[] = "aten::neg";
constexpr char ceilOp[] = "aten::ceil";
constexpr char floorOp[] = "aten::floor";
constexpr char roundOp[] = "aten::round";
constexpr char sqrtOp[] = "aten::sqrt";
constexpr char expOp[] = "aten::exp";
constexpr char logOp[] = "aten::log";
constexpr char sinOp[] = "aten::sin";
constexpr char cosOp[] = "aten::cos";
constexpr char tanOp[] = "aten::tan";
constexpr char asinOp[] = "aten::asin";
constexpr char acosOp[] = "aten::acos";
constexpr char atanOp[] = "aten::atan";
constexpr char sinhOp[] = "aten::sinh";
constexpr char coshOp[] = "aten::cosh";
constexpr char asinhOp[] = "aten::asinh";
constexpr char acoshOp[] = "aten::acosh";
constexpr char atanhOp[] = "aten::atanh";
constexpr char erfOp[] = "aten::erf";
constexpr char signOp[] = "aten::sign";
constexpr char reciprocalOp[] = "aten::reciprocal";
constexpr char bitwiseNotOp[] = "aten::bitwise_not";
constexpr char notOp[] = "aten::logical_not";
constexpr char isNanOp[] = "aten::isnan";

/// One tensor to one of the same shape and type.
template<const char* Op>
void unary(Call& call) {
    const ValueId x = call.input(0);
    call.output(0, call.emit(Op, {x}, call.known(x)));
}

template<const char* Op>
void unaryToBool(Call& call) {
    const ValueId x = call.input(0);
    call.output(0, call.emit(Op, {x}, {DType::Bool, call.value(x).shape}));
}

constexpr char eqOp[] = "aten::eq.Tensor";
constexpr char gtOp[] = "aten::gt.Tensor";
constexpr char ltOp[] = "aten::lt.Tensor";
constexpr char geOp[] = "aten::ge.Tensor";
constexpr char leOp[] = "aten::le.Tensor";
constexpr char andOp[] = "aten::logical_and";
constexpr char orOp[] = "aten::logical_or";
constexpr char xorOp[] = "aten::logical_xor";
constexpr char bitAndOp[] = "aten::bitwise_and.Tensor";
constexpr char bitOrOp[] = "aten::bitwise_or.Tensor";
constexpr char bitXorOp[] = "aten::bitwise_xor.Tensor";
constexpr char minimumOp[] = "aten::minimum";
constexpr char maximumOp[] = "aten::maximum";

template<const char* Op>
void compare(Call& call) {
    const ValueId a = call.input(0), b = call.input(1);
    call.output(0, call.emit(Op, {a, b}, broadcastOf(call, a, b, DType::Bool)));
}

template<const char* Op>
void binary(Call& call) {
    const ValueId a = call.input(0), b = call.input(1);
    call.output(0, call.emit(Op, {a, b}, broadcastOf(call, a, b, call.dtype(a))));
}

/// Integers that are known one by one stay so: shapes are computed this way.
bool onNumbers(Call& call, const char* op, std::int64_t (*compute)(std::int64_t, std::int64_t)) {
    const auto a = call.knownNumbers(0), b = call.knownNumbers(1);
    if (!a || !b || (a->isScalar && b->isScalar && a->elements.size() != 1)) return false;
    if (a->elements.size() != b->elements.size() && a->elements.size() != 1 && b->elements.size() != 1) return false;
    // Two constants are folded as tensors: their type may be int32.
    const auto isLiteral = [](const Operand& element) { return element.isLiteral(); };
    if (std::ranges::all_of(a->elements, isLiteral) && std::ranges::all_of(b->elements, isLiteral)) return false;
    Numbers result;
    result.isScalar = a->isScalar && b->isScalar;
    const std::size_t count = a->elements.empty() || b->elements.empty() ? 0 : std::max(a->elements.size(), b->elements.size());
    for (std::size_t index = 0; index < count; ++index) {
        const Operand& left = a->elements[a->elements.size() == 1 ? 0 : index];
        const Operand& right = b->elements[b->elements.size() == 1 ? 0 : index];
        const auto x = left.literal<std::int64_t>(), y = right.literal<std::int64_t>();
        if (x && y)
            result.elements.push_back(integer(compute(*x, *y)));
        else
            result.elements.emplace_back(call.emitScalar(op, {left, right}, graph::TypeKind::Int));
    }
    call.output(0, std::move(result));
    return true;
}

/// Wraps around instead of overflowing, as tensors of integers do.
std::int64_t sum(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
std::int64_t difference(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t product(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

/// The bias that follows a MatMul with constant weight belongs to the linear node.
bool addToLinear(Call& call, ValueId product, ValueId bias) {
    auto& nodes = call.lowering().block().nodes;
    if (nodes.empty()) return false;
    graph::Node& node = nodes.back();
    if (node.op != "aten::linear" || node.results.front() != product || !node.operands[2].isNone()) return false;
    const tensor::Tensor* data = call.constantOf(bias);
    const auto& weightShape = call.value(node.operands[1].value()).shape;
    if (!data || data->shape().size() != 1 || !weightShape || weightShape->front().size != data->shape().front()) return false;
    const std::size_t position = call.node().inputs[0].empty() || call.input(0) != product ? 1 : 0;
    if (call.lowering().uses(call.node().inputs[position]) != 1) return false;
    node.operands[2] = Operand(bias);
    call.output(0, product);
    return true;
}

void add(Call& call) {
    if (onNumbers(call, "aten::add.int", sum)) return;
    const ValueId a = call.input(0), b = call.input(1);
    if (addToLinear(call, a, b) || addToLinear(call, b, a)) return;
    call.output(0, call.emit("aten::add.Tensor", {a, b, integer(1)}, broadcastOf(call, a, b, call.dtype(a))));
}

void subtract(Call& call) {
    if (onNumbers(call, "aten::sub.int", difference)) return;
    const ValueId a = call.input(0), b = call.input(1);
    call.output(0, call.emit("aten::sub.Tensor", {a, b, integer(1)}, broadcastOf(call, a, b, call.dtype(a))));
}

void multiply(Call& call) {
    if (onNumbers(call, "aten::mul.int", product)) return;
    const ValueId a = call.input(0), b = call.input(1);
    call.output(0, call.emit("aten::mul.Tensor", {a, b}, broadcastOf(call, a, b, call.dtype(a))));
}

void divide(Call& call) {
    const ValueId a = call.input(0), b = call.input(1);
    const Known known = broadcastOf(call, a, b, call.dtype(a));
    if (call.isFloat(a))
        call.output(0, call.emit("aten::div.Tensor", {a, b}, known));
    else // integers are cut towards zero
        call.output(0, call.emit("aten::div.Tensor_mode", {a, b, Operand(Literal(std::string("trunc")))}, known));
}

void power(Call& call) {
    const ValueId base = call.input(0);
    ValueId exponent = call.input(1);
    const auto dtype = call.dtype(base);
    // The result has the type of the base, whatever the exponent's.
    const std::optional<DType> computed = call.isFloat(base) == call.isFloat(exponent) ? dtype : std::nullopt;
    if (computed && call.dtype(exponent) != dtype) exponent = call.castLike(exponent, base);
    const ValueId result = call.emit("aten::pow.Tensor_Tensor", {base, exponent}, broadcastOf(call, base, exponent, computed));
    call.output(0, dtype ? call.cast(result, *dtype) : result);
}

void modulo(Call& call) {
    const ValueId a = call.input(0), b = call.input(1);
    const bool isC = call.integerAttribute("fmod", 0) != 0;
    call.output(0, call.emit(isC ? "aten::fmod.Tensor" : "aten::remainder.Tensor", {a, b}, broadcastOf(call, a, b, call.dtype(a))));
}

void bitShift(Call& call) {
    const ValueId a = call.input(0), b = call.input(1);
    const std::string direction = call.textAttribute("direction", "");
    if (direction != "LEFT" && direction != "RIGHT") call.refuse("BitShift needs a direction, LEFT or RIGHT.");
    const char* op = direction == "LEFT" ? "aten::bitwise_left_shift.Tensor" : "aten::bitwise_right_shift.Tensor";
    call.output(0, call.emit(op, {a, b}, broadcastOf(call, a, b, call.dtype(a))));
}

void isInfinite(Call& call) {
    const ValueId x = call.input(0);
    const bool positive = call.integerAttribute("detect_positive", 1) != 0, negative = call.integerAttribute("detect_negative", 1) != 0;
    const Known known{DType::Bool, call.value(x).shape};
    if (positive && negative)
        call.output(0, call.emit("aten::isinf", {x}, known));
    else if (positive || negative)
        call.output(0, call.emit(positive ? "aten::isposinf" : "aten::isneginf", {x}, known));
    else
        call.output(0, call.emit("aten::zeros_like", {x, dtypeNumber(DType::Bool), none(), none(), none(), none()}, known));
}

/// Min, Max, Sum of any number of tensors.
ValueId accumulate(Call& call, const char* op, bool hasAlpha) {
    ValueId result = call.input(0);
    for (std::size_t index = 1; index < call.inputCount(); ++index) {
        const ValueId next = call.input(index);
        Operands operands{result, next};
        if (hasAlpha) operands.push_back(integer(1));
        result = call.emit(op, std::move(operands), broadcastOf(call, result, next, call.dtype(result)));
    }
    return result;
}

template<const char* Op>
void extreme(Call& call) {
    call.output(0, accumulate(call, Op, false));
}

void sumOf(Call& call) { call.output(0, accumulate(call, "aten::add.Tensor", true)); }

void meanOf(Call& call) {
    const ValueId total = accumulate(call, "aten::add.Tensor", true);
    call.output(0, call.emit("aten::div.Tensor", {total, number(static_cast<double>(call.inputCount()))}, call.known(total)));
}

void where(Call& call) {
    const ValueId condition = call.input(0), a = call.input(1), b = call.input(2);
    const auto shape = broadcast(call.value(condition).shape, broadcast(call.value(a).shape, call.value(b).shape));
    call.output(0, call.emit("aten::where.self", {condition, a, b}, {call.dtype(a), shape}));
}

void clip(Call& call) {
    const ValueId x = call.input(0);
    if (call.opset() < 11) {
        const double low = call.floatAttribute("min", std::numeric_limits<float>::lowest());
        const double high = call.floatAttribute("max", std::numeric_limits<float>::max());
        return call.output(0, call.emit("aten::clamp", {x, number(low), number(high)}, call.known(x)));
    }
    if (!call.has(1) && !call.has(2)) return call.output(0, x);
    const tensor::Tensor *low = call.constant(1), *high = call.constant(2);
    const bool isConstant = (!call.has(1) || (low && low->elementCount() == 1)) && (!call.has(2) || (high && high->elementCount() == 1));
    if (isConstant)
        return call.output(0, call.emit("aten::clamp", {x, low ? scalarOf(*low) : none(), high ? scalarOf(*high) : none()}, call.known(x)));
    call.output(0, call.emit("aten::clamp.Tensor", {x, call.optionalInput(1), call.optionalInput(2)}, call.known(x)));
}

void cumulativeSum(Call& call, const char* op) {
    ValueId x = call.input(0);
    const Known known = call.known(x);
    const Operand axis = call.numbers(1).at(0);
    const bool isReverse = call.integerAttribute("reverse", 0) != 0, isExclusive = call.integerAttribute("exclusive", 0) != 0;
    const Operand axes{Operands{axis}};
    if (isReverse) x = call.emit("aten::flip", {x, axes}, known);
    ValueId result = call.emit(op, {x, axis, call.dtype(x) ? dtypeNumber(*call.dtype(x)) : none()}, known);
    if (isExclusive) {
        if (std::string_view(op) == "aten::cumsum") {
            result = call.emit("aten::sub.Tensor", {result, x, integer(1)}, known);
        } else {
            // A product is not undone by division: shift by one and put ones in front.
            const ValueId shifted = call.emit("aten::roll", {result, Operand(Operands{integer(1)}), axes}, known);
            const ValueId first =
                call.emit("aten::slice.Tensor", {x, axis, integer(0), integer(1), integer(1)}, {known.dtype, std::nullopt});
            const ValueId ones = call.emit("aten::ones_like", {first}, {known.dtype, std::nullopt});
            const ValueId rest =
                call.emit("aten::slice.Tensor", {shifted, axis, integer(1), integer(std::numeric_limits<std::int64_t>::max()), integer(1)},
                          {known.dtype, std::nullopt});
            result = call.emit("aten::cat", {Operand(Operands{ones, rest}), axis}, known);
        }
    }
    if (isReverse) result = call.emit("aten::flip", {result, axes}, known);
    call.output(0, result);
}

void cumSum(Call& call) { cumulativeSum(call, "aten::cumsum"); }
void cumProd(Call& call) { cumulativeSum(call, "aten::cumprod"); }

void identity(Call& call) {
    if (const auto numbers = call.lowering().numbersOf(call.node().inputs.at(0))) return call.output(0, *numbers);
    call.output(0, call.input(0));
}

void castTo(Call& call, DType wanted) {
    if (wanted == DType::Int64) {
        if (auto numbers = call.lowering().numbersOf(call.node().inputs.at(0))) return call.output(0, *numbers);
    }
    call.output(0, call.cast(call.input(0), wanted));
}

DType plainDtype(Call& call, std::int64_t type) {
    switch (static_cast<ElementType>(type)) {
    case ElementType::Float:
        return DType::Float32;
    case ElementType::UInt8:
        return DType::UInt8;
    case ElementType::Int8:
        return DType::Int8;
    case ElementType::Int16:
        return DType::Int16;
    case ElementType::Int32:
        return DType::Int32;
    case ElementType::Int64:
        return DType::Int64;
    case ElementType::Bool:
        return DType::Bool;
    case ElementType::Float16:
        return DType::Float16;
    case ElementType::Double:
        return DType::Float64;
    case ElementType::BFloat16:
        return DType::BFloat16;
    default:
        call.refuse("Lathe has no elements of the type that " + call.node().opType + " asks for (number " + std::to_string(type) +
                    " of onnx.proto).");
    }
}

void castNode(Call& call) { castTo(call, plainDtype(call, call.integerAttribute("to", 0))); }

void castLike(Call& call) {
    const auto wanted = call.dtype(call.input(1));
    if (!wanted) call.refuse("The type that CastLike asks for is not known.");
    castTo(call, *wanted);
}

/// uint16 has more bits where Lathe keeps it, which stay 0.
void bitwiseNot(Call& call) {
    const ValueId x = call.input(0);
    const auto narrow = call.lowering().narrowTypes.find(x);
    if (narrow == call.lowering().narrowTypes.end() || narrow->second != ElementType::UInt16) return unary<bitwiseNotOp>(call);
    call.output(0, call.emit("aten::bitwise_xor.Scalar", {x, integer(std::numeric_limits<std::uint16_t>::max())}, call.known(x)));
}

constexpr std::array entries{
    OperatorEntry{"Abs", unary<absOp>},
    OperatorEntry{"Neg", unary<negOp>},
    OperatorEntry{"Ceil", unary<ceilOp>},
    OperatorEntry{"Floor", unary<floorOp>},
    OperatorEntry{"Round", unary<roundOp>},
    OperatorEntry{"Sqrt", unary<sqrtOp>},
    OperatorEntry{"Exp", unary<expOp>},
    OperatorEntry{"Log", unary<logOp>},
    OperatorEntry{"Sin", unary<sinOp>},
    OperatorEntry{"Cos", unary<cosOp>},
    OperatorEntry{"Tan", unary<tanOp>},
    OperatorEntry{"Asin", unary<asinOp>},
    OperatorEntry{"Acos", unary<acosOp>},
    OperatorEntry{"Atan", unary<atanOp>},
    OperatorEntry{"Sinh", unary<sinhOp>},
    OperatorEntry{"Cosh", unary<coshOp>},
    OperatorEntry{"Asinh", unary<asinhOp>},
    OperatorEntry{"Acosh", unary<acoshOp>},
    OperatorEntry{"Atanh", unary<atanhOp>},
    OperatorEntry{"Erf", unary<erfOp>},
    OperatorEntry{"Sign", unary<signOp>},
    OperatorEntry{"Reciprocal", unary<reciprocalOp>},
    OperatorEntry{"BitwiseNot", bitwiseNot},
    OperatorEntry{"Not", unaryToBool<notOp>},
    OperatorEntry{"IsNaN", unaryToBool<isNanOp>},
    OperatorEntry{"IsInf", isInfinite},
    OperatorEntry{"Equal", compare<eqOp>},
    OperatorEntry{"Greater", compare<gtOp>},
    OperatorEntry{"Less", compare<ltOp>},
    OperatorEntry{"GreaterOrEqual", compare<geOp>},
    OperatorEntry{"LessOrEqual", compare<leOp>},
    OperatorEntry{"And", compare<andOp>},
    OperatorEntry{"Or", compare<orOp>},
    OperatorEntry{"Xor", compare<xorOp>},
    OperatorEntry{"BitwiseAnd", binary<bitAndOp>},
    OperatorEntry{"BitwiseOr", binary<bitOrOp>},
    OperatorEntry{"BitwiseXor", binary<bitXorOp>},
    OperatorEntry{"BitShift", bitShift},
    OperatorEntry{"Add", add},
    OperatorEntry{"Sub", subtract},
    OperatorEntry{"Mul", multiply},
    OperatorEntry{"Div", divide},
    OperatorEntry{"Pow", power},
    OperatorEntry{"Mod", modulo},
    OperatorEntry{"Min", extreme<minimumOp>},
    OperatorEntry{"Max", extreme<maximumOp>},
    OperatorEntry{"Sum", sumOf},
    OperatorEntry{"Mean", meanOf},
    OperatorEntry{"Where", where},
    OperatorEntry{"Clip", clip},
    OperatorEntry{"CumSum", cumSum},
    OperatorEntry{"CumProd", cumProd},
    OperatorEntry{"Identity", identity},
    OperatorEntry{"Cast", castNode},
    OperatorEntry{"CastLike", castLike},
};

} // namespace

std::span<const OperatorEntry> arithmeticOperators() { return entries; }

} // namespace lathe::formats::onnx

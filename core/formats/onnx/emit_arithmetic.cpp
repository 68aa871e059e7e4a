// Element by element, and products of matrices.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <core/formats/onnx/emit.h>
#include <core/formats/onnx/message_writer.h>

namespace lathe::formats::onnx {

namespace {

using tensor::DType;

bool isFloating(DType dtype) {
    return dtype == DType::Float32 || dtype == DType::Float64 || dtype == DType::Float16 || dtype == DType::BFloat16;
}

/// Both operands as one type.
struct Pair {
    DType dtype;
    std::string left, right;
};
Pair pairOf(Emission& emission, const Node& node) {
    const DType dtype = resultType(emission, node, node.operands[0]);
    return {dtype, asType(emission, node.operands[0], dtype), asType(emission, node.operands.at(1), dtype)};
}

/// left + factor · right.
void sum(Emission& emission, const Node& node, const char* op) {
    Pair pair = pairOf(emission, node);
    if (const double factor = numberAt(node, 2, 1); factor != 1)
        pair.right = emission.add("Mul", {pair.right, number(emission, factor, pair.dtype)});
    emission.addTo(emission.result(node), op, {pair.left, pair.right});
}
void add(Emission& emission, const Node& node) { sum(emission, node, "Add"); }
void subtract(Emission& emission, const Node& node) { sum(emission, node, "Sub"); }
void subtractFrom(Emission& emission, const Node& node) {
    Pair pair = pairOf(emission, node);
    if (const double factor = numberAt(node, 2, 1); factor != 1)
        pair.left = emission.add("Mul", {pair.left, number(emission, factor, pair.dtype)});
    emission.addTo(emission.result(node), "Sub", {pair.right, pair.left});
}

std::string truncated(Emission& emission, const std::string& x) {
    return emission.add("Mul", {emission.add("Sign", {x}), emission.add("Floor", {emission.add("Abs", {x})})});
}

/// With the sign of the divisor: ONNX has that for integers only.
std::string remainderOf(Emission& emission, const Pair& pair) {
    if (!isFloating(pair.dtype)) return emission.add("Mod", {pair.left, pair.right});
    const std::string rest = emission.add("Mod", {pair.left, pair.right}, {integerAttribute("fmod", 1)}),
                      zero = number(emission, 0, pair.dtype);
    const std::string differs = emission.add("Xor", {emission.add("Less", {rest, zero}), emission.add("Less", {pair.right, zero})});
    const std::string isRest = emission.add("Not", {emission.add("Equal", {rest, zero})});
    return emission.add("Where", {emission.add("And", {differs, isRest}), emission.add("Add", {rest, pair.right}), rest});
}
void remainder(Emission& emission, const Node& node) {
    emission.alias(node.results.front(), remainderOf(emission, pairOf(emission, node)));
}
/// With the sign of the dividend.
void fmod(Emission& emission, const Node& node) {
    const Pair pair = pairOf(emission, node);
    emission.addTo(emission.result(node), "Mod", {pair.left, pair.right}, {integerAttribute("fmod", 1)});
}

std::string floorDivided(Emission& emission, const Pair& pair) {
    if (isFloating(pair.dtype)) return emission.add("Floor", {emission.add("Div", {pair.left, pair.right})});
    return emission.add("Div", {emission.add("Sub", {pair.left, remainderOf(emission, pair)}), pair.right});
}
void floorDivide(Emission& emission, const Node& node) {
    emission.alias(node.results.front(), floorDivided(emission, pairOf(emission, node)));
}
/// div(x, y, rounding mode).
void divideRounded(Emission& emission, const Node& node) {
    const Pair pair = pairOf(emission, node);
    const std::string mode = node.operands.at(2).literal<std::string>().value_or("");
    if (mode == "floor") return emission.alias(node.results.front(), floorDivided(emission, pair));
    if (mode == "trunc" && isFloating(pair.dtype))
        return emission.alias(node.results.front(), truncated(emission, emission.add("Div", {pair.left, pair.right})));
    emission.addTo(emission.result(node), "Div", {pair.left, pair.right});
}

void truncate(Emission& emission, const Node& node) { emission.alias(node.results.front(), truncated(emission, input(emission, node, 0))); }
void fraction(Emission& emission, const Node& node) {
    const std::string x = input(emission, node, 0);
    emission.addTo(emission.result(node), "Sub", {x, truncated(emission, x)});
}

/// start + weight · (end − start)
void lerp(Emission& emission, const Node& node) {
    const DType dtype = typeOf(emission, node.operands[0]);
    const std::string start = input(emission, node, 0), way = emission.add("Sub", {input(emission, node, 1), start});
    emission.addTo(emission.result(node), "Add", {start, emission.add("Mul", {way, asType(emission, node.operands.at(2), dtype)})});
}

/// x + factor · a · b, and x + factor · a / b.
void addProduct(Emission& emission, const Node& node, const char* op) {
    const DType dtype = typeOf(emission, node.operands[0]);
    std::string part = emission.add(op, {input(emission, node, 1), input(emission, node, 2)});
    if (const double factor = numberAt(node, 3, 1); factor != 1) part = emission.add("Mul", {part, number(emission, factor, dtype)});
    emission.addTo(emission.result(node), "Add", {input(emission, node, 0), part});
}
void addcmul(Emission& emission, const Node& node) { addProduct(emission, node, "Mul"); }
void addcdiv(Emission& emission, const Node& node) { addProduct(emission, node, "Div"); }

/// β · x + α · (a · b) of matrices, and of batches of them.
void addMatrixProduct(Emission& emission, const Node& node) {
    const DType dtype = typeOf(emission, node.operands[0]);
    const double beta = numberAt(node, 3, 1), alpha = numberAt(node, 4, 1);
    if (node.op == "aten::addmm" && dtype == DType::Float32)
        return emission.addTo(emission.result(node), "Gemm", {input(emission, node, 1), input(emission, node, 2), input(emission, node, 0)},
                              {floatAttribute("alpha", static_cast<float>(alpha)), floatAttribute("beta", static_cast<float>(beta))});
    std::string product = emission.add("MatMul", {input(emission, node, 1), input(emission, node, 2)});
    if (alpha != 1) product = emission.add("Mul", {product, number(emission, alpha, dtype)});
    if (beta == 0) return emission.alias(node.results.front(), product);
    std::string x = input(emission, node, 0);
    if (beta != 1) x = emission.add("Mul", {x, number(emission, beta, dtype)});
    emission.addTo(emission.result(node), "Add", {product, x});
}

void einsum(Emission& emission, const Node& node) {
    const auto equation = node.operands.at(0).literal<std::string>();
    if (!equation) throw CannotEmit{"has an equation that is computed while the model runs"};
    emission.addTo(emission.result(node), "Einsum", listOf(emission, node.operands.at(1)), {textAttribute("equation", *equation)});
}

/// aᵢ₊₁ bᵢ₊₂ − aᵢ₊₂ bᵢ₊₁
void cross(Emission& emission, const Node& node) {
    const std::string axis = integerAttribute("axis", integerAt(node, 2, -1));
    const auto turned = [&](std::size_t operand, const Integers& order) {
        return emission.add("Gather", {input(emission, node, operand), emission.integers(order)}, {axis});
    };
    const Integers once{1, 2, 0}, twice{2, 0, 1};
    emission.addTo(emission.result(node), "Sub",
                   {emission.add("Mul", {turned(0, once), turned(1, twice)}), emission.add("Mul", {turned(0, twice), turned(1, once)})});
}

/// The angle of (x, y): atan(y / x), half a turn further where x is negative.
void atan2(Emission& emission, const Node& node) {
    constexpr double pi = 3.14159265358979323846;
    const Pair pair = pairOf(emission, node);
    const std::string &y = pair.left, &x = pair.right;
    const std::string zero = number(emission, 0, pair.dtype);
    const std::string angle = emission.add("Atan", {emission.add("Div", {y, x})});
    const std::string half =
        emission.add("Where", {emission.add("Less", {y, zero}), number(emission, -pi, pair.dtype), number(emission, pi, pair.dtype)});
    const std::string turned = emission.add("Where", {emission.add("Less", {x, zero}), emission.add("Add", {angle, half}), angle});
    const std::string isOrigin = emission.add("And", {emission.add("Equal", {x, zero}), emission.add("Equal", {y, zero})});
    emission.addTo(emission.result(node), "Where", {isOrigin, zero, turned});
}

/// Of an integer and a fraction a fraction.
void power(Emission& emission, const Node& node) {
    const Operand &base = node.operands.at(0), &exponent = node.operands.at(1);
    DType dtype = emission.graph().value(node.results.front()).dtype.value_or(typeOf(emission, base));
    const bool isWhole = dtype != DType::Float32 && dtype != DType::Float64 && dtype != DType::Float16 && dtype != DType::BFloat16;
    if (isWhole && exponent.literal<double>()) dtype = DType::Float32;
    emission.addTo(emission.result(node), "Pow", {asType(emission, base, dtype), asType(emission, exponent, dtype)});
}
void powerOfNumber(Emission& emission, const Node& node) {
    const DType dtype = resultType(emission, node, node.operands.at(1));
    emission.addTo(emission.result(node), "Pow", {emission.name(node.operands[0], dtype), asType(emission, node.operands[1], dtype)});
}
void square(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Mul", {input(emission, node, 0), input(emission, node, 0)});
}
void reciprocalRoot(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Reciprocal", {emission.add("Sqrt", {input(emission, node, 0)})});
}

/// ln(x) / ln(base)
void logarithm(Emission& emission, const Node& node, double base) {
    emission.addTo(emission.result(node), "Div",
                   {emission.add("Log", {input(emission, node, 0)}), number(emission, std::log(base), typeOf(emission, node.operands[0]))});
}
void log2(Emission& emission, const Node& node) { logarithm(emission, node, 2); }
void log10(Emission& emission, const Node& node) { logarithm(emission, node, 10); }
void log1p(Emission& emission, const Node& node) {
    const std::string unit = number(emission, 1, typeOf(emission, node.operands[0]));
    emission.addTo(emission.result(node), "Log", {emission.add("Add", {input(emission, node, 0), unit})});
}
void expm1(Emission& emission, const Node& node) {
    const std::string unit = number(emission, 1, typeOf(emission, node.operands[0]));
    emission.addTo(emission.result(node), "Sub", {emission.add("Exp", {input(emission, node, 0)}), unit});
}
void exp2(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Pow", {number(emission, 2, typeOf(emission, node.operands[0])), input(emission, node, 0)});
}

void clampByTensors(Emission& emission, const Node& node) {
    std::string x = input(emission, node, 0);
    if (has(node, 1)) x = emission.add("Max", {x, input(emission, node, 1)});
    if (has(node, 2)) x = emission.add("Min", {x, input(emission, node, 2)});
    emission.alias(node.results.front(), x);
}

void isFinite(Emission& emission, const Node& node) {
    const std::string x = input(emission, node, 0);
    emission.addTo(emission.result(node), "Not", {emission.add("Or", {emission.add("IsInf", {x}), emission.add("IsNaN", {x})})});
}

/// nan_to_num(x, nan, positive infinity, negative infinity); the largest numbers where nothing is said.
void replaceNonFinite(Emission& emission, const Node& node) {
    const DType dtype = typeOf(emission, node.operands[0]);
    if (dtype != DType::Float32) throw CannotEmit{"replaces infinities of another type than float32"};
    constexpr double largest = std::numeric_limits<float>::max();
    const std::string x = input(emission, node, 0);
    const auto infinite = [&](bool isPositive) {
        return emission.add(
            "IsInf", {x},
            {integerAttribute("detect_negative", isPositive ? 0 : 1), integerAttribute("detect_positive", isPositive ? 1 : 0)});
    };
    const auto replaced = [&](const std::string& where, std::size_t index, double otherwise, const std::string& rest) {
        return emission.add("Where",
                            {where, number(emission, has(node, index) ? numberAt(node, index, otherwise) : otherwise, dtype), rest});
    };
    std::string y = replaced(emission.add("IsNaN", {x}), 1, 0, x);
    y = replaced(infinite(true), 2, largest, y);
    emission.alias(node.results.front(), replaced(infinite(false), 3, -largest, y));
}

void bitwiseNot(Emission& emission, const Node& node) {
    if (knownType(emission, node.operands[0]).value_or(DType::Bool) != DType::Bool) throw CannotEmit{"inverts the bits of integers"};
    emission.addTo(emission.result(node), "Not", {input(emission, node, 0)});
}
void exclusiveOr(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Xor",
                   {asType(emission, node.operands[0], DType::Bool), asType(emission, node.operands.at(1), DType::Bool)});
}

constexpr char mulName[] = "Mul", divName[] = "Div", matMulName[] = "MatMul", maxName[] = "Max", minName[] = "Min", absName[] = "Abs",
               expName[] = "Exp", sqrtName[] = "Sqrt", negName[] = "Neg", erfName[] = "Erf", logName[] = "Log", cosName[] = "Cos",
               sinName[] = "Sin", tanName[] = "Tan", acosName[] = "Acos", asinName[] = "Asin", atanName[] = "Atan", coshName[] = "Cosh",
               sinhName[] = "Sinh", acoshName[] = "Acosh", asinhName[] = "Asinh", atanhName[] = "Atanh", floorName[] = "Floor",
               ceilName[] = "Ceil", roundName[] = "Round", reciprocalName[] = "Reciprocal", signName[] = "Sign", isNanName[] = "IsNaN",
               isInfName[] = "IsInf", detName[] = "Det";

constexpr std::array entries{
    EmitEntry{"aten::add.Tensor", add},
    EmitEntry{"aten::add_.Tensor", add},
    EmitEntry{"aten::add.Scalar", add},
    EmitEntry{"aten::sub.Tensor", subtract},
    EmitEntry{"aten::sub_.Tensor", subtract},
    EmitEntry{"aten::sub.Scalar", subtract},
    EmitEntry{"aten::rsub.Scalar", subtractFrom},
    EmitEntry{"aten::rsub.Tensor", subtractFrom},
    EmitEntry{"aten::mul.Tensor", promoted<mulName>},
    EmitEntry{"aten::mul_.Tensor", promoted<mulName>},
    EmitEntry{"aten::mul.Scalar", promoted<mulName>},
    EmitEntry{"aten::div.Tensor", promoted<divName>},
    EmitEntry{"aten::div_.Tensor", promoted<divName>},
    EmitEntry{"aten::div.Scalar", promoted<divName>},
    EmitEntry{"aten::true_divide.Tensor", promoted<divName>},
    EmitEntry{"aten::div.Tensor_mode", divideRounded},
    EmitEntry{"aten::div.Scalar_mode", divideRounded},
    EmitEntry{"aten::floor_divide", floorDivide},
    EmitEntry{"aten::floor_divide.Scalar", floorDivide},
    EmitEntry{"aten::remainder.Scalar", remainder},
    EmitEntry{"aten::remainder.Tensor", remainder},
    EmitEntry{"aten::fmod.Scalar", fmod},
    EmitEntry{"aten::fmod.Tensor", fmod},
    EmitEntry{"aten::trunc", truncate},
    EmitEntry{"aten::fix", truncate},
    EmitEntry{"aten::frac", fraction},
    EmitEntry{"aten::lerp.Scalar", lerp},
    EmitEntry{"aten::lerp.Tensor", lerp},
    EmitEntry{"aten::addcmul", addcmul},
    EmitEntry{"aten::addcdiv", addcdiv},
    EmitEntry{"aten::addmm", addMatrixProduct},
    EmitEntry{"aten::baddbmm", addMatrixProduct},
    EmitEntry{"aten::matmul", promoted<matMulName>},
    EmitEntry{"aten::mm", promoted<matMulName>},
    EmitEntry{"aten::bmm", promoted<matMulName>},
    EmitEntry{"aten::mv", promoted<matMulName>},
    EmitEntry{"aten::dot", promoted<matMulName>},
    EmitEntry{"aten::einsum", einsum},
    EmitEntry{"aten::linalg_cross", cross},
    EmitEntry{"aten::cross", cross},
    EmitEntry{"aten::linalg_det", unary<detName>},
    EmitEntry{"aten::atan2", atan2},
    EmitEntry{"aten::pow.Tensor_Scalar", power},
    EmitEntry{"aten::pow.Tensor_Tensor", power},
    EmitEntry{"aten::pow.Scalar", powerOfNumber},
    EmitEntry{"aten::square", square},
    EmitEntry{"aten::rsqrt", reciprocalRoot},
    EmitEntry{"aten::log2", log2},
    EmitEntry{"aten::log10", log10},
    EmitEntry{"aten::log1p", log1p},
    EmitEntry{"aten::expm1", expm1},
    EmitEntry{"aten::exp2", exp2},
    EmitEntry{"aten::clamp.Tensor", clampByTensors},
    EmitEntry{"aten::isfinite", isFinite},
    EmitEntry{"aten::nan_to_num", replaceNonFinite},
    EmitEntry{"aten::bitwise_not", bitwiseNot},
    EmitEntry{"aten::logical_xor", exclusiveOr},
    EmitEntry{"aten::max.other", promoted<maxName>},
    EmitEntry{"aten::min.other", promoted<minName>},
    EmitEntry{"aten::fmax", promoted<maxName>},
    EmitEntry{"aten::fmin", promoted<minName>},
    EmitEntry{"aten::abs", unary<absName>},
    EmitEntry{"aten::exp", unary<expName>},
    EmitEntry{"aten::sqrt", unary<sqrtName>},
    EmitEntry{"aten::neg", unary<negName>},
    EmitEntry{"aten::erf", unary<erfName>},
    EmitEntry{"aten::log", unary<logName>},
    EmitEntry{"aten::cos", unary<cosName>},
    EmitEntry{"aten::sin", unary<sinName>},
    EmitEntry{"aten::tan", unary<tanName>},
    EmitEntry{"aten::acos", unary<acosName>},
    EmitEntry{"aten::asin", unary<asinName>},
    EmitEntry{"aten::atan", unary<atanName>},
    EmitEntry{"aten::cosh", unary<coshName>},
    EmitEntry{"aten::sinh", unary<sinhName>},
    EmitEntry{"aten::acosh", unary<acoshName>},
    EmitEntry{"aten::asinh", unary<asinhName>},
    EmitEntry{"aten::atanh", unary<atanhName>},
    EmitEntry{"aten::floor", unary<floorName>},
    EmitEntry{"aten::ceil", unary<ceilName>},
    EmitEntry{"aten::round", unary<roundName>},
    EmitEntry{"aten::reciprocal", unary<reciprocalName>},
    EmitEntry{"aten::sign", unary<signName>},
    EmitEntry{"aten::sgn", unary<signName>},
    EmitEntry{"aten::isnan", unary<isNanName>},
    EmitEntry{"aten::isinf", unary<isInfName>},
    EmitEntry{"aten::exp_", unary<expName>},
    EmitEntry{"aten::sqrt_", unary<sqrtName>},
};

} // namespace

std::span<const EmitEntry> arithmeticEmitters() { return entries; }

} // namespace lathe::formats::onnx

#include <core/formats/exported_program/operators.h>

#include <algorithm>
#include <array>

namespace lathe::formats {

namespace {

using graph::TypeKind;

constexpr std::string_view operatorPrefix = "torch.ops.";

struct SizeOperator {
    std::string_view target, ofInts, ofOthers;
};
/// Python's functions of sizes. `ofOthers` are TorchScript's overloads for any numbers.
constexpr std::array sizeOperators{
    SizeOperator{"_operator.add", "aten::add.int", "aten::add"},
    SizeOperator{"_operator.sub", "aten::sub.int", "aten::sub"},
    SizeOperator{"_operator.mul", "aten::mul.int", "aten::mul"},
    SizeOperator{"_operator.floordiv", "aten::floordiv.int", "aten::floordiv"},
    SizeOperator{"_operator.truediv", "aten::div.int", "aten::div"},
    SizeOperator{"_operator.mod", "aten::remainder.int", "aten::remainder"},
    SizeOperator{"_operator.neg", "aten::neg.int", "aten::neg.Scalar"},
    SizeOperator{"_operator.pos", "aten::Int.Scalar", "aten::Float.Scalar"},
    SizeOperator{"_operator.pow", "aten::pow.int_to_int", "aten::pow.Scalar_Scalar"},
    SizeOperator{"_operator.eq", "aten::eq.int", "aten::eq"},
    SizeOperator{"_operator.ne", "aten::ne.int", "aten::ne"},
    SizeOperator{"_operator.lt", "aten::lt.int", "aten::lt"},
    SizeOperator{"_operator.le", "aten::le.int", "aten::le"},
    SizeOperator{"_operator.gt", "aten::gt.int", "aten::gt"},
    SizeOperator{"_operator.ge", "aten::ge.int", "aten::ge"},
    SizeOperator{"_operator.and_", "aten::__and__.int", "aten::__and__.bool"},
    SizeOperator{"_operator.or_", "aten::__or__.int", "aten::__or__.bool"},
    SizeOperator{"math.trunc", "aten::Int.Scalar", "aten::Int.Scalar"},
    SizeOperator{"math.floor", "aten::floor.int", "aten::floor.Scalar"},
    SizeOperator{"math.ceil", "aten::ceil.int", "aten::ceil.Scalar"},
    SizeOperator{"torch.sym_int", "aten::Int.Scalar", "aten::Int.Scalar"},
    SizeOperator{"torch.sym_float", "aten::Float.Scalar", "aten::Float.Scalar"},
    SizeOperator{"torch.sym_max", "prim::max.int", "prim::max"},
    SizeOperator{"torch.sym_min", "prim::min.int", "prim::min"},
    SizeOperator{"torch.sym_not", "aten::__not__", "aten::__not__"},
    SizeOperator{"torch.sym_sum", "aten::sum.int", "aten::sum.float"},
    SizeOperator{"torch.sym_sqrt", "aten::sqrt.int", "aten::sqrt.Scalar"},
};

struct Renamed {
    std::string_view exported, ours;
};
/// Operators of sizes that TorchScript has under another name.
constexpr std::array renamed{
    Renamed{"torch.ops.aten.sym_size.int", "aten::size.int"},
    Renamed{"torch.ops.aten.sym_numel.default", "aten::numel"},
    Renamed{"torch.ops.aten.sym_stride.int", "aten::stride.int"},
};

constexpr std::array<std::string_view, 8> checks{
    "torch.ops.aten._assert_async.msg",
    "torch.ops.aten._assert_async.default",
    "torch.ops.aten._assert_scalar.default",
    "torch.ops.aten._assert_tensor_metadata.default",
    "torch.ops.aten.sym_constrain_range.default",
    "torch.ops.aten.sym_constrain_range_for_size.default",
    "torch.ops.aten._functional_sym_constrain_range.default",
    "torch.ops.aten._functional_sym_constrain_range_for_size.default",
};

} // namespace

std::string operatorName(std::string_view target, const std::vector<TypeKind>& operandKinds) {
    for (const Renamed& each : renamed) {
        if (each.exported == target) return std::string(each.ours);
    }
    const bool areInts =
        std::ranges::all_of(operandKinds, [](TypeKind kind) { return kind == TypeKind::Int || kind == TypeKind::IntList; });
    for (const SizeOperator& each : sizeOperators) {
        if (each.target == target) return std::string(areInts ? each.ofInts : each.ofOthers);
    }
    if (!target.starts_with(operatorPrefix)) return std::string(target);
    std::string_view rest = target.substr(operatorPrefix.size());
    const auto dot = rest.find('.');
    if (dot == std::string_view::npos) return std::string(target);
    std::string name(rest.substr(0, dot));
    rest.remove_prefix(dot + 1);
    constexpr std::string_view usual = ".default";
    if (rest.ends_with(usual)) rest.remove_suffix(usual.size());
    return name + "::" + std::string(rest);
}

std::optional<std::string> targetName(std::string_view op) {
    for (const Renamed& each : renamed) {
        if (each.ours == op) return std::string(each.exported);
    }
    for (const SizeOperator& each : sizeOperators) {
        if (each.ofInts == op || each.ofOthers == op) return std::string(each.target);
    }
    const auto colons = op.find("::");
    if (colons == std::string_view::npos || op.starts_with("prim::") || op.starts_with("lathe::")) return std::nullopt;
    std::string target(operatorPrefix);
    target.append(op.substr(0, colons)).append(".").append(op.substr(colons + 2));
    return op.find('.') == std::string_view::npos ? target + ".default" : target;
}

bool isOnlyCheck(std::string_view target) { return std::ranges::find(checks, target) != checks.end(); }

} // namespace lathe::formats

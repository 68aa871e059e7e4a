// Operators that make one number of many.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <core/formats/onnx/emit.h>
#include <core/formats/onnx/message_writer.h>

namespace lathe::formats::onnx {

namespace {

using tensor::DType;

/// The dimensions in an operand; none: all of them.
Integers axesAt(const Node& node, std::size_t index) {
    if (!has(node, index)) return {};
    if (const auto one = node.operands[index].literal<std::int64_t>()) return {*one};
    const auto list = node.operands[index].literal<Integers>();
    if (!list) throw CannotEmit{"reduces dimensions that are computed while the model runs"};
    return *list;
}

/// ONNX Runtime wants the type of the result, which may be wider (sums of bool and int).
std::string widened(Emission& emission, const Node& node) {
    return asType(emission, node.operands[0], resultType(emission, node, node.operands[0]));
}

void reduce(Emission& emission, const Node& node, const std::string& op, std::size_t axesIndex, std::size_t keepsIndex) {
    emission.alias(node.results.front(),
                   reduced(emission, op, widened(emission, node), axesAt(node, axesIndex), flagAt(node, keepsIndex, false)));
}

constexpr std::size_t nowhere = 1000; ///< an operand that the operator has not
void sum(Emission& emission, const Node& node) { reduce(emission, node, "ReduceSum", 1, 2); }
void sumAll(Emission& emission, const Node& node) { reduce(emission, node, "ReduceSum", nowhere, nowhere); }
void mean(Emission& emission, const Node& node) { reduce(emission, node, "ReduceMean", 1, 2); }
void meanAll(Emission& emission, const Node& node) { reduce(emission, node, "ReduceMean", nowhere, nowhere); }
void product(Emission& emission, const Node& node) { reduce(emission, node, "ReduceProd", 1, 2); }
void productAll(Emission& emission, const Node& node) { reduce(emission, node, "ReduceProd", nowhere, nowhere); }
void largest(Emission& emission, const Node& node) { reduce(emission, node, "ReduceMax", 1, 2); }
void smallest(Emission& emission, const Node& node) { reduce(emission, node, "ReduceMin", 1, 2); }
void logSumExp(Emission& emission, const Node& node) { reduce(emission, node, "ReduceLogSumExp", 1, 2); }

/// norm(x, p, dimensions, keeps) and linalg_vector_norm(x, p, dimensions, keeps).
void norm(Emission& emission, const Node& node) {
    const double order = has(node, 1) ? numberAt(node, 1, 2) : 2;
    if (order == 1) return reduce(emission, node, "ReduceL1", 2, 3);
    if (order == 2) return reduce(emission, node, "ReduceL2", 2, 3);
    if (!std::isinf(order)) throw CannotEmit{"is a norm other than the sum, the Euclidean and the largest"};
    emission.alias(node.results.front(), reduced(emission, order > 0 ? "ReduceMax" : "ReduceMin",
                                                 emission.add("Abs", {widened(emission, node)}), axesAt(node, 2), flagAt(node, 3, false)));
}

/// ArgMax of the whole where there is no dimension.
void place(Emission& emission, const Node& node, const char* op) {
    if (has(node, 1))
        return emission.addTo(
            emission.result(node), op, {input(emission, node, 0)},
            {integerAttribute("axis", integerAt(node, 1, 0)), integerAttribute("keepdims", flagAt(node, 2, false) ? 1 : 0)});
    const std::string flat = emission.add("Reshape", {input(emission, node, 0), emission.integers({-1})});
    emission.addTo(emission.result(node), op, {flat}, {integerAttribute("axis", 0), integerAttribute("keepdims", 0)});
}
void placeOfLargest(Emission& emission, const Node& node) { place(emission, node, "ArgMax"); }
void placeOfSmallest(Emission& emission, const Node& node) { place(emission, node, "ArgMin"); }

/// Σ (x − mean)² / (n − correction)
struct Spread {
    std::string variance, mean;
};
Spread spreadOf(Emission& emission, const Node& node, const Integers& axes, double correction, bool keeps) {
    const DType dtype = typeOf(emission, node.operands[0]);
    const std::string x = input(emission, node, 0), mean = reduced(emission, "ReduceMean", x, axes, true);
    const std::string away = emission.add("Sub", {x, mean});
    const std::string squares = reduced(emission, "ReduceSum", emission.add("Mul", {away, away}), axes, keeps);
    const std::string shape = emission.add("Shape", {x});
    const std::string counted =
        axes.empty() ? shape : emission.add("Gather", {shape, emission.integers(axes)}, {integerAttribute("axis", 0)});
    const std::string count = castTo(emission, emission.add("ReduceProd", {counted}, {integerAttribute("keepdims", 0)}), dtype);
    const std::string divisor = correction == 0 ? count : emission.add("Sub", {count, number(emission, correction, dtype)});
    return {emission.add("Div", {squares, divisor}), keeps ? mean : reduced(emission, "ReduceMean", x, axes, false)};
}

/// std(x, unbiased), std.dim(x, dimensions, unbiased, keeps), std.correction(x, dimensions, correction, keeps); and var, var_mean.
Spread spreadOf(Emission& emission, const Node& node) {
    if (node.op.find('.') == std::string::npos) return spreadOf(emission, node, {}, flagAt(node, 1, true) ? 1 : 0, false);
    const bool isCorrected = node.op.ends_with(".correction");
    const double correction = isCorrected ? (has(node, 2) ? numberAt(node, 2, 1) : 1) : (flagAt(node, 2, true) ? 1 : 0);
    return spreadOf(emission, node, axesAt(node, 1), correction, flagAt(node, 3, false));
}
void variance(Emission& emission, const Node& node) { emission.alias(node.results.front(), spreadOf(emission, node).variance); }
void deviation(Emission& emission, const Node& node) { emission.addTo(emission.result(node), "Sqrt", {spreadOf(emission, node).variance}); }
void varianceAndMean(Emission& emission, const Node& node) {
    const Spread spread = spreadOf(emission, node);
    emission.alias(node.results.at(0), spread.variance);
    emission.alias(node.results.at(1), spread.mean);
}
void deviationAndMean(Emission& emission, const Node& node) {
    const Spread spread = spreadOf(emission, node);
    emission.addTo(emission.result(node, 0), "Sqrt", {spread.variance});
    emission.alias(node.results.at(1), spread.mean);
}

/// Are all, is any? Booleans are compared as integers.
void quantified(Emission& emission, const Node& node, const std::string& op) {
    const bool isWhole = node.op.find('.') == std::string::npos;
    const std::string truths = castTo(emission, asType(emission, node.operands[0], DType::Bool), DType::Int32);
    const std::string found = reduced(emission, op, truths, isWhole ? Integers{} : axesAt(node, 1), !isWhole && flagAt(node, 2, false));
    emission.alias(node.results.front(), castTo(emission, found, DType::Bool));
}
void all(Emission& emission, const Node& node) { quantified(emission, node, "ReduceMin"); }
void any(Emission& emission, const Node& node) { quantified(emission, node, "ReduceMax"); }

void cumulativeSum(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "CumSum", {widened(emission, node), wholeNumber(emission, integerAt(node, 1, 0))});
}

constexpr std::array entries{
    EmitEntry{"aten::sum.dim_IntList", sum},
    EmitEntry{"aten::sum", sumAll},
    EmitEntry{"aten::mean.dim", mean},
    EmitEntry{"aten::mean", meanAll},
    EmitEntry{"aten::prod.dim_int", product},
    EmitEntry{"aten::prod", productAll},
    EmitEntry{"aten::amax", largest},
    EmitEntry{"aten::amin", smallest},
    EmitEntry{"aten::max", largest},
    EmitEntry{"aten::min", smallest},
    EmitEntry{"aten::logsumexp", logSumExp},
    EmitEntry{"aten::linalg_vector_norm", norm},
    EmitEntry{"aten::norm.ScalarOpt_dim", norm},
    EmitEntry{"aten::argmax", placeOfLargest},
    EmitEntry{"aten::argmin", placeOfSmallest},
    EmitEntry{"aten::var", variance},
    EmitEntry{"aten::var.dim", variance},
    EmitEntry{"aten::var.correction", variance},
    EmitEntry{"aten::std", deviation},
    EmitEntry{"aten::std.dim", deviation},
    EmitEntry{"aten::std.correction", deviation},
    EmitEntry{"aten::var_mean", varianceAndMean},
    EmitEntry{"aten::var_mean.dim", varianceAndMean},
    EmitEntry{"aten::var_mean.correction", varianceAndMean},
    EmitEntry{"aten::std_mean", deviationAndMean},
    EmitEntry{"aten::std_mean.dim", deviationAndMean},
    EmitEntry{"aten::std_mean.correction", deviationAndMean},
    EmitEntry{"aten::all", all},
    EmitEntry{"aten::all.dim", all},
    EmitEntry{"aten::all.dims", all},
    EmitEntry{"aten::any", any},
    EmitEntry{"aten::any.dim", any},
    EmitEntry{"aten::any.dims", any},
    EmitEntry{"aten::cumsum", cumulativeSum},
};

} // namespace

std::span<const EmitEntry> reductionEmitters() { return entries; }

} // namespace lathe::formats::onnx

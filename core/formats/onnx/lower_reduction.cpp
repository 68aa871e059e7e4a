// Reductions over dimensions.
#include <algorithm>
#include <array>
#include <limits>

#include <core/formats/onnx/operators.h>

namespace lathe::formats::onnx {

namespace {

struct Reduction {
    ValueId x;
    Operand axes; ///< int[], or none for all
    bool keeps;
    bool isNothing; ///< no axes, and the node says that then nothing is reduced
    Known known;
};

/// axes is an attribute up to opset 17 (of ReduceSum up to 12), an input after that.
Reduction read(Call& call) {
    Reduction reduction{call.input(0), none(), call.integerAttribute("keepdims", 1) != 0, false, {}};
    std::optional<Integers> axes = call.integersAttribute("axes");
    bool isComputed = false;
    if (call.has(1)) {
        const auto numbers = call.knownNumbers(1);
        if (numbers) {
            axes.emplace();
            for (const Operand& element : numbers->elements) {
                const auto literal = element.literal<std::int64_t>();
                if (!literal) call.refuse("The axes of " + call.node().opType + " are computed while the model runs.");
                axes->push_back(*literal);
            }
        } else {
            const auto shape = graph::staticShape(call.value(call.input(1)));
            isComputed = !shape || shape->empty() || shape->front() != 0;
        }
    }
    reduction.known.dtype = call.dtype(reduction.x);
    if (isComputed) {
        reduction.axes = call.integerList(1);
        if (reduction.keeps && call.rank(reduction.x))
            reduction.known.shape = unknownDims(static_cast<std::size_t>(call.needRank(reduction.x)));
        return reduction;
    }
    if (axes && !axes->empty()) {
        reduction.axes = integers(*axes);
    } else if (call.integerAttribute("noop_with_empty_axes", 0) != 0) {
        reduction.isNothing = true;
    } else if (reduction.keeps) {
        // All of them, one by one: PyTorch drops dimensions otherwise.
        axes.emplace();
        for (std::int64_t axis = 0; axis < call.needRank(reduction.x); ++axis)
            axes->push_back(axis);
        reduction.axes = integers(*axes);
    } else {
        axes.reset();
    }
    auto shape = call.value(reduction.x).shape;
    if (shape && axes) {
        std::vector<bool> isReduced(shape->size(), false);
        for (const std::int64_t axis : *axes)
            isReduced.at(static_cast<std::size_t>(call.axisOf(axis, reduction.x))) = true;
        std::vector<Dim> dims;
        for (std::size_t axis = 0; axis < shape->size(); ++axis) {
            if (!isReduced[axis])
                dims.push_back((*shape)[axis]);
            else if (reduction.keeps)
                dims.push_back({1, ""});
        }
        shape = dims;
    } else if (shape && !reduction.isNothing) {
        shape = std::vector<Dim>{};
    }
    reduction.known.shape = shape;
    return reduction;
}

ValueId sum(Call& call, const Reduction& reduction, ValueId x) {
    const Operand dtype = reduction.known.dtype ? dtypeNumber(*reduction.known.dtype) : none();
    return call.emit("aten::sum.dim_IntList", {x, reduction.axes, flag(reduction.keeps), dtype}, reduction.known);
}

ValueId pointwise(Call& call, const char* op, ValueId x) { return call.emit(op, {x}, call.known(x)); }

void reduceSum(Call& call) {
    const Reduction reduction = read(call);
    call.output(0, reduction.isNothing ? reduction.x : sum(call, reduction, reduction.x));
}

void reduceMean(Call& call) {
    const Reduction reduction = read(call);
    if (reduction.isNothing) return call.output(0, reduction.x);
    ValueId x = reduction.x;
    const bool isFloat = call.isFloat(x);
    if (!isFloat) x = call.cast(x, DType::Float64);
    ValueId result =
        call.emit("aten::mean.dim", {x, reduction.axes, flag(reduction.keeps), none()}, {call.dtype(x), reduction.known.shape});
    if (!isFloat) result = call.cast(result, *call.dtype(reduction.x));
    call.output(0, result);
}

/// The smallest number of a type, or the largest.
Operand endOf(DType dtype, bool isSmallest) {
    const auto end = [isSmallest]<class T>(T) {
        using Limits = std::numeric_limits<T>;
        return integer(static_cast<std::int64_t>(isSmallest ? Limits::min() : Limits::max()));
    };
    switch (dtype) {
    case DType::Bool:
        return flag(!isSmallest);
    case DType::UInt8:
        return end(std::uint8_t{});
    case DType::Int8:
        return end(std::int8_t{});
    case DType::Int16:
        return end(std::int16_t{});
    case DType::Int32:
        return end(std::int32_t{});
    case DType::Int64:
        return end(std::int64_t{});
    default:
        return number(isSmallest ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity());
    }
}

void extreme(Call& call, const char* op) {
    const Reduction reduction = read(call);
    if (reduction.isNothing) return call.output(0, reduction.x);
    // Of no elements: what never is the result of others, in the shape that a sum has.
    if (const auto from = graph::staticShape(call.value(reduction.x));
        from && tensor::checkedElementCount(*from) == 0 && call.dtype(reduction.x)) {
        const DType dtype = *call.dtype(reduction.x);
        const Operand end = endOf(dtype, std::string_view(op) == "aten::amax");
        return call.output(0, call.emit("aten::full_like",
                                        {sum(call, reduction, reduction.x), end, dtypeNumber(dtype), none(), none(), none(), none()},
                                        reduction.known));
    }
    const Operand axes = reduction.axes.isNone() ? integers({}) : reduction.axes;
    call.output(0, call.emit(op, {reduction.x, axes, flag(reduction.keeps)}, reduction.known));
}

void reduceMax(Call& call) { extreme(call, "aten::amax"); }
void reduceMin(Call& call) { extreme(call, "aten::amin"); }

void reduceProd(Call& call) {
    const Reduction reduction = read(call);
    if (reduction.isNothing) return call.output(0, reduction.x);
    const Operand dtype = reduction.known.dtype ? dtypeNumber(*reduction.known.dtype) : none();
    if (reduction.axes.isNone()) return call.output(0, call.emit("aten::prod", {reduction.x, dtype}, reduction.known));
    const auto axes = reduction.axes.literal<Integers>();
    if (!axes) {
        // As if all were kept, so that the numbers of the axes stay valid.
        ValueId x = reduction.x;
        for (const Operand& axis : call.numbers(1))
            x = call.emit("aten::prod.dim_int", {x, axis, flag(true), dtype}, {reduction.known.dtype, std::nullopt});
        if (!reduction.keeps) x = call.emit("aten::squeeze.dims", {x, reduction.axes}, reduction.known);
        return call.output(0, x);
    }
    // One dimension at a time, the last first so that the others keep their number.
    Integers positive;
    for (const std::int64_t axis : *axes)
        positive.push_back(call.axisOf(axis, reduction.x));
    std::ranges::sort(positive, std::greater<>());
    ValueId x = reduction.x;
    for (std::size_t index = 0; index < positive.size(); ++index) {
        const bool isLast = index + 1 == positive.size();
        x = call.emit("aten::prod.dim_int", {x, integer(positive[index]), flag(reduction.keeps), dtype},
                      isLast ? reduction.known : Known{reduction.known.dtype, std::nullopt});
    }
    call.output(0, x);
}

void reduceL1(Call& call) {
    const Reduction reduction = read(call);
    const ValueId absolute = pointwise(call, "aten::abs", reduction.x);
    call.output(0, reduction.isNothing ? absolute : sum(call, reduction, absolute));
}

ValueId square(Call& call, ValueId x) { return call.emit("aten::mul.Tensor", {x, x}, call.known(x)); }

void reduceSumSquare(Call& call) {
    const Reduction reduction = read(call);
    const ValueId squares = square(call, reduction.x);
    call.output(0, reduction.isNothing ? squares : sum(call, reduction, squares));
}

void reduceL2(Call& call) {
    const Reduction reduction = read(call);
    const ValueId squares = square(call, reduction.x);
    const ValueId root = pointwise(call, "aten::sqrt", reduction.isNothing ? squares : sum(call, reduction, squares));
    call.output(0, reduction.known.dtype ? call.cast(root, *reduction.known.dtype) : root);
}

void reduceLogSum(Call& call) {
    const Reduction reduction = read(call);
    call.output(0, pointwise(call, "aten::log", reduction.isNothing ? reduction.x : sum(call, reduction, reduction.x)));
}

void reduceLogSumExp(Call& call) {
    const Reduction reduction = read(call);
    if (reduction.isNothing) return call.output(0, reduction.x);
    if (reduction.axes.isNone()) {
        const ValueId flat = call.emit("aten::reshape", {reduction.x, integers({-1})}, {reduction.known.dtype, unknownDims(1)});
        return call.output(0, call.emit("aten::logsumexp", {flat, integers({0}), flag(false)}, reduction.known));
    }
    call.output(0, call.emit("aten::logsumexp", {reduction.x, reduction.axes, flag(reduction.keeps)}, reduction.known));
}

void argument(Call& call, const char* op) {
    ValueId x = call.input(0);
    const std::int64_t axis = call.integerAttribute("axis", 0);
    const bool keeps = call.integerAttribute("keepdims", 1) != 0, isLast = call.integerAttribute("select_last_index", 0) != 0;
    auto shape = call.value(x).shape;
    if (shape) {
        const auto position = static_cast<std::ptrdiff_t>(call.axisOf(axis, x));
        if (keeps && !shape->empty())
            (*shape)[static_cast<std::size_t>(position)] = Dim{1, ""};
        else if (!shape->empty())
            shape->erase(shape->begin() + position);
    }
    const Known known{DType::Int64, shape};
    if (!isLast) return call.output(0, call.emit(op, {x, integer(axis), flag(keeps)}, known));
    // The last of equal elements is the first from behind.
    const Operand last = call.difference(call.size(x, axis), integer(1));
    x = call.emit("aten::flip", {x, integers({axis})}, call.known(x));
    const ValueId index = call.emit(op, {x, integer(axis), flag(keeps)}, known);
    call.output(0, call.emit("aten::rsub.Scalar", {index, last, integer(1)}, known));
}

void argMax(Call& call) { argument(call, "aten::argmax"); }
void argMin(Call& call) { argument(call, "aten::argmin"); }

void topK(Call& call) {
    const ValueId x = call.input(0);
    const Operand k = call.opset() < 10 ? integer(call.integerAttribute("k", 1)) : call.numbers(1).at(0);
    const bool isLargest = call.opset() < 11 || call.integerAttribute("largest", 1) != 0;
    auto shape = call.value(x).shape;
    const std::int64_t axis = call.integerAttribute("axis", -1);
    if (shape && !shape->empty())
        (*shape)[static_cast<std::size_t>(call.axisOf(axis, x))] = Dim{k.literal<std::int64_t>().value_or(-1), ""};
    const auto both = call.emitMany("aten::topk", {x, k, integer(axis), flag(isLargest), flag(true)}, 2, {call.dtype(x), shape});
    call.lowering().graph.value(both[1]).dtype = DType::Int64;
    call.output(0, both[0]);
    call.output(1, both[1]);
}

/// How losses of single elements are put together, as ATen's numbers.
Operand lossReduction(Call& call) {
    const std::string reduction = call.textAttribute("reduction", "mean");
    if (reduction == "none") return integer(0);
    if (reduction == "mean") return integer(1);
    if (reduction == "sum") return integer(2);
    call.refuse("The reduction \"" + reduction + "\" of " + call.node().opType + " is not known.");
}

/// PyTorch's own default for a class that is not counted.
constexpr std::int64_t noIgnoredClass = -100;

ValueId likelihoodLoss(Call& call, ValueId logarithms) {
    const ValueId target = call.cast(call.input(1), DType::Int64);
    return call.emit(
        "aten::nll_loss_nd",
        {logarithms, target, call.optionalInput(2), lossReduction(call), integer(call.integerAttribute("ignore_index", noIgnoredClass))},
        {call.dtype(logarithms), std::nullopt});
}

void negativeLogLikelihood(Call& call) { call.output(0, likelihoodLoss(call, call.input(0))); }

void softmaxCrossEntropy(Call& call) {
    const ValueId x = call.input(0);
    const ValueId logarithms = call.emit("aten::log_softmax.int", {x, integer(1), none()}, call.known(x));
    call.output(0, likelihoodLoss(call, logarithms));
    call.output(1, logarithms);
}

constexpr std::array entries{
    OperatorEntry{"NegativeLogLikelihoodLoss", negativeLogLikelihood},
    OperatorEntry{"SoftmaxCrossEntropyLoss", softmaxCrossEntropy},
    OperatorEntry{"ReduceSum", reduceSum},
    OperatorEntry{"ReduceMean", reduceMean},
    OperatorEntry{"ReduceMax", reduceMax},
    OperatorEntry{"ReduceMin", reduceMin},
    OperatorEntry{"ReduceProd", reduceProd},
    OperatorEntry{"ReduceL1", reduceL1},
    OperatorEntry{"ReduceL2", reduceL2},
    OperatorEntry{"ReduceSumSquare", reduceSumSquare},
    OperatorEntry{"ReduceLogSum", reduceLogSum},
    OperatorEntry{"ReduceLogSumExp", reduceLogSumExp},
    OperatorEntry{"ArgMax", argMax},
    OperatorEntry{"ArgMin", argMin},
    OperatorEntry{"TopK", topK},
};

} // namespace

std::span<const OperatorEntry> reductionOperators() { return entries; }

} // namespace lathe::formats::onnx

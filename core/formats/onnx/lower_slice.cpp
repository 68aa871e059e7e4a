// Slice: between indices that are known or computed, forward and backward.
#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include <core/formats/onnx/expression.h>
#include <core/formats/onnx/operators.h>

namespace lathe::formats::onnx {

namespace {

constexpr std::int64_t toTheEnd = std::numeric_limits<std::int64_t>::max();

/// A step below 0 runs through the flipped tensor, in which index i is counted from the other end as -(i + 1): from the front when i was
/// counted from the end. What lies outside is cut to the tensor as before.
std::int64_t flippedIndex(std::int64_t index) { return index == std::numeric_limits<std::int64_t>::min() ? toTheEnd : -(index + 1); }

Dim slicedDim(const Dim& dim, std::int64_t start, std::int64_t end, std::int64_t step) {
    if (dim.size < 0 || step < 1) return {};
    const std::int64_t first = clampIndex(start, dim.size), last = clampIndex(end, dim.size);
    return {last > first ? (last - first - 1) / step + 1 : 0, ""};
}

/// What a step whose sign is not known picks: the places are computed, and then gathered.
ValueId computedSlice(Call& call, ValueId x, const Operand& axis, const Operand& start, const Operand& end, const Operand& step) {
    const Expression count = Expression::real(call, Operand(call.emitScalar("aten::size.int", {x, axis}, graph::TypeKind::Int)));
    const Expression stride = Expression::real(call, step);
    const Expression isBackward = stride < 0.0;
    const Expression zero = Expression::real(call, integer(0)), minusOne = Expression::real(call, integer(-1));
    // Forward between 0 and the size, backward between -1 and the last.
    const Expression lowest = where(isBackward, minusOne, zero), highest = where(isBackward, count - 1.0, count);
    const auto inside = [&](const Operand& index) {
        const Expression place = Expression::real(call, index);
        const Expression fromFront = where(place < 0.0, place + count, place);
        const ValueId raised = call.emit("aten::maximum", {fromFront.id(), lowest.id()}, call.known(place));
        return Expression(call, call.emit("aten::minimum", {raised, highest.id()}, call.known(place)));
    };
    const Expression first = inside(start), last = inside(end);
    const Expression picked = ((last - first) / stride).apply("aten::ceil").clamp(integer(0), none());
    const Expression places = Expression::arange(call, picked.toInt(), DType::Float64) * stride + first;
    return call.emit("aten::index_select", {x, axis, call.cast(places, DType::Int64)}, {call.dtype(x), std::nullopt});
}

void slice(Call& call) {
    Operands starts, ends, steps;
    Operands computedAxes;
    Integers axes;
    const auto literals = [](const Integers& values) {
        Operands list;
        for (const std::int64_t value : values)
            list.push_back(integer(value));
        return list;
    };
    if (call.opset() < 10) {
        starts = literals(call.integersAttribute("starts").value_or(Integers{}));
        ends = literals(call.integersAttribute("ends").value_or(Integers{}));
        axes = call.integersAttribute("axes").value_or(Integers{});
    } else {
        std::optional<std::size_t> count;
        if (const auto known = call.knownNumbers(3)) count = known->elements.size();
        starts = call.numbers(1, count);
        ends = call.numbers(2, count);
        if (call.has(4)) steps = call.numbers(4, count);
        if (call.has(3)) {
            computedAxes = call.numbers(3);
            for (const Operand& axis : computedAxes) {
                const auto literal = axis.literal<std::int64_t>();
                if (literal) axes.push_back(*literal);
            }
        }
    }
    const bool hasComputedAxes = axes.size() != computedAxes.size() && !computedAxes.empty();
    if (hasComputedAxes) axes.assign(computedAxes.size(), 0);
    if (axes.empty()) {
        axes.resize(starts.size());
        std::iota(axes.begin(), axes.end(), 0);
    }
    if (steps.empty()) steps.assign(starts.size(), integer(1));
    if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
        call.refuse("Slice has not as many starts as ends, axes and steps.");

    if (const auto numbers = call.lowering().numbersOf(call.node().inputs.at(0)); numbers && !numbers->isScalar && starts.size() == 1) {
        const auto start = starts[0].literal<std::int64_t>(), end = ends[0].literal<std::int64_t>();
        if (start && end && steps[0].literal<std::int64_t>() == 1) {
            const auto count = static_cast<std::int64_t>(numbers->elements.size());
            const std::int64_t first = clampIndex(*start, count), last = std::max(first, clampIndex(*end, count));
            return call.output(0, Numbers{Operands(numbers->elements.begin() + first, numbers->elements.begin() + last), false});
        }
    }

    ValueId x = call.input(0);
    const auto dtype = call.dtype(x);
    const auto rank = call.rank(x);
    const bool hasComputedSteps = std::ranges::any_of(steps, [](const Operand& step) { return !step.isLiteral(); });
    if (hasComputedAxes || hasComputedSteps) {
        for (std::size_t index = 0; index < starts.size(); ++index) {
            const Operand axis = hasComputedAxes ? computedAxes[index] : integer(axes[index]);
            x = computedSlice(call, x, axis, starts[index], ends[index], steps[index]);
        }
        if (rank) call.lowering().graph.value(x).shape = unknownDims(static_cast<std::size_t>(*rank));
        return call.output(0, x);
    }
    for (std::size_t index = 0; index < starts.size(); ++index) {
        Operand start = starts[index], end = ends[index];
        const auto step = steps[index].literal<std::int64_t>();
        if (!step || *step == 0) call.refuse("A step of Slice is 0.");
        const std::int64_t axis = call.axisFromEitherEnd(axes[index], x);
        if (*step < 0) {
            const auto from = start.literal<std::int64_t>(), to = end.literal<std::int64_t>();
            if (!from || !to) call.refuse("Slice runs backwards between indices that are computed while the model runs.");
            x = call.emit("aten::flip", {x, integers({axis})}, call.known(x));
            start = integer(flippedIndex(*from));
            end = integer(flippedIndex(*to));
        }
        std::optional<std::vector<Dim>> shape = call.value(x).shape;
        const auto from = start.literal<std::int64_t>(), to = end.literal<std::int64_t>();
        const std::int64_t stride = *step < 0 ? -*step : *step;
        if (shape) {
            Dim& dim = shape->at(static_cast<std::size_t>(axis));
            dim = from && to ? slicedDim(dim, *from, *to, stride) : Dim{};
        }
        x = call.emit("aten::slice.Tensor", {x, integer(axis), start, end, integer(stride)}, {dtype, shape});
    }
    call.output(0, x);
}

constexpr std::array entries{
    OperatorEntry{"Slice", slice},
};

} // namespace

std::span<const OperatorEntry> sliceOperators() { return entries; }

} // namespace lathe::formats::onnx

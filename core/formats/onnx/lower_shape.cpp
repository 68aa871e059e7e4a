// Shapes: asking for them, and operators that only move elements.
#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include <core/formats/onnx/expression.h>
#include <core/formats/onnx/operators.h>

namespace lathe::formats::onnx {

namespace {

constexpr std::int64_t toTheEnd = std::numeric_limits<std::int64_t>::max();

std::int64_t clampIndex(std::int64_t index, std::int64_t count) {
    return std::clamp<std::int64_t>(index < 0 ? index + count : index, 0, count);
}

void shapeOf(Call& call) {
    const ValueId x = call.input(0);
    const auto rank = call.rank(x);
    if (!rank) {
        const ValueId shape = call.emit("aten::_shape_as_tensor", {x}, {DType::Int64, unknownDims(1)});
        return call.output(0, shape);
    }
    const std::int64_t start = clampIndex(call.integerAttribute("start", 0), *rank);
    const std::int64_t end = clampIndex(call.integerAttribute("end", *rank), *rank);
    Numbers numbers;
    for (std::int64_t axis = start; axis < end; ++axis)
        numbers.elements.push_back(call.size(x, axis));
    call.output(0, std::move(numbers));
}

void sizeOf(Call& call) {
    const ValueId x = call.input(0);
    if (const auto shape = graph::staticShape(call.value(x))) {
        if (const auto count = tensor::checkedElementCount(*shape)) return call.output(0, Numbers{{integer(*count)}, true});
    }
    call.output(0, Numbers{{call.emitScalar("aten::numel", {x}, graph::TypeKind::Int)}, true});
}

/// Dimensions of a shape whose elements may be computed.
std::vector<Dim> dimsOf(const Operands& elements) {
    std::vector<Dim> dims;
    for (const Operand& element : elements)
        dims.push_back({std::max<std::int64_t>(element.literal<std::int64_t>().value_or(-1), -1), ""});
    return dims;
}

/// A shape that is computed, with the size of `x` in the place of each 0.
Operand withoutZeros(Call& call, ValueId x, ValueId wanted) {
    const ValueId sizes = call.cast(wanted, DType::Int64);
    const Known list{DType::Int64, unknownDims(1)};
    const ValueId there = call.emit("aten::_shape_as_tensor", {x}, list);
    // As long as what is wanted, which may have more elements than x has dimensions, or fewer.
    const ValueId longer = call.emit("aten::cat", {Operand(Operands{there, sizes}), integer(0)}, list);
    const Operand count(call.emitScalar("aten::size.int", {sizes, integer(0)}, graph::TypeKind::Int));
    const ValueId fitting = call.emit("aten::slice.Tensor", {longer, integer(0), integer(0), count, integer(1)}, list);
    const ValueId isZero = call.emit("aten::eq.Scalar", {sizes, integer(0)}, {DType::Bool, unknownDims(1)});
    const ValueId chosen = call.emit("aten::where.self", {isZero, fitting, sizes}, call.known(sizes));
    return call.emitScalar("aten::_tensor_to_list", {call.cast(chosen, DType::Int32)}, graph::TypeKind::IntList);
}

void reshape(Call& call) {
    const ValueId x = call.input(0);
    auto known = call.knownNumbers(1);
    if (!known) {
        const auto length = graph::staticShape(call.value(call.input(1)));
        const auto rank = length && length->size() == 1 && length->front() <= 64
                              ? std::optional(unknownDims(static_cast<std::size_t>(length->front())))
                              : std::nullopt;
        const bool copiesZeros = call.integerAttribute("allowzero", 0) == 0;
        const Operand sizes = copiesZeros ? withoutZeros(call, x, call.input(1)) : call.integerList(1);
        return call.output(0, call.emit("aten::reshape", {x, sizes}, {call.dtype(x), rank}));
    }
    if (call.integerAttribute("allowzero", 0) == 0) {
        for (std::size_t axis = 0; axis < known->elements.size(); ++axis) {
            if (known->elements[axis].literal<std::int64_t>() == 0) known->elements[axis] = call.size(x, static_cast<std::int64_t>(axis));
        }
    }
    std::vector<Dim> dims = dimsOf(known->elements);
    // What -1 stands for, where the rest is known.
    const auto from = graph::staticShape(call.value(x));
    const auto open = std::ranges::count_if(dims, [](const Dim& dim) { return dim.size < 0; });
    if (from && open == 1) {
        std::int64_t rest = 1;
        for (const Dim& dim : dims)
            rest *= dim.size < 0 ? 1 : std::min<std::int64_t>(dim.size, 1 << 20);
        const auto count = tensor::checkedElementCount(*from);
        if (count && rest > 0 && *count % rest == 0) {
            for (Dim& dim : dims)
                dim.size = dim.size < 0 ? *count / rest : dim.size;
        }
    }
    // A dimension that -1 cannot stand for twice keeps its symbol: the batch.
    const auto& shape = call.value(x).shape;
    for (std::size_t axis = 0; axis < dims.size(); ++axis) {
        const bool isSame =
            dims[axis].size < 0 && shape && axis < shape->size() && known->elements[axis].isValue() && (*shape)[axis].size < 0;
        if (isSame) dims[axis] = (*shape)[axis];
    }
    call.output(0, call.emit("aten::reshape", {x, integersOf(known->elements)}, {call.dtype(x), dims}));
}

/// An axis that is counted from behind, of an input whose rank is not known: the last dimensions are one, and so is all before them.
void flattenFromBehind(Call& call, ValueId x, std::int64_t axis) {
    const DType dtype = call.dtype(x).value_or(DType::Float32);
    const ValueId back = call.emit("aten::flatten.using_ints", {x, integer(axis), integer(-1)}, {dtype, std::nullopt});
    const Operand size = call.size(back, -1);
    call.output(0, call.emit("aten::reshape", {back, integersOf({integer(-1), size})}, {call.dtype(x), unknownDims(2)}));
}

void flatten(Call& call) {
    const ValueId x = call.input(0);
    std::int64_t axis = call.integerAttribute("axis", 1);
    const auto& shape = call.value(x).shape;
    if (axis < 0 && shape) axis += static_cast<std::int64_t>(shape->size());
    if (axis < 0 && !shape) return flattenFromBehind(call, x, axis);
    if (axis < 0 || (shape && axis > static_cast<std::int64_t>(shape->size()))) call.refuse("The axis of Flatten does not exist.");
    std::vector<Dim> dims(2);
    if (const auto sizes = graph::staticShape(call.value(x))) {
        const auto split = sizes->begin() + axis;
        dims[0].size = std::accumulate(sizes->begin(), split, std::int64_t{1}, std::multiplies<>());
        dims[1].size = std::accumulate(split, sizes->end(), std::int64_t{1}, std::multiplies<>());
    } else if (shape && axis == 1) {
        dims[0] = shape->front();
        std::int64_t rest = 1;
        for (std::size_t dimension = 1; dimension < shape->size(); ++dimension)
            rest = rest < 0 || (*shape)[dimension].size < 0 ? -1 : rest * (*shape)[dimension].size;
        dims[1].size = rest;
    }
    const Known known{call.dtype(x), dims};
    // PyTorch's flatten, where the dimensions before stay as they are; one of them alone, or none.
    if (axis == 1 && (!shape || shape->size() > 1))
        return call.output(0, call.emit("aten::flatten.using_ints", {x, integer(1), integer(-1)}, known));
    if (axis == 0) return call.output(0, call.emit("aten::reshape", {x, integers({1, -1})}, known));
    if (shape && axis == static_cast<std::int64_t>(shape->size()))
        return call.output(0, call.emit("aten::reshape", {x, integers({-1, 1})}, known));
    const ValueId front = call.emit("aten::flatten.using_ints", {x, integer(0), integer(axis - 1)}, {call.dtype(x), std::nullopt});
    call.output(0, call.emit("aten::flatten.using_ints", {front, integer(1), integer(-1)}, known));
}

void transpose(Call& call) {
    const ValueId x = call.input(0);
    Integers order;
    if (const auto given = call.integersAttribute("perm")) {
        order = *given;
    } else {
        for (std::int64_t axis = call.needRank(x); axis-- > 0;)
            order.push_back(axis);
    }
    std::optional<std::vector<Dim>> shape;
    if (const auto& from = call.value(x).shape; from && from->size() == order.size()) {
        shape.emplace();
        for (const std::int64_t axis : order)
            shape->push_back(from->at(static_cast<std::size_t>(axis)));
    }
    call.output(0, call.emit("aten::permute", {x, integers(order)}, {call.dtype(x), shape}));
}

/// The axes of Squeeze, Unsqueeze: an attribute up to opset 12, an input from 13 on.
std::optional<Integers> axesOf(Call& call) {
    if (call.opset() < 13) return call.integersAttribute("axes");
    if (!call.has(1)) return std::nullopt;
    return call.constantIntegers(1, "axes");
}

void squeeze(Call& call) {
    const auto axes = axesOf(call);
    if (auto numbers = call.lowering().numbersOf(call.node().inputs.at(0)); numbers && numbers->elements.size() == 1 && !numbers->isScalar)
        return call.output(0, Numbers{numbers->elements, true});
    const ValueId x = call.input(0);
    if (!axes) return call.output(0, call.emit("aten::squeeze", {x}, {call.dtype(x), std::nullopt}));
    std::optional<std::vector<Dim>> shape;
    if (const auto& from = call.value(x).shape) {
        shape.emplace();
        Integers positive;
        for (const std::int64_t axis : *axes)
            positive.push_back(call.axisOf(axis, x));
        for (std::size_t axis = 0; axis < from->size(); ++axis) {
            if (std::ranges::find(positive, static_cast<std::int64_t>(axis)) == positive.end()) shape->push_back((*from)[axis]);
        }
    }
    call.output(0, call.emit("aten::squeeze.dims", {x, integers(*axes)}, {call.dtype(x), shape}));
}

void unsqueeze(Call& call) {
    auto axes = axesOf(call);
    if (!axes || axes->size() > 64) call.refuse("Unsqueeze needs axes.");
    if (auto numbers = call.lowering().numbersOf(call.node().inputs.at(0)); numbers && numbers->isScalar && axes->size() == 1)
        return call.output(0, Numbers{numbers->elements, false});
    ValueId x = call.input(0);
    const bool hasNegative = std::ranges::any_of(*axes, [](std::int64_t axis) { return axis < 0; });
    if (hasNegative && axes->size() > 1) {
        const std::int64_t rank = call.needRank(x) + static_cast<std::int64_t>(axes->size());
        for (std::int64_t& axis : *axes)
            axis = axis < 0 ? axis + rank : axis;
    }
    std::ranges::sort(*axes);
    for (const std::int64_t axis : *axes) {
        auto shape = call.value(x).shape;
        if (shape) {
            const std::int64_t position = axis < 0 ? axis + static_cast<std::int64_t>(shape->size()) + 1 : axis;
            if (position < 0 || position > static_cast<std::int64_t>(shape->size())) call.refuse("An axis of Unsqueeze does not exist.");
            shape->insert(shape->begin() + position, Dim{1, ""});
        }
        x = call.emit("aten::unsqueeze", {x, integer(axis)}, {call.dtype(x), shape});
    }
    call.output(0, x);
}

void concat(Call& call) {
    bool areNumbers = call.inputCount() > 0;
    Numbers joined;
    for (std::size_t index = 0; areNumbers && index < call.inputCount(); ++index) {
        const auto numbers = call.knownNumbers(index);
        areNumbers = numbers && !numbers->isScalar;
        if (areNumbers) joined.elements.insert(joined.elements.end(), numbers->elements.begin(), numbers->elements.end());
    }
    if (areNumbers && joined.elements.size() <= 64) return call.output(0, std::move(joined));

    Operands tensors;
    for (std::size_t index = 0; index < call.inputCount(); ++index)
        tensors.emplace_back(call.input(index));
    if (tensors.empty()) call.refuse("Concat has no inputs.");
    const ValueId first = tensors.front().value();
    const std::int64_t axis = call.integerAttribute("axis", 0);
    auto shape = call.value(first).shape;
    for (std::size_t index = 1; shape && index < tensors.size(); ++index) {
        const auto& other = call.value(tensors[index].value()).shape;
        const auto position = static_cast<std::size_t>(axis < 0 ? axis + static_cast<std::int64_t>(shape->size()) : axis);
        if (!other || position >= shape->size() || other->size() != shape->size()) {
            shape = other && shape->size() == other->size() ? std::optional(unknownDims(shape->size())) : std::nullopt;
            break;
        }
        Dim& dim = (*shape)[position];
        dim = dim.size >= 0 && (*other)[position].size >= 0 ? Dim{dim.size + (*other)[position].size, ""} : Dim{};
    }
    call.output(0, call.emit("aten::cat", {Operand(std::move(tensors)), integer(axis)}, {call.dtype(first), shape}));
}

/// The sizes of `parts` parts of a size that is known while the model runs: ⌈size / parts⌉ each, and what is left for the last one.
Operand equalParts(Call& call, const Operand& size, std::int64_t parts) {
    const auto calculate = [&](const char* op, const Operand& a, std::int64_t b) {
        return Operand(call.emitScalar(op, {a, integer(b)}, graph::TypeKind::Int));
    };
    const Operand part = calculate("aten::floordiv.int", calculate("aten::add.int", size, parts - 1), parts);
    Operands sizes(static_cast<std::size_t>(parts - 1), part);
    sizes.push_back(parts == 1 ? size : call.difference(size, calculate("aten::mul.int", part, parts - 1)));
    return integersOf(sizes);
}

void split(Call& call) {
    const ValueId x = call.input(0);
    const std::int64_t axis = call.integerAttribute("axis", 0);
    const std::size_t count = call.node().outputs.size();
    Operand sizes;
    if (const auto attribute = call.integersAttribute("split"); attribute && call.opset() < 13) {
        sizes = integers(*attribute);
    } else if (call.has(1)) {
        sizes = call.integerList(1);
    } else {
        const std::int64_t position = call.axisFromEitherEnd(axis, x);
        const auto& shape = call.value(x).shape;
        const std::int64_t size = shape ? (*shape)[static_cast<std::size_t>(position)].size : -1;
        const auto parts = static_cast<std::int64_t>(count);
        const std::int64_t part = (size + parts - 1) / parts;
        if (size >= 0) {
            Integers list;
            for (std::int64_t index = 0; index < parts; ++index)
                list.push_back(std::clamp<std::int64_t>(size - index * part, 0, part));
            sizes = integers(std::move(list));
        } else {
            sizes = equalParts(call, call.size(x, position), parts);
        }
    }
    const ValueId list = call.emitScalar("aten::split_with_sizes", {x, sizes, integer(axis)}, graph::TypeKind::TensorList);
    std::optional<std::vector<Dim>> shape = call.value(x).shape;
    if (shape) {
        const auto position = static_cast<std::size_t>(call.axisOf(axis, x));
        if (position < shape->size()) (*shape)[position] = Dim{};
    }
    const auto parts = call.emitMany("prim::ListUnpack", {list}, count, {call.dtype(x), shape});
    const auto known = sizes.literal<Integers>();
    for (std::size_t index = 0; index < count; ++index) {
        auto& dims = call.lowering().graph.value(parts[index]).shape;
        const auto position = static_cast<std::size_t>(dims ? call.axisOf(axis, x) : 0);
        if (dims && known && index < known->size() && position < dims->size()) (*dims)[position] = Dim{(*known)[index], ""};
        call.output(index, parts[index]);
    }
}

/// Shapes are only repeated where they are known; elsewhere a tensor of the wanted shape takes part in the broadcast.
void expand(Call& call) {
    const ValueId x = call.input(0);
    const auto wanted = call.knownNumbers(1);
    if (!wanted || !call.rank(x)) {
        const ValueId target =
            call.emit("aten::zeros", {call.integerList(1), call.dtype(x) ? dtypeNumber(*call.dtype(x)) : none(), none(), none(), none()},
                      {call.dtype(x), std::nullopt});
        const ValueId both = call.emitScalar("aten::broadcast_tensors", {Operand(Operands{x, target})}, graph::TypeKind::TensorList);
        return call.output(0, call.emitMany("prim::ListUnpack", {both}, 2, {call.dtype(x), std::nullopt}).front());
    }
    Operands sizes = wanted->elements;
    const auto& from = call.value(x).shape;
    const std::size_t rank = static_cast<std::size_t>(call.needRank(x));
    while (sizes.size() < rank)
        sizes.insert(sizes.begin(), integer(1));
    auto shape = broadcast(dimsOf(sizes), from);
    for (std::size_t axis = 0; axis < rank; ++axis) {
        // 1 leaves the dimension of the input as it is: -1 for PyTorch.
        Operand& size = sizes[sizes.size() - rank + axis];
        if (size.literal<std::int64_t>() == 1) size = integer(-1);
    }
    call.output(0, call.emit("aten::expand", {x, integersOf(sizes), flag(false)}, {call.dtype(x), shape}));
}

void tile(Call& call) {
    const ValueId x = call.input(0);
    const auto& from = call.value(x).shape;
    std::optional<std::vector<Dim>> shape;
    if (from) shape = unknownDims(from->size());
    call.output(0, call.emit("aten::repeat", {x, call.integerList(1)}, {call.dtype(x), shape}));
}

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

void pad(Call& call) {
    const ValueId x = call.input(0);
    const std::string mode = call.textAttribute("mode", "constant");
    Operands amounts;
    Operand fill = number(call.floatAttribute("value", 0));
    if (call.opset() < 11) {
        for (const std::int64_t amount : call.integersAttribute("pads").value_or(Integers{}))
            amounts.push_back(integer(amount));
    } else {
        amounts = call.numbers(1);
        if (call.has(2)) {
            if (const tensor::Tensor* value = call.constant(2); value && value->elementCount() == 1)
                fill = call.isFloat(x) ? number(value->toFloats().front()) : integer(static_cast<std::int64_t>(value->toFloats().front()));
            else
                fill = call.emitScalar("aten::item", {call.input(2)}, graph::TypeKind::Any);
        }
    }
    const auto& from = call.value(x).shape;
    std::size_t rank = amounts.size() / 2;
    if (call.has(3)) {
        const Integers axes = call.constantIntegers(3, "axes");
        rank = static_cast<std::size_t>(call.needRank(x));
        if (axes.size() * 2 != amounts.size()) call.refuse("Pad has not two amounts for each axis.");
        Operands all(2 * rank, integer(0));
        for (std::size_t index = 0; index < axes.size(); ++index) {
            const auto axis = static_cast<std::size_t>(call.axisOf(axes[index], x));
            all.at(axis) = amounts[index];
            all.at(axis + rank) = amounts[index + axes.size()];
        }
        amounts = std::move(all);
    }
    if (amounts.size() % 2 != 0 || rank == 0 || rank > 64) call.refuse("Pad has not two amounts for each dimension.");
    // PyTorch counts from the last dimension, and reflects in up to three of them.
    std::size_t first = 0;
    if (mode != "constant") {
        while (first + 1 < rank && amounts[first].literal<std::int64_t>() == 0 && amounts[first + rank].literal<std::int64_t>() == 0)
            ++first;
    }
    Operands theirs;
    for (std::size_t axis = rank; axis-- > first;) {
        theirs.push_back(amounts[axis]);
        theirs.push_back(amounts[axis + rank]);
    }
    std::optional<std::vector<Dim>> shape;
    if (from && from->size() == rank) {
        shape = from;
        for (std::size_t axis = 0; axis < rank; ++axis) {
            const auto before = amounts[axis].literal<std::int64_t>(), after = amounts[axis + rank].literal<std::int64_t>();
            Dim& dim = (*shape)[axis];
            dim = before && after && dim.size >= 0 ? Dim{dim.size + *before + *after, ""} : (before == 0 && after == 0 ? dim : Dim{});
        }
    }
    const Known known{call.dtype(x), shape};
    if (mode == "constant") return call.output(0, call.emit("aten::constant_pad_nd", {x, integersOf(theirs), fill}, known));
    const char* theirMode = mode == "reflect" ? "reflect" : mode == "edge" ? "replicate" : mode == "wrap" ? "circular" : nullptr;
    if (!theirMode) call.refuse("The mode \"" + mode + "\" of Pad is not known.");
    // The last dimensions only; the same elements seen with a dimension of 1 in front where all are padded.
    ValueId source = x;
    const std::size_t padded = theirs.size() / 2;
    if (padded > 3) call.refuse("Pad repeats elements in more than three dimensions.");
    std::size_t added = 0;
    for (; rank + added < padded + 2; ++added)
        source = call.emit("aten::unsqueeze", {source, integer(0)}, {call.dtype(x), std::nullopt});
    ValueId result = call.emit("aten::pad", {source, integersOf(theirs), Operand(Literal(std::string(theirMode))), none()},
                               added == 0 ? known : Known{call.dtype(x), std::nullopt});
    for (; added > 0; --added)
        result = call.emit("aten::squeeze.dim", {result, integer(0)}, added == 1 ? known : Known{call.dtype(x), std::nullopt});
    call.output(0, result);
}

void depthToSpace(Call& call) {
    const ValueId x = call.input(0);
    const std::int64_t block = call.integerAttribute("blocksize", 0);
    if (block < 1 || block > 4096) call.refuse("DepthToSpace needs a block size.");
    const Known known{call.dtype(x), unknownDims(4)};
    if (call.textAttribute("mode", "DCR") == "CRD") return call.output(0, call.emit("aten::pixel_shuffle", {x, integer(block)}, known));
    // Channels are ordered block by block: bring the blocks behind the channels first.
    const Operand n = call.size(x, 0), h = call.size(x, 2), w = call.size(x, 3);
    ValueId y =
        call.emit("aten::reshape", {x, integersOf({n, integer(block * block), integer(-1), h, w})}, {call.dtype(x), unknownDims(5)});
    y = call.emit("aten::permute", {y, integers({0, 2, 1, 3, 4})}, {call.dtype(x), unknownDims(5)});
    y = call.emit("aten::flatten.using_ints", {y, integer(1), integer(2)}, known);
    call.output(0, call.emit("aten::pixel_shuffle", {y, integer(block)}, known));
}

void spaceToDepth(Call& call) {
    const ValueId x = call.input(0);
    const std::int64_t block = call.integerAttribute("blocksize", 0);
    if (block < 1 || block > 4096) call.refuse("SpaceToDepth needs a block size.");
    const Known known{call.dtype(x), unknownDims(4)}, five{call.dtype(x), unknownDims(5)};
    const Operand n = call.size(x, 0), c = call.size(x, 1);
    const ValueId packed = call.emit("aten::pixel_unshuffle", {x, integer(block)}, known);
    if (call.textAttribute("mode", "DCR") == "CRD") return call.output(0, packed);
    const Operand h = call.size(packed, 2), w = call.size(packed, 3);
    ValueId y = call.emit("aten::reshape", {packed, integersOf({n, c, integer(block * block), h, w})}, five);
    y = call.emit("aten::permute", {y, integers({0, 2, 1, 3, 4})}, five);
    call.output(0, call.emit("aten::flatten.using_ints", {y, integer(1), integer(2)}, known));
}

/// The middle of the input, or the input in the middle of zeros. An odd rest goes behind.
void centerCropPad(Call& call) {
    const ValueId x = call.input(0);
    const Operands sizes = call.numbers(1);
    const std::int64_t rank = call.needRank(x);
    Integers axes = call.integersAttribute("axes").value_or(Integers{});
    if (axes.empty()) {
        axes.resize(static_cast<std::size_t>(rank));
        std::iota(axes.begin(), axes.end(), 0);
    }
    if (axes.size() != sizes.size()) call.refuse("CenterCropPad has not as many sizes as axes.");
    // PyTorch counts from the last dimension; a negative amount cuts.
    Operands amounts(static_cast<std::size_t>(2 * rank), integer(0));
    auto shape = call.value(x).shape;
    for (std::size_t index = 0; index < axes.size(); ++index) {
        const std::int64_t axis = call.axisOf(axes[index], x);
        const Operand from = call.size(x, axis);
        const auto wanted = sizes[index].literal<std::int64_t>(), there = from.literal<std::int64_t>();
        Operand before, after;
        if (wanted && there) {
            before = integer((*wanted - *there) / 2);
            after = integer(*wanted - *there - (*wanted - *there) / 2);
        } else {
            const auto scalar = [&](const char* op, Operands operands) {
                return Operand(call.emitScalar(op, std::move(operands), graph::TypeKind::Int));
            };
            const Operand added = call.difference(sizes[index], from);
            const Operand padded = scalar("aten::floordiv.int", {scalar("prim::max.int", {added, integer(0)}), integer(2)});
            const Operand cut =
                scalar("aten::floordiv.int", {scalar("prim::max.int", {scalar("aten::neg.int", {added}), integer(0)}), integer(2)});
            before = call.difference(padded, cut);
            after = call.difference(added, before);
        }
        const auto place = static_cast<std::size_t>(2 * (rank - 1 - axis));
        amounts.at(place) = before;
        amounts.at(place + 1) = after;
        (*shape)[static_cast<std::size_t>(axis)] = Dim{wanted.value_or(-1), ""};
    }
    call.output(0, call.emit("aten::constant_pad_nd", {x, integersOf(amounts), integer(0)}, {call.dtype(x), shape}));
}

/// Columns of windows added up to images.
constexpr std::array entries{
    OperatorEntry{"CenterCropPad", centerCropPad},
    OperatorEntry{"Shape", shapeOf},
    OperatorEntry{"Size", sizeOf},
    OperatorEntry{"Reshape", reshape},
    OperatorEntry{"Flatten", flatten},
    OperatorEntry{"Transpose", transpose},
    OperatorEntry{"Squeeze", squeeze},
    OperatorEntry{"Unsqueeze", unsqueeze},
    OperatorEntry{"Concat", concat},
    OperatorEntry{"Split", split},
    OperatorEntry{"Expand", expand},
    OperatorEntry{"Tile", tile},
    OperatorEntry{"Slice", slice},
    OperatorEntry{"Pad", pad},
    OperatorEntry{"DepthToSpace", depthToSpace},
    OperatorEntry{"SpaceToDepth", spaceToDepth},
};

} // namespace

std::span<const OperatorEntry> shapeOperators() { return entries; }

} // namespace lathe::formats::onnx

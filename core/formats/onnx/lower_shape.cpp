// Shapes: asking for them, and operators that only move elements.
#include <algorithm>
#include <array>
#include <numeric>

#include <core/formats/onnx/operators.h>

namespace lathe::formats::onnx {

namespace {

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

constexpr std::array entries{
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
    OperatorEntry{"DepthToSpace", depthToSpace},
    OperatorEntry{"SpaceToDepth", spaceToDepth},
};

} // namespace

std::span<const OperatorEntry> shapeOperators() { return entries; }

} // namespace lathe::formats::onnx

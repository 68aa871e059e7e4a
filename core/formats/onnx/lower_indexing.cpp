// Gathering and scattering of elements.
#include <algorithm>
#include <array>

#include <core/formats/onnx/operators.h>

namespace lathe::formats::onnx {

namespace {

/// Indices below 0 count from the end: added to the size, where that cannot be excluded.
ValueId nonNegative(Call& call, ValueId indices, ValueId x, std::int64_t axis) {
    if (const tensor::Tensor* data = call.constantOf(indices)) {
        const tensor::Tensor wide = data->to(DType::Int64);
        if (std::ranges::all_of(wide.values<std::int64_t>(), [](std::int64_t index) { return index >= 0; }))
            return call.cast(indices, DType::Int64);
    }
    const ValueId wide = call.cast(indices, DType::Int64);
    return call.emit("aten::remainder.Scalar", {wide, call.size(x, axis)}, call.known(wide));
}

std::optional<std::vector<Dim>> gathered(Call& call, ValueId x, ValueId indices, std::int64_t axis) {
    const auto &from = call.value(x).shape, &index = call.value(indices).shape;
    if (!from || !index || axis >= static_cast<std::int64_t>(from->size())) return std::nullopt;
    std::vector<Dim> shape(from->begin(), from->begin() + axis);
    shape.insert(shape.end(), index->begin(), index->end());
    shape.insert(shape.end(), from->begin() + axis + 1, from->end());
    return shape;
}

/// Along an axis that is counted from behind, of an input whose rank is not known: of one index, or a list.
void gatherFromBehind(Call& call, ValueId x, ValueId indices, std::int64_t axis) {
    const tensor::Tensor* constant = call.constant(1);
    const Known known{call.dtype(x), std::nullopt};
    if (constant && constant->shape().empty()) {
        const std::int64_t index = constant->to(DType::Int64).values<std::int64_t>().front();
        return call.output(0, call.emit("aten::select.int", {x, integer(axis), integer(index)}, known));
    }
    if (call.rank(indices) != 1) call.refuse("How many dimensions the input of Gather has is not known.");
    const ValueId places = nonNegative(call, call.cast(indices, DType::Int64), x, axis);
    call.output(0, call.emit("aten::index_select", {x, integer(axis), places}, known));
}

void gather(Call& call) {
    const std::int64_t given = call.integerAttribute("axis", 0);
    if (const auto numbers = call.lowering().numbersOf(call.node().inputs.at(0)); numbers && !numbers->isScalar) {
        if (const auto indices = call.knownNumbers(1)) {
            Numbers picked;
            picked.isScalar = indices->isScalar;
            const auto count = static_cast<std::int64_t>(numbers->elements.size());
            for (const Operand& element : indices->elements) {
                const auto index = element.literal<std::int64_t>();
                if (!index || *index < -count || *index >= count) break;
                picked.elements.push_back(numbers->elements[static_cast<std::size_t>(*index < 0 ? *index + count : *index)]);
            }
            if (picked.elements.size() == indices->elements.size()) return call.output(0, std::move(picked));
        }
    }
    const ValueId x = call.input(0), indices = call.input(1);
    if (given < 0 && !call.rank(x)) return gatherFromBehind(call, x, indices, given);
    const std::int64_t axis = call.axisOf(given, x);
    if (axis > 64) call.refuse("The axis of Gather does not exist.");
    const Known known{call.dtype(x), gathered(call, x, indices, axis)};
    const tensor::Tensor* constant = call.constant(1);
    if (constant && constant->shape().empty()) {
        const std::int64_t index = constant->to(DType::Int64).values<std::int64_t>().front();
        return call.output(0, call.emit("aten::select.int", {x, integer(axis), integer(index)}, known));
    }
    // A table of vectors, looked up by number.
    const tensor::Tensor* table = call.constant(0);
    if (table && axis == 0 && table->shape().size() == 2 && call.isFloat(x) && !constant) {
        const ValueId wide = call.cast(indices, DType::Int64);
        return call.output(0,
                           call.emit("aten::embedding", {x, nonNegative(call, wide, x, 0), integer(-1), flag(false), flag(false)}, known));
    }
    Operands position(static_cast<std::size_t>(axis), none());
    position.emplace_back(call.cast(indices, DType::Int64));
    call.output(0, call.emit("aten::index.Tensor", {x, Operand(std::move(position))}, known));
}

void gatherElements(Call& call) {
    const ValueId x = call.input(0), indices = call.input(1);
    const std::int64_t axis = call.axisFromEitherEnd(call.integerAttribute("axis", 0), x);
    const ValueId index = nonNegative(call, indices, x, axis);
    call.output(0, call.emit("aten::gather", {x, integer(axis), index, flag(false)}, {call.dtype(x), call.value(indices).shape}));
}

/// How scattered elements are joined with those that are there; "" for replacing.
std::string joining(Call& call) {
    const std::string reduction = call.textAttribute("reduction", "none");
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> names{
        {{"none", ""}, {"add", "sum"}, {"mul", "prod"}, {"max", "amax"}, {"min", "amin"}}};
    for (const auto& [theirs, ours] : names) {
        if (reduction == theirs) return std::string(ours);
    }
    call.refuse("The reduction \"" + reduction + "\" of " + call.node().opType + " is not known.");
}

void scatterElements(Call& call) {
    const ValueId x = call.input(0), updates = call.input(2);
    const std::int64_t axis = call.axisFromEitherEnd(call.integerAttribute("axis", 0), x);
    const ValueId index = nonNegative(call, call.input(1), x, axis);
    const std::string how = joining(call);
    if (how.empty()) return call.output(0, call.emit("aten::scatter.src", {x, integer(axis), index, updates}, call.known(x)));
    call.output(
        0, call.emit("aten::scatter_reduce.two", {x, integer(axis), index, updates, Operand(Literal(how)), flag(true)}, call.known(x)));
}

/// The last dimension of the indices, one tensor for each of its positions.
Operands indexTuples(Call& call, ValueId indices, std::int64_t batchDimensions) {
    const auto& shape = call.value(indices).shape;
    const std::int64_t count = shape && !shape->empty() ? shape->back().size : -1;
    if (count < 0 || count > 64) call.refuse("How many indices an entry of " + call.node().opType + " has is not known.");
    const std::int64_t last = static_cast<std::int64_t>(shape->size()) - 1;
    const std::vector<Dim> dims(shape->begin(), shape->end() - 1);
    const ValueId wide = call.cast(indices, DType::Int64);
    Operands tuples;
    for (std::int64_t batch = 0; batch < batchDimensions; ++batch) {
        // The number of the batch itself, along its own dimension.
        const ValueId range = call.emit("aten::arange", {call.size(indices, batch), dtypeNumber(DType::Int64), none(), none(), none()},
                                        {DType::Int64, unknownDims(1)});
        Integers view(dims.size(), 1);
        view.at(static_cast<std::size_t>(batch)) = -1;
        tuples.emplace_back(call.emit("aten::reshape", {range, integers(std::move(view))}, {DType::Int64, unknownDims(dims.size())}));
    }
    for (std::int64_t at = 0; at < count; ++at)
        tuples.emplace_back(call.emit("aten::select.int", {wide, integer(last), integer(at)}, {DType::Int64, dims}));
    return tuples;
}

void gatherNd(Call& call) {
    const ValueId x = call.input(0);
    const Operands tuples = indexTuples(call, call.input(1), call.integerAttribute("batch_dims", 0));
    std::optional<std::vector<Dim>> shape;
    if (const auto rank = call.rank(x); rank && *rank >= static_cast<std::int64_t>(tuples.size()))
        shape = unknownDims(static_cast<std::size_t>(call.needRank(call.input(1)) - 1 + *rank) - tuples.size());
    call.output(0, call.emit("aten::index.Tensor", {x, Operand(tuples)}, {call.dtype(x), shape}));
}

void scatterNd(Call& call) {
    const ValueId x = call.input(0), updates = call.input(2);
    const std::string how = joining(call);
    const Operands tuples = indexTuples(call, call.input(1), 0);
    if (how.empty() || how == "sum")
        return call.output(0, call.emit("aten::index_put", {x, Operand(tuples), updates, flag(how == "sum")}, call.known(x)));
    // Joined along one dimension over all that the entries name: PyTorch's index_reduce.
    const auto shape = graph::staticShape(call.value(x));
    if (!shape || tuples.empty() || tuples.size() > shape->size()) call.refuse("ScatterND with a reduction needs a shape that is known.");
    ValueId flat = -1;
    for (std::size_t axis = 0; axis < tuples.size(); ++axis) {
        const std::int64_t size = (*shape)[axis];
        ValueId index = call.emit("aten::remainder.Scalar", {tuples[axis], integer(size)}, call.known(tuples[axis].value()));
        if (flat >= 0) {
            flat = call.emit("aten::mul.Tensor", {flat, integer(size)}, call.known(flat));
            index = call.emit("aten::add.Tensor", {flat, index, integer(1)}, call.known(flat));
        }
        flat = index;
    }
    Integers inner{-1}, whole(*shape);
    inner.insert(inner.end(), shape->begin() + static_cast<std::ptrdiff_t>(tuples.size()), shape->end());
    const ValueId rows = call.emit("aten::reshape", {x, integers(inner)}, {call.dtype(x), std::nullopt});
    const ValueId index = call.emit("aten::reshape", {flat, integers({-1})}, {DType::Int64, unknownDims(1)});
    const ValueId source = call.emit("aten::reshape", {updates, integers(inner)}, {call.dtype(x), std::nullopt});
    const ValueId joined = call.emit("aten::index_reduce", {rows, integer(0), index, source, Operand(Literal(how)), flag(true)},
                                     {call.dtype(x), std::nullopt});
    call.output(0, call.emit("aten::reshape", {joined, integers(whole)}, call.known(x)));
}

void nonZero(Call& call) {
    // An entry has an index for each dimension, which is what GatherND has to know of it.
    const Dim indices{call.rank(call.input(0)).value_or(-1), ""};
    const ValueId found = call.emit("aten::nonzero", {call.input(0)}, {DType::Int64, std::vector<Dim>{Dim{}, indices}});
    call.output(0, call.emit("aten::permute", {found, integers({1, 0})}, {DType::Int64, std::vector<Dim>{indices, Dim{}}}));
}

/// Elements along an axis where the condition, which may be shorter, is true.
void compress(Call& call) {
    ValueId x = call.input(0);
    std::int64_t axis = 0;
    if (call.attribute("axis"))
        axis = call.axisOf(call.integerAttribute("axis", 0), x);
    else
        x = call.emit("aten::reshape", {x, integers({-1})}, {call.dtype(x), unknownDims(1)});
    const ValueId found = call.emit("aten::nonzero", {call.input(1)}, {DType::Int64, unknownDims(2)});
    const ValueId index = call.emit("aten::reshape", {found, integers({-1})}, {DType::Int64, unknownDims(1)});
    call.output(0, call.emit("aten::index_select", {x, integer(axis), index}, {call.dtype(x), std::nullopt}));
}

void oneHot(Call& call) {
    const ValueId indices = call.input(0), values = call.input(2);
    const Operand depth = call.has(1) && call.constant(1)
                              ? integer(static_cast<std::int64_t>(call.constantNumber(1, "depth")))
                              : Operand(call.emitScalar("aten::Int.Tensor", {call.input(1)}, graph::TypeKind::Int));
    const std::int64_t axis = call.integerAttribute("axis", -1);
    const Known unknown{call.dtype(values), std::nullopt};
    const ValueId wide = call.cast(indices, DType::Int64);
    const auto rank = call.rank(indices);
    // The axis is one of the result, which has one more.
    const std::int64_t position = axis < 0 && rank ? axis + *rank + 1 : axis;
    if (rank && (position < 0 || position > *rank)) call.refuse("The axis of OneHot does not exist.");
    const ValueId index = call.emit("aten::unsqueeze", {wide, integer(position)}, {DType::Int64, std::nullopt});
    const ValueId range =
        call.emit("aten::arange", {depth, dtypeNumber(DType::Int64), none(), none(), none()}, {DType::Int64, unknownDims(1)});
    ValueId places = range;
    if (rank) {
        Integers view(static_cast<std::size_t>(*rank) + 1, 1);
        view[static_cast<std::size_t>(position)] = -1;
        places = call.emit("aten::reshape", {range, integers(std::move(view))}, {DType::Int64, std::nullopt});
    } else if (position < -1) {
        // Broadcasting counts from behind as well.
        Integers view(static_cast<std::size_t>(-std::max<std::int64_t>(position, -64)), 1);
        view.front() = -1;
        places = call.emit("aten::reshape", {range, integers(std::move(view))}, {DType::Int64, std::nullopt});
    } else if (position >= 0) {
        // In front of as many dimensions as the indices have behind the axis.
        const Known unknown64{DType::Int64, std::nullopt};
        const ValueId like = call.emit("aten::zeros_like", {index, none(), none(), none(), none(), none()}, unknown64);
        const ValueId moved = call.emit("aten::transpose.int", {like, integer(position), integer(-1)}, unknown64);
        const ValueId spread = call.emit("aten::add.Tensor", {moved, range, integer(1)}, unknown64);
        places = call.emit("aten::transpose.int", {spread, integer(position), integer(-1)}, unknown64);
    }
    // Outside [-depth, depth) nothing is hot: below 0 counts from the end once.
    const ValueId isBelow = call.emit("aten::lt.Scalar", {index, integer(0)}, {DType::Bool, std::nullopt});
    const ValueId raised = call.emit("aten::add.Scalar", {index, depth, integer(1)}, {DType::Int64, std::nullopt});
    const ValueId wrapped = call.emit("aten::where.self", {isBelow, raised, index}, {DType::Int64, std::nullopt});
    const ValueId isHot = call.emit("aten::eq.Tensor", {wrapped, places}, {DType::Bool, std::nullopt});
    const ValueId off = call.emit("aten::select.int", {values, integer(0), integer(0)}, {call.dtype(values), std::vector<Dim>{}});
    const ValueId on = call.emit("aten::select.int", {values, integer(0), integer(1)}, {call.dtype(values), std::vector<Dim>{}});
    call.output(0, call.emit("aten::where.self", {isHot, on, off}, unknown));
}

void trilu(Call& call) {
    const ValueId x = call.input(0);
    const Operand diagonal = call.has(1)
                                 ? (call.constant(1) ? integer(static_cast<std::int64_t>(call.constantNumber(1, "diagonal")))
                                                     : Operand(call.emitScalar("aten::Int.Tensor", {call.input(1)}, graph::TypeKind::Int)))
                                 : integer(0);
    const char* op = call.integerAttribute("upper", 1) != 0 ? "aten::triu" : "aten::tril";
    call.output(0, call.emit(op, {x, diagonal}, call.known(x)));
}

/// Each sequence of the batch reversed up to its own length.
void reverseSequence(Call& call) {
    const ValueId x = call.input(0);
    const std::int64_t batchAxis = call.integerAttribute("batch_axis", 1), timeAxis = call.integerAttribute("time_axis", 0);
    if (batchAxis + timeAxis != 1 || batchAxis < 0 || timeAxis < 0)
        call.refuse("ReverseSequence needs the batch and the time in its first two dimensions.");
    const Known numbers{DType::Int64, std::nullopt};
    Integers column(2, 1), row(2, 1);
    column[static_cast<std::size_t>(timeAxis)] = -1;
    row[static_cast<std::size_t>(batchAxis)] = -1;
    const ValueId range = call.emit("aten::arange", {call.size(x, timeAxis), dtypeNumber(DType::Int64), none(), none(), none()}, numbers);
    const ValueId time = call.emit("aten::reshape", {range, integers(column)}, numbers);
    const ValueId lengths = call.emit("aten::reshape", {call.cast(call.input(1), DType::Int64), integers(row)}, numbers);
    const ValueId mirrored = call.emit(
        "aten::sub.Tensor", {call.emit("aten::sub.Tensor", {lengths, integer(1), integer(1)}, numbers), time, integer(1)}, numbers);
    const ValueId isInside = call.emit("aten::lt.Tensor", {time, lengths}, {DType::Bool, std::nullopt});
    const ValueId index = call.emit("aten::where.self", {isInside, mirrored, time}, numbers);
    const ValueId batches =
        call.emit("aten::arange", {call.size(x, batchAxis), dtypeNumber(DType::Int64), none(), none(), none()}, numbers);
    const ValueId batch = call.emit("aten::reshape", {batches, integers(row)}, numbers);
    Operands position(2);
    position[static_cast<std::size_t>(timeAxis)] = index;
    position[static_cast<std::size_t>(batchAxis)] = batch;
    call.output(0, call.emit("aten::index.Tensor", {x, Operand(std::move(position))}, call.known(x)));
}

constexpr std::array entries{
    OperatorEntry{"Gather", gather},
    OperatorEntry{"GatherElements", gatherElements},
    OperatorEntry{"GatherND", gatherNd},
    OperatorEntry{"ScatterElements", scatterElements},
    OperatorEntry{"Scatter", scatterElements},
    OperatorEntry{"ScatterND", scatterNd},
    OperatorEntry{"NonZero", nonZero},
    OperatorEntry{"Compress", compress},
    OperatorEntry{"OneHot", oneHot},
    OperatorEntry{"Trilu", trilu},
    OperatorEntry{"ReverseSequence", reverseSequence},
};

} // namespace

std::span<const OperatorEntry> indexingOperators() { return entries; }

} // namespace lathe::formats::onnx

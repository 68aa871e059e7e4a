// Padding: what stands around a tensor, and what is cut off to its middle.
#include <array>
#include <numeric>

#include <core/formats/onnx/operators.h>

namespace lathe::formats::onnx {

namespace {

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

constexpr std::array entries{
    OperatorEntry{"Pad", pad},
    OperatorEntry{"CenterCropPad", centerCropPad},
};

} // namespace

std::span<const OperatorEntry> paddingOperators() { return entries; }

} // namespace lathe::formats::onnx
